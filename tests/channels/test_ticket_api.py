"""What other systems do with tickets: what they are answered, what they never see, and that nothing is done twice."""

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hotline import DISPATCHER, DRAFT
from sqlalchemy import func, select
from surface import NEW, TICKETS, Surface, bearer, error_of, surface_app
from yarl import URL

from channels.api.answered import Answer, forget_within
from service.audit import Deed, recorded_of
from service.identity.api_keys import KeyRefused, NewKey, Scope, every, revoke_within
from service.identity.roles import Role
from service.settings import Settings
from tickets.masking import WITHHELD
from tickets.moves import Verb
from tickets.tables import tickets
from tickets.ticket import Kind

REPLY = "阳光小区3号楼的电梯今天上午已经换好曳引机，试运行正常，您可以放心乘坐。"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # where the database makes no difference
PDF = b"%PDF-1.7\n" + b"page " * 300_000


async def registered(surface, key, **changes):
    response = await surface.post(key, json=NEW | changes)
    assert response.status == 201, await response.text()
    return await response.json()


async def stored(database):
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(tickets)))


async def test_a_registered_ticket_is_read_back_masked(surface, agent_key):
    made = await registered(surface, agent_key, category="住房和物业/电梯", external="SJ-1")
    read = await (await surface.get(agent_key, f"/{made['number']}")).json()

    assert read == made
    assert (read["state"], read["revision"], read["external"]) == ("submitted", 0, "SJ-1")
    assert (read["requester_name"], read["requester_phone"], read["masked"]) == ("王*", "138****8000", True)
    assert read["description"].endswith("138****8000")
    assert "conversation" not in read


@ON_SQLITE
async def test_the_promise_of_another_platform_is_kept(surface, agent_key):
    made = await registered(surface, agent_key, promised_at="2026-12-01T18:00:00+08:00", channel="upper")

    assert made["promised_at"] == "2026-12-01T18:00:00+08:00"


async def test_an_external_number_is_registered_once(surface, agent_key, database):
    number = (await registered(surface, agent_key, external="SJ-1"))["number"]
    again = await surface.post(agent_key, json=NEW | {"external": "SJ-1"})

    assert await error_of(again) == (409, "external_known")
    assert number in await again.text()
    assert await stored(database) == 1


async def test_a_whole_life_is_led_through_the_api(surface, desk_key, unit_key):
    number = (await registered(surface, desk_key))["number"]
    way = [
        (desk_key, "dispatch", {"unit": "cg"}),
        (unit_key, "accept", {}),
        (unit_key, "reply", {"text": REPLY}),
        (desk_key, "approve", {}),
        (desk_key, "resolve", {"solved": True, "satisfaction": 5}),
    ]
    for step, (key, verb, given) in enumerate(way):
        offered = await (await surface.get(key, f"/{number}/moves")).json()
        assert verb in [move["verb"] for move in offered["moves"]]
        response = await surface.move(key, number, verb, seen=step, **given)
        assert response.status == 200, await response.text()
    ticket = await response.json()
    assert (ticket["state"], ticket["lead"]["name"]) == ("resolved", "示例区城市管理局")

    lines = (await (await surface.get(unit_key, f"/{number}/timeline")).json())["timeline"]
    assert [line["verb"] for line in lines] == ["submit", *(verb for _, verb, _ in way)]
    assert lines[1]["actor"].startswith("api:key-")


@ON_SQLITE
async def test_moves_are_refused_with_their_own_codes(surface, desk_key, unit_key, agent_key):
    number = (await registered(surface, desk_key))["number"]

    assert await error_of(await surface.move(desk_key, number, "dispatch")) == (422, "given_missing")
    assert await error_of(await surface.move(desk_key, number, "approve")) == (409, "not_allowed")
    assert await error_of(await surface.move(agent_key, number, "dispatch", unit="cg")) == (403, "forbidden")
    assert await error_of(await surface.move(desk_key, number, "dispatch", unit="nobody")) == (409, "not_allowed")
    assert await error_of(await surface.move(desk_key, number, "dispatch", unit="cg", seen=7)) == (409, "changed")
    assert await error_of(await surface.move(unit_key, number, "accept")) == (404, "not_found")
    assert await error_of(await surface.move(desk_key, number, "fly")) == (400, "bad_request")


@ON_SQLITE
async def test_words_that_must_not_go_out_are_told_with_what_is_wrong(surface, hotline, unit_key):
    ticket = await hotline.accepted("cg")

    response = await surface.move(unit_key, ticket.number, "reply", text="已处理。")
    assert await error_of(response) == (422, "words_refused")
    findings = (await response.json())["error"]["findings"]
    assert {"code", "severity", "suggestion"} == findings[0].keys()
    assert findings[0]["severity"] == "hard"


