"""An SMS gateway that is plain HTTP, as many cities have one of their own: everything about it is settings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientSession

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.exchange import Call, call
from channels.sms.gateways.gateway import Asked, Outgoing, Report
from channels.sms.numbers import national
from channels.sms.parts import signed
from service.clock import CHINA, Clock
from service.sms_settings import SmsHttp

NAME = "http"
_DELAY = timedelta(minutes=10)
_BRACED = re.compile(r"\{([a-z0-9_]+)\}")
_ID_LIMIT = 100


@dataclass(frozen=True, slots=True)
class GenericHttp:
    """See `Gateway`."""

    session: ClientSession
    clock: Clock
    how: SmsHttp
    name: str = NAME

    @property
    def sign(self) -> str:
        """See `Gateway`."""
        return self.how.sign

    @property
    def price_fen(self) -> float:
        """See `Gateway`."""
        return self.how.price_fen

    @property
    def variable_length(self) -> int:
        """See `Gateway`."""
        return self.how.variable_length

    @property
    def certain_after(self) -> timedelta | None:
        """See `Gateway`."""
        known = bool(self.how.query_url) and self.how.certain_minutes
        return timedelta(minutes=known) if known else None

    def template(self, key: str) -> str | None:
        """See `Gateway`. A gateway that takes the text itself needs no ids."""
        return self.how.templates.get(key) if self.how.needs_template else key

    async def send(self, message: Outgoing) -> str:
        """See `Gateway`."""
        values = {
            "phone": national(message.phone),
            "phone_e164": message.phone,
            "text": message.text,
            "signed_text": signed(self.sign, message.text),
            "sign": self.sign,
            "template": message.template,
            "values_json": json.dumps(dict(message.values), ensure_ascii=False),
            "reference": message.reference,
            "provider_id": "",
            "day": self._day(self.clock()),
        }
        answer = await call(self.session, NAME, self._call(values))
        if not all(read(answer, path) == wanted for path, wanted in self.how.success.items()):
            raise self._refusal(read(answer, self.how.code_path) if self.how.code_path else None)
        provider_id = read(answer, self.how.id_path)
        if not provider_id or len(provider_id) > _ID_LIMIT:
            raise SendUnknown(NAME, f"短信平台说接收了，回答里却没有编号（{self.how.id_path}），先查询是否已发出。")
        return provider_id

    async def query(self, asked: Asked) -> Report | None:
        """See `Gateway`."""
        if not self.how.query_url:
            return None
        values = {
            "phone": national(asked.phone),
            "phone_e164": asked.phone,
            "reference": asked.reference,
            "provider_id": asked.provider_id or "",
            "day": self._day(asked.sent_at),
        }
        url = _with(_filled(self.how.query_url, values, quoted=True), _all_filled(self.how.query_fields, values))
        answer = await call(self.session, NAME, Call("GET", url, self.how.headers))
        state = read(answer, self.how.state_path)
        provider_id = asked.provider_id or read(answer, self.how.query_id_path)
        if state is None or not provider_id:
            return None
        return Report(provider_id[:_ID_LIMIT], asked.phone, self.arrived(state), state[:100], self.clock())

    def arrived(self, state: str) -> bool | None:
        """What the gateway's word for a state means; None: on its way."""
        if state in self.how.delivered:
            return True
        return False if state in self.how.failed else None

    def _call(self, values: Mapping[str, str]) -> Call:
        how, fields = self.how, _all_filled(self.how.fields, values)
        url = _filled(how.url, values, quoted=True)
        if how.method == "GET":
            return Call("GET", _with(url, fields), how.headers)
        if how.body == "form":
            headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"} | how.headers
            return Call("POST", url, headers, urlencode(fields).encode())
        headers = {"Content-Type": "application/json; charset=utf-8"} | how.headers
        return Call("POST", url, headers, json.dumps(fields, ensure_ascii=False).encode())

    def _refusal(self, code: str | None) -> SendRefused | SendUnknown:
        if code is None:
            return SendUnknown(NAME, "短信平台的回答读不懂，先查询是否已发出；请核对 success 和 code_path。")
        remedy = Remedy(self.how.refusals.get(code, Remedy.ANOTHER_WAY))
        after = _DELAY if remedy is Remedy.DELAY else None
        return SendRefused(
            NAME, code[:_ID_LIMIT], f"短信平台没有接收，代码 {code[:40]}，请按平台文档查原因。", remedy, after
        )

    @staticmethod
    def _day(at: datetime) -> str:
        return f"{at.astimezone(CHINA):%Y%m%d}"


def read(answer: Any, path: str) -> str | None:
    """What stands at a path of JSON, as text; None where nothing plain stands."""
    for step in path.split(".") if path else ():
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isascii() and step.isdigit() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return str(answer) if isinstance(answer, str | int) else None


def _all_filled(fields: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    return {name: _filled(text, values) for name, text in fields.items()}


def _filled(text: str, values: Mapping[str, str], *, quoted: bool = False) -> str:
    """A text with its placeholders filled once: what stands in a value is never read as a placeholder."""
    safe = {name: quote(value, safe="") for name, value in values.items()} if quoted else values
    return _BRACED.sub(lambda found: safe.get(found[1], ""), text)


def _with(url: str, fields: Mapping[str, str]) -> str:
    if not fields:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
