"""Tencent Cloud's SMS as its documentation has it: the signature is checked, limits hold, templates are matched."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from simulators.sms.account import LINK, Account, fill_positions, positions
from simulators.sms.carrier import Arrived, Carrier, Fault
from simulators.sms.endings import end_without_answer, garbled

NAME = "tencent"
_CHINA = ZoneInfo("Asia/Shanghai")
_SKEW = timedelta(minutes=5)
_A_DAY = 10


class _Refused(Exception):
    """The error of a whole call, or of the one number in it."""

    def __init__(self, code: str) -> None:
        self.code = code


@dataclass(slots=True)
class SimulatedTencent:
    """The API under one address."""

    account: Account
    carrier: Carrier

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        raw = await request.read()
        try:
            self._check_signature(request, raw)
            given = json.loads(raw)
            actions = {
                "PullSmsSendStatusByPhoneNumber": self._pull,
                "DescribeSmsTemplateList": self._templates,
                "DescribeSmsSignList": self._signs,
            }
            action = request.headers["X-TC-Action"]
            if action == "SendSms":
                return await self._send(request, given)
            if action not in actions:
                raise _Refused("InvalidAction")
            return _response(actions[action](given))
        except _Refused as refused:
            return _response({"Error": {"Code": refused.code, "Message": refused.code}})

    def _check_signature(self, request: web.Request, body: bytes) -> None:
        sent = request.headers.get("Authorization", "")
        if not sent.startswith(f"TC3-HMAC-SHA256 Credential={self.account.key_id}/"):
            raise _Refused("AuthFailure.SecretIdNotFound")
        parts = dict(part.strip().split("=", 1) for part in sent.removeprefix("TC3-HMAC-SHA256 ").split(", "))
        stamp = int(request.headers["X-TC-Timestamp"])
        names = parts["SignedHeaders"].split(";")
        # Names and values are lower-cased, as the documentation asks for.
        block = "".join(f"{name}:{request.headers[_original(name)].strip().lower()}\n" for name in names)
        canonical = "\n".join(["POST", "/", "", block, parts["SignedHeaders"], sha256(body).hexdigest()])
        day = f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d}"
        scope = f"{day}/sms/tc3_request"
        to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = f"TC3{self.account.key_secret}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), sha256).digest()
        right = hmac.new(key, to_sign.encode(), sha256).hexdigest()
        if right != parts["Signature"] or not {"content-type", "host"} <= set(names):
            raise _Refused("AuthFailure.SignatureFailure")
        if abs(self.carrier.clock().timestamp() - stamp) > _SKEW.total_seconds():
            raise _Refused("AuthFailure.SignatureExpire")
        if not request.headers.get("X-TC-Region") or request.headers.get("X-TC-Version") != "2021-01-11":
            raise _Refused("MissingParameter")

    async def _send(self, request: web.Request, given: Mapping[str, Any]) -> web.StreamResponse:
        fault = self.carrier.next_fault()
        if fault is Fault.LOST_REQUEST:
            return end_without_answer(request)
        status: dict[str, Any] = {"SerialNo": "", "PhoneNumber": given["PhoneNumberSet"][0], "Fee": 0, "IsoCode": "CN"}
        if isinstance(fault, str) and not isinstance(fault, Fault):
            return _response({"SendStatusSet": [status | {"Code": fault, "Message": fault}]})
        try:
            message = self._take(given)
        except _Refused as refused:
            return _response({"SendStatusSet": [status | {"Code": refused.code, "Message": refused.code}]})
        if fault is Fault.LOST_ANSWER:
            return end_without_answer(request)
        if fault is Fault.GARBLED_ANSWER:
            return garbled()
        if fault is Fault.LATE_ANSWER:
            await self.carrier.late.wait()
        status |= {"SerialNo": message.provider_id, "Fee": message.parts, "SessionContext": message.reference}
        return _response({"SendStatusSet": [status | {"Code": "Ok", "Message": "send success"}]})

    def _take(self, given: Mapping[str, Any]) -> Arrived:
        if given["SmsSdkAppId"] != self.account.app_id:
            raise _Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        phone = given["PhoneNumberSet"][0]
        if not (phone.startswith("+861") and len(phone) == 14):
            raise _Refused("InvalidParameterValue.IncorrectPhoneNumber")
        if given["SignName"] != self.account.sign:
            raise _Refused("FailedOperation.SignatureIncorrectOrUnapproved")
        text = self.account.templates.get(given["TemplateId"])
        if text is None or not given["TemplateId"].isdigit():
            raise _Refused("FailedOperation.TemplateUnapprovedOrNotExist")
        values = given.get("TemplateParamSet") or []
        if len(values) != positions(text):
            raise _Refused("FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
        if any(LINK.search(value) for value in values):
            raise _Refused("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter")
        if any(len(value) > self.account.variable_length for value in values):
            raise _Refused("InvalidParameterValue.TemplateParameterLengthLimit")
        filled = fill_positions(text, values)
        self._check_limits(phone, filled)
        context = given.get("SessionContext", "")
        return self.carrier.take(NAME, phone, self.account.sign, filled, given["TemplateId"], context)

    def _check_limits(self, phone: str, text: str) -> None:
        if any(each.text == text for each in self.carrier.sent(NAME, phone, timedelta(seconds=30))):
            raise _Refused("LimitExceeded.PhoneNumberThirtySecondLimit")
        today = self.carrier.clock().astimezone(_CHINA).date()
        day = self.carrier.sent(NAME, phone, timedelta(days=1))
        if len([each for each in day if each.at.astimezone(_CHINA).date() == today]) >= _A_DAY:
            raise _Refused("LimitExceeded.PhoneNumberDailyLimit")

    def _pull(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Reports of one number; a message whose report has not come is not among them."""
        found = [
            {
                "UserReceiveTime": int(each.reported_at.timestamp()),
                "CountryCode": "86",
                "SubscriberNumber": each.phone.removeprefix("+86"),
                "PhoneNumber": each.phone,
                "SerialNo": each.provider_id,
                "ReportStatus": "SUCCESS" if each.delivered else "FAIL",
                "Description": each.outcome,
                "SessionContext": each.reference if self.account.echoes_context else "",
            }
            for each in self.carrier.arrived
            if each.gateway == NAME
            and each.phone == given["PhoneNumber"]
            and each.reported_at is not None
            and given["BeginTime"] <= each.at.timestamp() <= given.get("EndTime", float("inf"))
        ]
        return {"PullSmsSendStatusSet": found[given["Offset"] :][: given["Limit"]]}

    def _templates(self, given: Mapping[str, Any]) -> dict[str, Any]:
        asked = [str(each) for each in given["TemplateIdSet"]]
        return {
            "DescribeTemplateStatusSet": [
                {"TemplateId": int(each), "StatusCode": 0, "TemplateContent": self.account.templates[each]}
                for each in asked
                if each in self.account.templates
            ]
        }

    def _signs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"DescribeSignListStatusSet": [{"SignId": 1, "SignName": self.account.sign, "StatusCode": 0}]}


def _original(name: str) -> str:
    return {"x-tc-action": "X-TC-Action"}.get(name, name)


def _response(content: Mapping[str, Any]) -> web.Response:
    return web.json_response({"Response": {**content, "RequestId": "simulated"}})