async def test_pages_of_a_list_hold_every_ticket_once(surface, desk_key, unit_key, clock):
    numbers = []
    for each in range(5):
        clock.forward(minutes=each % 2)
        numbers.append((await registered(surface, desk_key, kind="help" if each % 2 else "complaint"))["number"])

    for order in ("newest", "step", "promise"):
        found, after = [], None
        while True:
            page = await (
                await surface.get(desk_key, order=order, limit="2", **({"after": after} if after else {}))
            ).json()
            found += [ticket["number"] for ticket in page["tickets"]]
            after = page["next"]
            if after is None:
                break
        assert sorted(found) == sorted(numbers)
    helped = await (await surface.get(desk_key, kind="help", state="submitted", open="true")).json()
    assert [ticket["number"] for ticket in helped["tickets"]] == [numbers[3], numbers[1]]
    assert (await (await surface.get(unit_key)).json())["tickets"] == []


async def test_a_units_key_sees_only_its_own(surface, hotline, unit_key):
    own = await hotline.dispatched("cg", replace(DRAFT, id="a"))
    other = await hotline.dispatched("zj", replace(DRAFT, id="b"))
    assisted = await hotline.submitted(replace(DRAFT, id="c"))
    await hotline.do(DISPATCHER, assisted, Verb.DISPATCH, unit="zj", units=("cg",))

    listed = await (await surface.get(unit_key)).json()
    assert [ticket["number"] for ticket in listed["tickets"]] == [own.number]
    helping = await (await surface.get(unit_key, involved="cg")).json()
    assert [ticket["number"] for ticket in helping["tickets"]] == [assisted.number]
    assert (await surface.get(unit_key, f"/{assisted.number}")).status == 200
    for path in ("", "/timeline", "/moves", "/attachments", "/attachments/1"):
        assert await error_of(await surface.get(unit_key, f"/{other.number}{path}")) == (404, "not_found")
    assert await error_of(await surface.get(unit_key, unit="zj")) == (403, "forbidden")


async def test_full_data_needs_the_scope_and_a_reason_and_is_recorded(surface, desk_key, agent_key, unit_key, database):
    made = await registered(surface, desk_key)
    path = f"/{made['number']}"
    wanted = {"personal": "true", "reason": "回访时核对电话"}

    assert await error_of(await surface.get(agent_key, path, **wanted)) == (403, "scope_missing")
    assert await error_of(await surface.get(desk_key, path, personal="true")) == (400, "bad_request")
    assert await database.read(recorded_of(made["number"])) == []

    shown = await (await surface.get(desk_key, path, **wanted)).json()
    assert (shown["requester_phone"], shown["requester_name"], shown["masked"]) == ("+8613800138000", "王女士", False)
    look = (await database.read(recorded_of(made["number"])))[0]
    assert (look.deed, look.reason, look.actor[:8]) == (Deed.LOOK, "回访时核对电话", "api:key-")


@ON_SQLITE
async def test_a_unit_never_learns_who_reported(surface, hotline, unit_key):
    ticket = await hotline.dispatched("cg", replace(DRAFT, kind=Kind.REPORT))

    shown = await (await surface.get(unit_key, f"/{ticket.number}", personal="true", reason="核实")).json()
    assert (shown["requester_name"], shown["requester_phone"], shown["masked"]) == (WITHHELD, WITHHELD, True)
    assert (shown["place"], shown["confidential"]) == ("阳光小区*号楼", True)


