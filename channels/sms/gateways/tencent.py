"""Tencent Cloud's SMS (2021-01-11): SendSms, and PullSmsSendStatusByPhoneNumber to ask what became of a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession

from channels.outcomes import SendUnknown
from channels.sms.gateways.errors import refusal
from channels.sms.gateways.exchange import Call, call
from channels.sms.gateways.gateway import Asked, Outgoing, Report
from channels.sms.gateways.signatures import tc3
from service.clock import Clock

NAME = "tencent"
_VERSION = "2021-01-11"
_JSON = "application/json; charset=utf-8"
_PAGE = 100
_AROUND = timedelta(minutes=2)  # how far both clocks may differ


@dataclass(frozen=True, slots=True)
class Tencent:
    """One account; see `Gateway`.

    What it can be asked for are reports, and a message has none before the phone was reached. So a message it does not
    know of may still be on its way, and is never sent again.
    """

    session: ClientSession
    clock: Clock
    key_id: str
    key_secret: str = field(repr=False)
    app_id: str
    region: str
    url: str
    sign: str
    templates: Mapping[str, str]
    variable_length: int
    price_fen: float
    name: str = NAME
    certain_after: timedelta | None = None

    def template(self, key: str) -> str | None:
        """See `Gateway`."""
        return self.templates.get(key)

    async def send(self, message: Outgoing) -> str:
        """See `Gateway`."""
        answer = await self.request(
            "SendSms",
            {
                "PhoneNumberSet": [message.phone],
                "SmsSdkAppId": self.app_id,
                "SignName": self.sign,
                "TemplateId": message.template,
                "TemplateParamSet": list(message.values.values()),
                "SessionContext": message.reference,
            },
        )
        statuses = answer.get("SendStatusSet")
        status = statuses[0] if isinstance(statuses, list) and len(statuses) == 1 else None
        if not isinstance(status, dict) or not isinstance(status.get("Code"), str):
            raise SendUnknown(NAME, "腾讯云的回答读不懂，先查询是否已发出。")
        if status["Code"] != "Ok":
            raise refusal(NAME, status["Code"], str(status.get("Message")), self.clock())
        serial = status.get("SerialNo")
        if not isinstance(serial, str) or not serial:
            raise SendUnknown(NAME, "腾讯云说接收了，却没有给编号，先查询是否已发出。")
        return serial

    async def query(self, asked: Asked) -> Report | None:
        """See `Gateway`.

        A report tells our reference only where the account was opened for that. Without one, it is this message's if
        it belongs to no other one to the number, and no other one waits for its answer, too.
        """
        begin, end = asked.sent_at - _AROUND, self.clock() + _AROUND
        answer = await self.request(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": int(begin.timestamp()),
                "EndTime": int(end.timestamp()),
                "Offset": 0,
                "Limit": _PAGE,
                "PhoneNumber": asked.phone,
                "SmsSdkAppId": self.app_id,
            },
        )
        statuses = answer.get("PullSmsSendStatusSet")
        for status in statuses if isinstance(statuses, list) else ():
            if not isinstance(status, dict):
                continue
            context, serial = status.get("SessionContext"), status.get("SerialNo")
            named = context == asked.reference or (asked.provider_id is not None and serial == asked.provider_id)
            unclaimed = asked.provider_id is None and asked.alone and not context and serial not in asked.others
            if isinstance(serial, str) and (named or unclaimed):
                return self._report(asked, status)
        return None

    async def request(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call of the API; what stands in its `Response`.

        Raises:
            SendRefused, SendUnknown: as its error code says.
        """
        at, host = self.clock(), urlsplit(self.url).netloc
        body = json.dumps(parameters, ensure_ascii=False).encode()
        signed = {"content-type": _JSON, "host": host, "x-tc-action": action.lower()}
        headers = {
            "Content-Type": _JSON,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Version": _VERSION,
            "X-TC-Timestamp": str(int(at.timestamp())),
            "X-TC-Region": self.region,
            "Authorization": tc3(self.key_id, self.key_secret, "sms", signed, body, at),
        }
        answer = await call(self.session, NAME, Call("POST", f"{self.url}/", headers, body))
        response = answer.get("Response") if isinstance(answer, dict) else None
        if not isinstance(response, dict):
            raise SendUnknown(NAME, "腾讯云的回答读不懂，先查询是否已发出。")
        error = response.get("Error")
        if error is not None:
            told = error if isinstance(error, dict) else {}
            raise refusal(NAME, str(told.get("Code")), str(told.get("Message")), at)
        return response

    def _report(self, asked: Asked, status: Mapping[str, Any]) -> Report:
        received = status.get("UserReceiveTime")
        at = datetime.fromtimestamp(received, UTC) if isinstance(received, int) and received > 0 else self.clock()
        delivered = status.get("ReportStatus") == "SUCCESS"
        return Report(str(status["SerialNo"]), asked.phone, delivered, str(status.get("Description") or ""), at)
