"""What the hotline's desk, its menu or its speech system can ask of the API."""

import math
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import Connection

from channels.api.answered import Answer, AnsweredRequests, fingerprint
from channels.api.door import idempotency_key
from channels.api.operations import Operation, Request
from channels.api.tickets import once
from channels.hotline.asking import CHANNEL, Asking
from channels.hotline.guides import Guides, GuideSms, GuidesRefused, OtherOrder
from channels.hotline.models import GuideOrder, GuideSent, Question, Spoken
from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.widget.errors import ApiError, bad_request
from knowledge_base.answer_log import AnswerLog
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from service.identity.api_keys import Scope
from tickets.intake.phone import is_mobile, parse_phone

ROOT = "/api/v1/hotline"
_SECONDS_UNTIL_KNOWN = 30
_SECONDS_UNTIL_RETRY = 60


@dataclass(frozen=True, slots=True)
class HotlineApi:
    """What can be asked."""

    asking: Asking
    knowledge: Knowledge
    answer_log: AnswerLog
    guides: Guides
    sms: GuideSms | None
    answered: AnsweredRequests

    def operations(self) -> list[Operation]:
        """Every operation, as it is served and documented."""
        return [
            Operation(
                "POST",
                ROOT + "/ask",
                "askHotline",
                "来电人问了一句：该怎么说",
                Scope.HOTLINE_ASK,
                self.ask,
                Spoken,
                body=Question,
            ),
            Operation(
                "POST",
                ROOT + "/guides",
                "sendGuide",
                "把办事指南用短信发给来电人",
                Scope.HOTLINE_SMS,
                self.send_guide,
                GuideSent,
                201,
                body=GuideOrder,
                may_be_unable=True,
            ),
        ]

    async def ask(self, request: Request) -> web.StreamResponse:
        """Decide, and keep the decision in the transaction that keeps the answer."""
        question: Question = request.body
        call = question.call or idempotency_key(request.web)
        # Systems may name a call by its caller's number all the same: it is kept under a keyed hash.
        conversation = f"{CHANNEL}:{self.guides.cipher.keyed_hash(f'call {request.key.id} {call}')[:32]}"
        spoken = await self.asking.answer(question, conversation)
        noted = self.answer_log.take(conversation)

        def work(connection: Connection) -> Answer:
            self.answer_log.write(connection, noted, self.guides.clock())
            return Answer(200, spoken.model_dump_json())

        return await once(self.answered, request, fingerprint("POST", request.web.path_qs, request.raw), work)

    async def send_guide(self, request: Request) -> web.StreamResponse:
        """Send a guide once. The record is written before anything is sent, so a crash sends nothing twice."""
        wanted: GuideOrder = request.body
        phone = parse_phone(wanted.phone)
        if phone is None or not is_mobile(phone):
            raise bad_request("phone 不是有效的手机号；座机收不到短信。")
        entry = self.knowledge.entry(wanted.entry)
        if entry is None:
            raise ApiError(404, "not_found", "没有这个条目，或者它现在没有对外发布。")
        told = self.sms.text_of(entry) if self.sms else None
        if self.sms is None or told is None:
            raise ApiError(409, "sms_off", "还没有设置短信平台，或者这一条没有可以发的短信，请口头告诉来电人。")
        print_of = fingerprint("POST", request.web.path_qs, request.raw)
        key = idempotency_key(request.web)
        try:
            order = await self.guides.begin(request.key.id, key, print_of, entry, told.text, phone)
        except OtherOrder as error:
            message = "这个 Idempotency-Key 已经用在另一个请求上了；每件事请用一个新的值。"
            raise ApiError(422, "idempotency_key_reused", message) from error
        except GuidesRefused as refused:
            raise _later(429, "too_many", str(refused), math.ceil(refused.after.total_seconds())) from refused
        await self._send(self.sms, order, phone, entry)
        sent = GuideSent(id=order, entry=entry.slug, text=told.text, parts=told.parts, link=told.link)

        def work(connection: Connection) -> Answer:
            self.guides.sent_within(connection, order)
            return Answer(201, sent.model_dump_json())

        return await once(self.answered, request, print_of, work)

    async def _send(self, sms: GuideSms, order: str, phone: str, entry: Entry) -> None:
        try:
            await sms.send(order, phone, entry)
        except SendUnknown as unknown:
            message = "短信平台还没有说是否收下；请用同一个 Idempotency-Key 再问一次，不会发两遍。"
            raise _later(503, "sms_unknown", message, _SECONDS_UNTIL_KNOWN) from unknown
        except SendRefused as refused:
            await self.guides.refused(order, f"{refused.service} {refused.code}")
            if refused.remedy is Remedy.PERMANENT:
                raise ApiError(422, "sms_refused", f"短信发不到这个号码：{refused.reason}") from refused
            seconds = math.ceil(refused.after.total_seconds()) if refused.after else _SECONDS_UNTIL_RETRY
            raise _later(503, "sms_later", f"短信现在发不出去：{refused.reason}", seconds) from refused


def _later(status: int, code: str, message: str, seconds: int) -> ApiError:
    return ApiError(status, code, message, {"Retry-After": str(max(1, seconds))})