async def test_the_same_request_again_gets_the_same_answer(surface, agent_key, database):
    first = await surface.post(agent_key, once="a", json=NEW)
    again = await surface.post(agent_key, once="a", json=NEW)

    assert (await again.read(), again.status) == (await first.read(), 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await stored(database) == 1
    other = await surface.post(agent_key, once="a", json=NEW | {"name": "李女士"})
    assert await error_of(other) == (422, "idempotency_key_reused")


async def test_two_at_once_are_carried_out_once(surface, agent_key, database):
    answers = await asyncio.gather(*(surface.post(agent_key, once="a", json=NEW) for _ in range(6)))

    assert {answer.status for answer in answers} == {201}
    assert len({await answer.read() for answer in answers}) == 1
    assert await stored(database) == 1


async def test_an_answer_that_was_lost_in_a_crash_is_given_when_asked_again(surface, agent_key, database, monkeypatch):
    lost = RuntimeError("the process was killed after the commit")
    once = type(surface.answered).once

    async def killed(*arguments):
        await once(*arguments)
        raise lost

    monkeypatch.setattr(type(surface.answered), "once", killed)
    assert (await surface.post(agent_key, once="a", json=NEW)).status == 500
    monkeypatch.undo()

    assert (await surface.post(agent_key, once="a", json=NEW)).headers["Idempotent-Replayed"] == "true"
    assert await stored(database) == 1


@ON_SQLITE
async def test_a_crash_before_the_commit_leaves_nothing(surface, agent_key, database):
    made = Answer(201, "{}")

    def broken(_connection):
        raise RuntimeError

    key_id = agent_key.split("_")[1]
    with pytest.raises(RuntimeError):
        await surface.answered.once(key_id, "a", "print", broken)
    assert await surface.answered.once(key_id, "a", "print", lambda _connection: made) == made


@ON_SQLITE
async def test_a_refused_request_is_tried_again(surface, desk_key):
    number = (await registered(surface, desk_key))["number"]
    body = {"verb": "approve"}
    assert (await surface.post(desk_key, f"/{number}/moves", once="a", json=body)).status == 409

    assert (await surface.post(desk_key, f"/{number}/moves", once="a", json={"verb": "urge"})).status == 200


async def test_answers_are_forgotten_after_a_time(surface, agent_key, database, clock):
    await surface.post(agent_key, once="a", json=NEW)
    clock.forward(hours=1)

    assert await database.write(lambda connection: forget_within(connection, clock())) == 1
    assert (await surface.post(agent_key, once="a", json=NEW)).status == 201
    assert await stored(database) == 2


@ON_SQLITE
async def test_files_are_sent_and_fetched_as_streams(surface, agent_key):
    number = (await registered(surface, agent_key))["number"]
    path = f"/{number}/attachments"
    headers = {"Content-Type": "application/octet-stream"}

    first = await surface.post(agent_key, path, once="a", params={"name": "证据.pdf"}, data=PDF, headers=headers)
    again = await surface.post(agent_key, path, once="a", params={"name": "证据.pdf"}, data=PDF, headers=headers)
    assert (first.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    kept = (await (await surface.get(agent_key, path)).json())["attachments"]
    assert [(each["name"], each["size"], each["sha256"]) for each in kept] == [
        ("证据.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    ]
    got = await surface.get(agent_key, f"{path}/{kept[0]['id']}")
    assert await got.read() == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")


@ON_SQLITE
async def test_files_that_may_not_be_are_refused(surface, agent_key):
    number = (await registered(surface, agent_key))["number"]
    for content, kind, expected in (
        (b"", "application/octet-stream", (422, "refused")),
        (b"MZ program", "application/octet-stream", (415, "unsupported_type")),
        (b"%PDF-1.7\n" + b"x" * (10 * 1024 * 1024), "application/octet-stream", (413, "too_large")),
        (b"--x--", "multipart/form-data; boundary=x", (415, "unsupported_type")),
    ):
        response = await surface.post(
            agent_key,
            f"/{number}/attachments",
            params={"name": "文件"},
            data=content,
            headers={"Content-Type": kind},
        )
        assert await error_of(response) == expected


async def test_keys_are_needed_and_end_at_once(surface, agent_key, database, clock):
    for key in ("", "nonsense", "ltb_000000000000_" + "a" * 43, agent_key[:-1] + "~", agent_key + "a"):
        assert await error_of(await surface.get(key)) == (401, "key_invalid")
    other = agent_key[:-43] + "a" * 43
    assert await error_of(await surface.get(other)) == (401, "key_invalid")
    assert (await surface.get(agent_key)).status == 200

    key = (await database.read(every))[0]
    assert key.last_used_at == clock()
    await database.write(lambda connection: revoke_within(connection, key.name, clock()))
    assert await error_of(await surface.get(agent_key)) == (401, "key_invalid")


@ON_SQLITE
async def test_a_key_does_only_what_it_is_for(surface):
    reader = await surface.key(Scope.READ, roles=[Role.AGENT])
    writer = await surface.key(Scope.WRITE, roles=[Role.AGENT])

    assert await error_of(await surface.post(reader, json=NEW)) == (403, "scope_missing")
    assert await error_of(await surface.get(writer)) == (403, "scope_missing")
    auditor = await surface.key(Scope.READ, Scope.WRITE, roles=[Role.AUDITOR])
    assert await error_of(await surface.post(auditor, json=NEW)) == (403, "forbidden")
    assert (await surface.get(auditor)).status == 200


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "A"}, "名称只能用"),
        ({"scopes": frozenset()}, "可以做什么"),
        ({"roles": frozenset({Role.ADMINISTRATOR})}, "不能有 administrator"),
        ({"roles": frozenset({Role.AGENT, Role.UNIT_CLERK}), "units": frozenset({"cg"})}, "分成两个密钥"),
        ({"roles": frozenset({Role.UNIT_CLERK})}, "单位要和"),
        ({"roles": frozenset(), "units": frozenset({"cg"})}, "单位要和"),
        ({"roles": frozenset()}, "以什么身份做事"),
    ],
)
def test_a_key_that_gives_more_than_it_says_is_not_made(changes, complaint):
    wanted = NewKey("portal", frozenset({Scope.READ}), frozenset({Role.AGENT}))
    wanted.check()
    with pytest.raises(KeyRefused, match=complaint):
        replace(wanted, **changes).check()


