"""Aliyun's Dysms as its documentation has it: the signature is checked, limits hold, templates are matched."""

import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from simulators.sms.account import LINK, Account, fill_named, named_variables
from simulators.sms.carrier import Arrived, Carrier, Fault
from simulators.sms.endings import end_without_answer, garbled

NAME = "aliyun"
_CHINA = ZoneInfo("Asia/Shanghai")
_SKEW = timedelta(minutes=15)
_VALUE_LIMIT = 35
_LIMITED = "触发{}级流控Permits:{}"


class _Refused(Exception):
    """What the cloud answers instead of OK."""

    def __init__(self, code: str, message: str = "", status: int = 200) -> None:
        self.code, self.message, self.status = code, message or code, status


@dataclass(slots=True)
class SimulatedAliyun:
    """The API under one address."""

    account: Account
    carrier: Carrier
    seen: set[str] = field(default_factory=set)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        try:
            self._check_signature(request, await request.read())
            actions = {
                "SendSms": self._send,
                "QuerySendDetails": self._details,
                "GetSmsSign": self._sign,
                "GetSmsTemplate": self._template,
            }
            action = request.headers["x-acs-action"]
            if action not in actions:
                raise _Refused("InvalidAction.NotFound", status=404)
            return await actions[action](request)
        except _Refused as refused:
            body = {"Code": refused.code, "Message": refused.message, "RequestId": "simulated"}
            return web.json_response(body, status=refused.status)

    def _check_signature(self, request: web.Request, body: bytes) -> None:
        sent = request.headers.get("Authorization", "")
        if not sent.startswith(f"ACS3-HMAC-SHA256 Credential={self.account.key_id},"):
            raise _Refused("InvalidAccessKeyId.NotFound", status=404)
        parts = dict(part.strip().split("=", 1) for part in sent.removeprefix("ACS3-HMAC-SHA256 ").split(","))
        names = parts["SignedHeaders"].split(";")
        block = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
        pairs = sorted(request.query.items())
        query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
        hashed = sha256(body).hexdigest()
        canonical = "\n".join(["POST", "/", query, block, parts["SignedHeaders"], hashed])
        to_sign = f"ACS3-HMAC-SHA256\n{sha256(canonical.encode()).hexdigest()}"
        right = hmac.new(self.account.key_secret.encode(), to_sign.encode(), sha256).hexdigest()
        required = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"}
        if (
            right != parts["Signature"]
            or not required <= set(names)
            or request.headers["x-acs-content-sha256"] != hashed
        ):
            raise _Refused("SignatureDoesNotMatch", status=400)
        date = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(self.carrier.clock() - date) > _SKEW:
            raise _Refused("InvalidTimeStamp.Expired", status=400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self.seen:
            raise _Refused("SignatureNonceUsed", status=400)
        self.seen.add(nonce)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        fault = self.carrier.next_fault()
        if fault is Fault.LOST_REQUEST:
            return end_without_answer(request)
        if isinstance(fault, str) and not isinstance(fault, Fault):
            raise _Refused(fault)
        message = self._take(request)
        if fault is Fault.LOST_ANSWER:
            return end_without_answer(request)
        if fault is Fault.GARBLED_ANSWER:
            return garbled()
        if fault is Fault.LATE_ANSWER:
            await self.carrier.late.wait()
        return web.json_response(
            {"Code": "OK", "Message": "OK", "BizId": message.provider_id, "RequestId": "simulated"}
        )

    def _take(self, request: web.Request) -> Arrived:
        given = request.query
        phone = given.get("PhoneNumbers", "")
        if not (len(phone) == 11 and phone.isdigit() and phone.startswith("1")):
            raise _Refused("isv.MOBILE_NUMBER_ILLEGAL")
        if given.get("SignName") != self.account.sign:
            raise _Refused("isv.SMS_SIGNATURE_ILLEGAL")
        template = given.get("TemplateCode", "")
        text = self.account.templates.get(template)
        if text is None or not template.startswith("SMS_"):
            raise _Refused("isv.SMS_TEMPLATE_ILLEGAL")
        try:
            values = json.loads(given.get("TemplateParam") or "{}")
        except ValueError as error:
            raise _Refused("isv.INVALID_JSON_PARAM") from error
        for name in named_variables(text):
            if name not in values:
                raise _Refused("isv.TEMPLATE_MISSING_PARAMETERS")
            if not 1 <= len(values[name]) <= _VALUE_LIMIT:
                raise _Refused("isv.PARAM_LENGTH_LIMIT")
            if LINK.search(values[name]):
                raise _Refused("isv.PARAM_NOT_SUPPORT_URL")
        self._check_limits(f"+86{phone}", template)
        filled = fill_named(text, values)
        reference = given.get("OutId", "")
        return self.carrier.take(NAME, f"+86{phone}", self.account.sign, filled, template, reference)

    def _check_limits(self, phone: str, template: str) -> None:
        day = self.carrier.sent(NAME, phone, timedelta(days=1))
        if template not in self.account.codes:
            if len([each for each in day if each.template == template]) >= 50:
                raise _Refused("isv.BUSINESS_LIMIT_CONTROL", _LIMITED.format("天", 50))
            return
        codes = [each for each in day if each.template in self.account.codes]
        now = self.carrier.clock().astimezone(_CHINA)
        minute = now.replace(second=0, microsecond=0)
        for start, most, word in (
            (minute, 1, "分钟"),
            (minute.replace(minute=0), 5, "小时"),
            (now - timedelta(1), 10, "天"),
        ):
            if len([each for each in codes if each.at >= start]) >= most:
                raise _Refused("isv.BUSINESS_LIMIT_CONTROL", _LIMITED.format(word, most))

    async def _details(self, request: web.Request) -> web.StreamResponse:
        given = request.query
        size, page = int(given["PageSize"]), int(given["CurrentPage"])
        of_day = [
            each
            for each in self.carrier.arrived
            if each.gateway == NAME
            and each.phone == f"+86{given['PhoneNumber']}"
            and f"{each.at.astimezone(_CHINA):%Y%m%d}" == given["SendDate"]
            and given.get("BizId", each.provider_id) == each.provider_id
        ]
        shown = [self._detail(each) for each in of_day[(page - 1) * size : page * size]]
        listed = {"SmsSendDetailDTO": shown}
        return web.json_response({"Code": "OK", "TotalCount": str(len(of_day)), "SmsSendDetailDTOs": listed})

    @staticmethod
    def _detail(message: Arrived) -> dict[str, object]:
        status = {None: 1, False: 2, True: 3}[message.delivered]
        detail: dict[str, object] = {
            "PhoneNum": message.phone.removeprefix("+86"),
            "SendStatus": status,
            "SendDate": shown(message.at),
            "OutId": message.reference,
            "TemplateCode": message.template,
            "Content": f"【{message.sign}】{message.text}",
            "ErrCode": message.outcome,
        }
        return detail | ({"ReceiveDate": shown(message.reported_at)} if message.reported_at else {})

    async def _sign(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("SignName") != self.account.sign:
            raise _Refused("isv.SMS_SIGNATURE_ILLEGAL")
        return web.json_response({"Code": "OK", "SignName": self.account.sign, "SignStatus": 1})

    async def _template(self, request: web.Request) -> web.StreamResponse:
        text = self.account.templates.get(request.query.get("TemplateCode", ""))
        if text is None:
            raise _Refused("isv.SMS_TEMPLATE_ILLEGAL")
        return web.json_response({"Code": "OK", "TemplateStatus": "1", "TemplateContent": text})


def shown(moment: datetime) -> str:
    """A moment as Aliyun writes it."""
    return f"{moment.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}"
