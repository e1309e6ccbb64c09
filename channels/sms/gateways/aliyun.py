"""Aliyun's SMS (Dysms 2017-05-25): SendSms, and QuerySendDetails to ask what became of a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from aiohttp import ClientSession

from channels.outcomes import SendUnknown
from channels.sms.gateways.errors import refusal
from channels.sms.gateways.exchange import Call, call
from channels.sms.gateways.gateway import Asked, Outgoing, Report
from channels.sms.gateways.signatures import acs3, query_text
from channels.sms.numbers import national
from service.clock import CHINA, Clock

NAME = "aliyun"
_VERSION = "2017-05-25"
_PAGE = 50
_PAGES = 4  # of messages to one number in a day: more than anybody gets
_STATES = {1: None, 2: False, 3: True}


@dataclass(frozen=True, slots=True)
class Aliyun:
    """One account; see `Gateway`."""

    session: ClientSession
    clock: Clock
    key_id: str
    key_secret: str = field(repr=False)
    url: str
    sign: str
    templates: Mapping[str, str]
    price_fen: float
    name: str = NAME
    variable_length: int = 35
    certain_after: timedelta | None = timedelta(minutes=10)

    def template(self, key: str) -> str | None:
        """See `Gateway`."""
        return self.templates.get(key)

    async def send(self, message: Outgoing) -> str:
        """See `Gateway`."""
        answer = await self.request(
            "SendSms",
            PhoneNumbers=national(message.phone),
            SignName=self.sign,
            TemplateCode=message.template,
            TemplateParam=json.dumps(dict(message.values), ensure_ascii=False),
            OutId=message.reference,
        )
        biz_id = answer.get("BizId")
        if not isinstance(biz_id, str) or not biz_id:
            raise SendUnknown(NAME, "阿里云说接收了，却没有给编号，先查询是否已发出。")
        return biz_id

    async def query(self, asked: Asked) -> Report | None:
        """See `Gateway`. Looked for on the day it went and the next, as both clocks may differ around midnight."""
        days = {asked.sent_at.astimezone(CHINA), (asked.sent_at + timedelta(minutes=5)).astimezone(CHINA)}
        for day in sorted({f"{moment:%Y%m%d}" for moment in days}):
            for page in range(1, _PAGES + 1):
                details = await self._details(asked, day, page)
                for detail in details:
                    if detail.get("OutId") == asked.reference:
                        return self._report(asked, detail)
                if len(details) < _PAGE:
                    break
        return None

    async def request(self, action: str, **parameters: str) -> dict[str, Any]:
        """One call of the API.

        Raises:
            SendRefused, SendUnknown: as its error code says.
        """
        headers = {
            "host": urlsplit(self.url).netloc,
            "x-acs-action": action,
            "x-acs-version": _VERSION,
            "x-acs-date": f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": uuid4().hex,
            "x-acs-content-sha256": sha256(b"").hexdigest(),
        }
        authorization = acs3(self.key_id, self.key_secret, headers, parameters)
        url = f"{self.url}/?{query_text(parameters)}"
        answer: dict[str, Any] | None = await call(
            self.session, NAME, Call("POST", url, headers | {"Authorization": authorization})
        )
        code = answer.get("Code") if isinstance(answer, dict) else None
        if answer is None or not isinstance(code, str):
            raise SendUnknown(NAME, "阿里云的回答读不懂，先查询是否已发出。")
        if code != "OK":
            raise refusal(NAME, code, str(answer.get("Message")), self.clock())
        return answer

    async def _details(self, asked: Asked, day: str, page: int) -> list[dict[str, Any]]:
        parameters = {"SendDate": day, "PageSize": str(_PAGE), "CurrentPage": str(page)}
        answer = await self.request("QuerySendDetails", PhoneNumber=national(asked.phone), **parameters)
        listed = answer.get("SmsSendDetailDTOs")
        details = listed.get("SmsSendDetailDTO") if isinstance(listed, dict) else None
        return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []

    def _report(self, asked: Asked, detail: Mapping[str, Any]) -> Report:
        # The list of details names no BizId; what stands instead is enough to tell the row apart.
        provider_id = asked.provider_id or asked.reference
        status = detail.get("SendStatus")
        delivered = _STATES.get(status) if isinstance(status, int) else None
        at = _moment(detail.get("ReceiveDate")) or self.clock()
        return Report(provider_id, asked.phone, delivered, str(detail.get("ErrCode") or ""), at, asked.reference)


def _moment(text: object) -> datetime | None:
    """A moment as Aliyun writes it, in China's time; None where there is none."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