@ON_SQLITE
async def test_a_key_that_asks_too_often_is_slowed_down(hotline, keyring, tmp_path):
    app = await surface_app(Settings(data_dir=tmp_path, api_requests_per_minute=2), hotline, keyring)
    async with TestClient(TestServer(app)) as client:
        surface = Surface(client, hotline, app["answered"])
        slow, other = (
            await surface.key(Scope.READ, roles=[Role.AGENT]),
            await surface.key(Scope.READ, roles=[Role.AGENT]),
        )
        for _ in range(2):
            assert (await surface.get(slow)).status == 200
        refused = await surface.get(slow)
        assert await error_of(refused) == (429, "too_many")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (await surface.get(other)).status == 200


BAD_BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[]", 400),
    (b"null", 400),
    (b"[" * 20_000, 400),
    (b"1" * 5_000, 400),
    (b'{"kind": "complaint"}', 400),
    (json.dumps(NEW | {"colour": "red"}).encode(), 400),
    (json.dumps(NEW | {"name": 5}).encode(), 400),
    (json.dumps(NEW | {"phone": "12"}).encode(), 400),
    (json.dumps(NEW | {"category": "没有/这个"}).encode(), 400),
    (json.dumps(NEW | {"promised_at": "0001-01-01T00:00:00+14:00"}).encode(), 400),
    (json.dumps(NEW | {"promised_at": "2026-12-01 18:00"}).encode(), 400),
    (json.dumps(NEW | {"name": "a\u0000b"}).encode(), 400),
    (json.dumps(NEW | {"name": "\ud800"}).encode(), 400),
    (json.dumps(NEW | {"description": "长" * 5001}).encode(), 400),
    (json.dumps(NEW | {"description": "长" * 70_000}).encode(), 413),
]


async def test_what_is_wrong_is_told_and_never_breaks_anything(surface, agent_key, database):
    for body, status in BAD_BODIES:
        response = await surface.post(agent_key, data=body, headers={"Content-Type": "application/json"})
        assert (await error_of(response))[0] == status, body[:80]
    form = await surface.post(agent_key, data={"kind": "complaint"})
    assert await error_of(form) == (415, "unsupported_type")
    bare = await surface.client.post(TICKETS, json=NEW, headers=bearer(agent_key))
    assert await error_of(bare) == (400, "idempotency_key_missing")
    assert await stored(database) == 0


BAD_QUERIES = [
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1&limit=2",
    "state=flying",
    "open=perhaps",
    "colour=red",
    "created_from=2026-01-01",
    "created_from=9999-12-31T23:59:59-14:00",
    "created_from=1e300",
    "unit=%00",
    "after=" + "x" * 201,
    "after=abc",
    "after=fDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk",  # |99999999999999999999999
    "order=step&after=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHwx",  # 0001-01-01T00:00:00+14:00|1
    "order=step&after=MjAyNi0wMS0wMVQwMDowMDowMHwx",  # a moment without a zone
]
TEXTS_WITHOUT_MEANING = ["street=%FF", "street=%ED%A0%80", "category=%F0%9F%99%82", "street=%27%3B--"]


async def test_a_list_that_cannot_be_is_refused(surface, agent_key):
    for query in BAD_QUERIES + TEXTS_WITHOUT_MEANING:
        response = await surface.client.get(URL(f"{TICKETS}?{query}", encoded=True), headers=bearer(agent_key))
        assert response.status == (200 if query in TEXTS_WITHOUT_MEANING else 400), query


async def test_a_number_that_is_none_is_not_found(surface, agent_key):
    for number in ("x", "20261121-00001-9", "%00", "20261121-99999-1", "a" * 500):
        for path in ("", "/timeline", "/moves", "/attachments"):
            url = URL(f"{TICKETS}/{number}{path}", encoded=True)
            assert (await error_of(await surface.client.get(url, headers=bearer(agent_key)))) == (404, "not_found")
