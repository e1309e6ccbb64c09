"""Pushes reports and replies, as each cloud writes them, and again when they are not taken."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from simulators.sms.aliyun import shown
from simulators.sms.carrier import Arrived, Carrier

_ALIYUN_PAUSES = (60.0, 300.0, 600.0)
_TIMEOUT = ClientTimeout(total=10)


@dataclass(slots=True)
class Pusher:
    """Knows where the customer wants reports and replies: `<callback>/<gateway>/report` and `…/reply`.

    Attributes:
        callback: empty: nothing is pushed.
        pauses: between the tries, in seconds.
    """

    session: ClientSession
    carrier: Carrier
    callback: str
    pauses: Sequence[float] = _ALIYUN_PAUSES
    sequence: "count[int]" = count(1)  # noqa: RUF009  # of replies, whichever simulator pushes them

    async def report(self, *messages: Arrived) -> bool:
        """Push the reports of messages of one gateway; whether they were taken."""
        for message in messages:
            if message.delivered is None:
                self.carrier.settle(message)
        reports = [_aliyun_report(each) if each.gateway == "aliyun" else _tencent_report(each) for each in messages]
        return await self._push(messages[0].gateway, "report", reports)

    async def reply(self, gateway: str, phone: str, text: str) -> bool:
        """Push what somebody answered; whether it was taken."""
        at, number = self.carrier.clock(), phone.removeprefix("+86")
        if gateway == "aliyun":
            said: Any = [
                {
                    "phone_number": number,
                    "content": text,
                    "send_time": shown(at),
                    "dest_code": "1",
                    "sequence_id": str(next(self.sequence)),
                }
            ]
        else:
            said = {
                "extend": "",
                "mobile": number,
                "nationcode": "86",
                "sign": "",
                "text": text,
                "time": int(at.timestamp()),
            }
        return await self._push(gateway, "reply", said)

    async def _push(self, gateway: str, kind: str, body: Any) -> bool:
        if not self.callback:
            return False
        for pause in (*self.pauses, None):
            try:
                url = f"{self.callback}/{gateway}/{kind}"
                async with self.session.post(url, json=body, timeout=_TIMEOUT) as response:
                    answer = await response.json(content_type=None) if response.ok else None
            except (ClientError, TimeoutError, ValueError):
                answer = None
            if isinstance(answer, dict) and 0 in (answer.get("code"), answer.get("result")):
                return True
            if pause is not None:
                await asyncio.sleep(pause)
        return False


def _aliyun_report(message: Arrived) -> dict[str, Any]:
    return {
        "phone_number": message.phone.removeprefix("+86"),
        "send_time": shown(message.at),
        "report_time": shown(message.reported_at or message.at),
        "success": bool(message.delivered),
        "err_code": message.outcome,
        "err_msg": "用户接收成功" if message.delivered else "没有送达",
        "sms_size": str(message.parts),
        "biz_id": message.provider_id,
        "out_id": message.reference,
    }


def _tencent_report(message: Arrived) -> dict[str, Any]:
    return {
        "user_receive_time": shown(message.reported_at or message.at),
        "nationcode": "86",
        "mobile": message.phone.removeprefix("+86"),
        "report_status": "SUCCESS" if message.delivered else "FAIL",
        "errmsg": message.outcome,
        "description": "用户短信送达成功" if message.delivered else "没有送达",
        "sid": message.provider_id,
    }
