"""The hotline's desk: a question gets something to say, and a guide goes out once."""

import asyncio
from itertools import count

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import select
from surface import bearer, error_of

from channels.api import serving
from channels.api.answered import AnsweredRequests
from channels.hotline.asking import Asking
from channels.hotline.guides import Guides, GuideText, GuideTexts
from channels.hotline.operations import HotlineApi
from channels.hotline.tables import hotline_guides
from channels.outcomes import Remedy, SendRefused, SendUnknown
from knowledge_base.tables import answers
from service.identity.api_keys import NewKey, Scope, add_within
from service.settings import Settings
from tickets.attachments.store import Attachments
from tickets.categories.tree import Categories

_NUMBERS = count(10_000_000)


class FakeGuideSms:
    def __init__(self):
        self.sent, self.failures = {}, []

    def text_of(self, entry):
        return GuideText(f"【热线】办事指南：https://w.cn/guide/{entry.slug}", 1, f"https://w.cn/guide/{entry.slug}")

    async def send(self, order, phone, entry):
        if self.failures:
            raise self.failures.pop(0)
        self.sent[order] = (phone, entry.slug)


@pytest.fixture
def sms():
    return FakeGuideSms()


@pytest.fixture
def phone():
    return f"139{next(_NUMBERS)}"


@pytest_asyncio.fixture
async def desk(parts, sms):
    database, clock, settings = parts.database, parts.clock, parts.settings
    answered = AnsweredRequests(database, parts.keyring.cipher("api"), clock)
    hotline = HotlineApi(
        asking=Asking(parts.assistant, parts.knowledge, GuideTexts(sms)),
        knowledge=parts.knowledge,
        answer_log=parts.answer_log,
        guides=Guides(database, parts.keyring.cipher("citizens"), Settings(guides_per_phone_day=2), clock),
        sms=sms,
        answered=answered,
    )
    app = web.Application()
    attachments = Attachments.open(settings, database, parts.keyring, clock)
    access = serving.open_access(settings, database, clock)
    others = hotline.operations()
    lifecycle, routing, recurrence = parts.desk.lifecycle, parts.routing, parts.recurrence
    serving.install(
        app, settings, lifecycle, access, answered, attachments, routing, recurrence, Categories.load(), others
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def key_for(parts, *scopes):
    wanted = NewKey(f"ivr-{next(_NUMBERS)}", frozenset(scopes))
    return await parts.database.write(lambda connection: add_within(connection, wanted, parts.clock()))


@pytest_asyncio.fixture
async def key(parts):
    return await key_for(parts, Scope.HOTLINE_ASK, Scope.HOTLINE_SMS)


@pytest.fixture
def post(desk, key):
    async def send(path, once=None, with_key=None, **body):
        headers = bearer(with_key or key) | {"Idempotency-Key": once or f"once-{next(_NUMBERS)}"}
        return await desk.post(f"/api/v1/hotline/{path}", json=body, headers=headers)

    return send


@pytest.fixture
def ask(post):
    async def said(text, **more):
        response = await post("ask", text=text, **more)
        assert response.status == 200, await response.text()
        return await response.json()

    return said


async def logged(parts):
    statement = select(answers).where(answers.c.channel == "phone").order_by(answers.c.id.desc())
    return await parts.database.read(lambda connection: connection.execute(statement).all())


async def test_a_question_gets_the_published_short_answer_to_be_said(ask, parts):
    told = await ask("身份证过期了在外地能换吗")

    assert told["decision"] == "answer"
    assert told["entry"]["slug"] == "id-card"
    assert not any(character.isdigit() for character in told["speech"])
    assert told["sms_offer"]["available"]
    assert told["handover"] == {"advised": False, "reason": "", "numbers": []}
    row = (await logged(parts))[0]
    assert (row.verb, row.entry, row.channel) == ("answer", "id-card", "phone")


async def test_it_is_the_decision_that_citizens_get_in_writing(ask, parts):
    for text in ("身份证过期了在外地能换吗", "孩子有什么补贴", "社保卡丢了怎么补办"):
        written = await parts.knowledge.decide(text, channel="widget")
        assert (await ask(text))["decision"] == written.kind


async def test_a_follow_up_stays_with_what_was_spoken_of(ask):
    told = await ask("那要带什么材料", about="id-card")

    assert (told["entry"]["slug"], told["entry"]["facet"]) == ("id-card", "材料")


async def test_at_most_three_choices_are_read_out_and_picked_by_saying_which(ask):
    told = await ask("孩子有什么补贴")
    assert told["decision"] == "choices"
    assert 1 <= len(told["choices"]) <= 3
    assert told["choices"][0]["speech"].startswith("第一，")
    assert all(choice["speech"] in told["speech"] for choice in told["choices"])

    slugs = [choice["slug"] for choice in told["choices"]]
    picked = await ask("第一个", choices=slugs)
    assert picked["entry"]["slug"] == slugs[0]
    assert (await ask("都不是", choices=slugs))["decision"] in ("no_answer", "unclear")


@pytest.mark.parametrize(
    ("words", "number"), [("我家着火了", "119"), ("我爸突然晕倒没有呼吸了", "120"), ("我被骗了五万块", "110")]
)
async def test_danger_comes_first(ask, words, number):
    told = await ask(words, about="id-card")

    assert told["decision"] == "emergency"
    assert number in told["handover"]["numbers"]
    assert not any(character.isdigit() for character in told["speech"])


async def test_who_wants_a_person_or_complains_is_handed_over(ask):
    assert (await ask("转人工"))["handover"]["reason"] == "asked"
    told = await ask("我要投诉楼下烧烤摊，天天半夜油烟熏人")
    assert (told["decision"], told["handover"]["reason"]) == ("handover", "request")
    told = await ask("我要投诉小区物业，电梯坏了半个月没人修")
    assert told["handover"]["reason"] == "request", "also where there is something to be said about it"


async def test_no_answer_is_said_and_handed_over(ask, parts):
    told = await ask("外星人入境要办什么证")

    assert told["decision"] in ("no_answer", "choices")
    told = await ask("嗯")
    assert told["decision"] in ("unclear", "handover")


async def test_the_same_request_is_logged_and_answered_once(post, parts):
    before = len(await logged(parts))
    responses = [await post("ask", once="same", text="身份证过期了在外地能换吗") for _ in range(3)]

    assert len({await response.text() for response in responses}) == 1
    assert len(await logged(parts)) == before + 1
    other = await post("ask", once="same", text="居住证怎么办")
    assert await error_of(other) == (422, "idempotency_key_reused")


async def test_a_call_is_kept_under_no_number_of_the_callers(ask, parts):
    await ask("身份证过期了在外地能换吗", call="13800138000")

    assert "13800138000" not in str((await logged(parts))[0])


async def test_each_scope_is_for_its_own(post, parts, phone):
    asks = await key_for(parts, Scope.HOTLINE_ASK)
    sends = await key_for(parts, Scope.HOTLINE_SMS)

    assert await error_of(await post("guides", with_key=asks, entry="id-card", phone=phone)) == (403, "scope_missing")
    assert await error_of(await post("ask", with_key=sends, text="居住证")) == (403, "scope_missing")


async def test_a_guide_is_sent_and_recorded(post, parts, sms, phone):
    response = await post("guides", entry="id-card", phone=phone)
    sent = await response.json()

    assert response.status == 201
    assert sms.sent == {sent["id"]: (f"+86{phone}", "id-card")}
    row = await record_of(parts, sent["id"])
    assert (row.entry, row.refused) == ("id-card", None)
    assert row.sent_at is not None
    assert phone.encode() not in row.phone


async def record_of(parts, order):
    statement = select(hotline_guides).where(hotline_guides.c.id == order)
    return await parts.database.read(lambda connection: connection.execute(statement).one())


async def test_the_same_request_sends_one_guide_also_at_once(post, sms, phone):
    responses = await asyncio.gather(
        *(post("guides", once=f"g-{phone}", entry="id-card", phone=phone) for _ in range(5))
    )

    assert {response.status for response in responses} == {201}
    assert len(sms.sent) == 1


async def test_after_a_lost_answer_the_same_order_is_asked_about(post, sms, phone):
    sms.failures.append(SendUnknown("aliyun", "超时"))
    first = await post("guides", once=f"g-{phone}", entry="id-card", phone=phone)
    assert await error_of(first) == (503, "sms_unknown")
    assert "Retry-After" in first.headers

    again = await post("guides", once=f"g-{phone}", entry="id-card", phone=phone)
    assert again.status == 201
    assert len(sms.sent) == 1


async def test_a_refused_guide_is_told_why_and_does_not_count(post, parts, sms, phone):
    for remedy, told in (
        (Remedy.PERMANENT, (422, "sms_refused")),
        (Remedy.RETRY, (503, "sms_later")),
        (Remedy.DELAY, (503, "sms_later")),
    ):
        sms.failures.append(SendRefused("aliyun", "code", "原因", remedy))
        assert await error_of(await post("guides", entry="id-card", phone=phone)) == told

    assert (await post("guides", entry="id-card", phone=phone)).status == 201


async def test_a_number_gets_the_same_guide_not_twice_in_a_row_and_a_few_a_day(post, phone):
    assert (await post("guides", entry="id-card", phone=phone)).status == 201
    again = await post("guides", entry="id-card", phone=phone)
    assert await error_of(again) == (429, "too_many")
    assert int(again.headers["Retry-After"]) <= 600
    assert (await post("guides", entry="residence-permit", phone=phone)).status == 201
    assert await error_of(await post("guides", entry="social-security-card", phone=phone)) == (429, "too_many")


@pytest.mark.parametrize("number", ["010-62345678", "12345", "abc", "+1 650 253 0000"])
async def test_what_is_no_mobile_number_is_refused(post, number):
    assert await error_of(await post("guides", entry="id-card", phone=number)) == (400, "bad_request")


async def test_what_is_not_published_is_not_sent(post, phone):
    assert await error_of(await post("guides", entry="no-such", phone=phone)) == (404, "not_found")


async def test_both_operations_answer_as_the_document_declares(desk, post, phone):
    document = await (await desk.get("/api/v1/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    for path, status, body in (
        ("ask", "200", {"text": "孩子有什么补贴"}),
        ("ask", "200", {"text": "身份证过期了在外地能换吗"}),
        ("ask", "400", {"text": ""}),
        ("guides", "201", {"entry": "id-card", "phone": phone}),
        ("guides", "429", {"entry": "id-card", "phone": phone}),
    ):
        response = await post(path, **body)
        assert response.status == int(status)
        declared = document["paths"][f"/api/v1/hotline/{path}"]["post"]["responses"][status]
        schema = declared["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": document["components"]}).validate(await response.json())
