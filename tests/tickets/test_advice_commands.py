"""What a dispatcher is told before deciding: `ticket suggest`, `ticket similar`, `alarm …`, and the same by the API."""

import asyncio
import json
from dataclasses import replace

import pytest
from hotline import DISPATCHER, DRAFT
from surface import bearer, error_of

from service.encryption import open_keyring
from service.identity.api_keys import Scope
from service.identity.roles import Role
from service.migrate import upgrade
from service.settings import load_settings
from service.storage import Database
from tickets.desk import TicketDesk
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.recurrence import Recurrence
from tickets.units import Unit, put_within

LIFTS = Rule(key="7", lead="示例区住房和城乡建设局", assisting=("示例区水务局",), keywords=("电梯",))
ALARMS = "/api/v1/alarms"


@pytest.fixture
def lifts(run, monkeypatch):
    """Two tickets about one lift, one of them alarming; a rule for lifts; a dispatcher and somebody of a unit."""
    monkeypatch.setenv("LTB_ENCODER", "false")

    async def register():
        chosen = load_settings()
        keyring = open_keyring(chosen.secret_key, chosen.data_dir)
        database = Database(chosen.sqlalchemy_url)
        await upgrade(database)
        desk = TicketDesk.open(database, keyring)
        units = [Unit("zj", LIFTS.lead), Unit("sw", LIFTS.assisting[0])]
        await database.write(lambda connection: put_within(connection, units, desk.lifecycle.clock()))
        await RuleStore(database).put(DISPATCHER, LIFTS)
        first = await desk.submit(DRAFT)
        danger = replace(DRAFT, id="draft-2", description=f"{DRAFT.description}，再不修我就从楼上跳楼", phone=None)
        second = await desk.submit(danger)
        await Recurrence.open(database, keyring).look()
        await database.close()
        return first.number, second.number

    numbers = asyncio.run(register())
    run("user", "add", "dispatcher", "--role", "dispatcher")
    run("user", "add", "clerk", "--role", "unit_clerk", "--unit", "zj")
    return numbers


def test_a_dispatcher_is_told_which_units_and_why(run, lifts):
    told = run("ticket", "suggest", lifts[0], "--as", "dispatcher").stdout
    assert "100%  zj  示例区住房和城乡建设局" in told
    assert "协办：sw 示例区水务局" in told
    assert "派单目录 7" in told
    shown = json.loads(run("ticket", "suggest", lifts[0], "--as", "dispatcher", "--json").stdout)
    assert (shown["units"][0]["code"], shown["automatic"], shown["rule"]) == ("zj", True, "7")


def test_a_dispatcher_is_told_what_a_ticket_repeats(run, lifts):
    first, second = lifts

    assert "同一地点" in run("ticket", "similar", first, "--as", "dispatcher").stdout
    rows = json.loads(run("ticket", "similar", second, "--as", "dispatcher", "--json").stdout)["similar"]
    assert [(row["number"], row["own"]) for row in rows] == [(first, False)]


def test_a_unit_is_not_told_of_the_tickets_of_others(run, lifts):
    run("ticket", "move", lifts[0], "dispatch", "--as", "dispatcher", "--unit", "zj")

    for what in ("suggest", "similar"):
        assert "由热线的同事来看" in run("ticket", what, lifts[0], "--as", "clerk", code=1).stderr
    assert run("alarm", "list", "--as", "clerk").stdout == ""


def test_an_alarm_is_seen_taken_care_of_and_closed_at_the_terminal(run, lifts):
    (alarm,) = json.loads(run("alarm", "list", "--as", "dispatcher", "--json").stdout)["alarms"]
    assert (alarm["grade"], alarm["count"]) == ("urgent", 1)
    assert lifts[1] in run("alarm", "show", alarm["id"], "--as", "dispatcher").stdout

    run("alarm", "ack", alarm["id"], "--as", "dispatcher")
    assert "dispatcher 在处理" in run("alarm", "list", "--as", "dispatcher").stdout
    assert "怎么处理的" in run("alarm", "close", alarm["id"], "--as", "dispatcher", "--outcome", " ", code=1).stderr
    run("alarm", "close", alarm["id"], "--as", "dispatcher", "--outcome", "已请110到场，人没事。")
    assert "没有要处理的" in run("alarm", "list", "--as", "dispatcher").stderr
    assert "不在了" in run("alarm", "show", alarm["id"], "--as", "dispatcher", code=1).stderr


async def test_other_systems_are_told_which_units_and_what_is_similar(surface, hotline, desk_key, unit_key, database):
    await RuleStore(database).put(DISPATCHER, LIFTS)
    await surface.client.app["recurrence"].look()
    first, second = [await hotline.submitted(replace(DRAFT, id=name)) for name in "ab"]
    await surface.client.app["recurrence"].look()

    similar = await (await surface.get(desk_key, f"/{second.number}/similar")).json()
    assert [(each["number"], each["own"]) for each in similar["similar"]] == [(first.number, True)]
    await surface.move(desk_key, first.number, "dispatch", unit="cg")
    assert await error_of(await surface.get(unit_key, f"/{first.number}/similar")) == (403, "forbidden")
    assert await error_of(await surface.get(unit_key, f"/{second.number}/suggestions")) == (404, "not_found")


async def test_an_alarm_is_taken_care_of_by_another_system_once(surface, hotline, desk_key, unit_key, database):
    await hotline.submitted(replace(DRAFT, description="再不解决我就从楼上跳楼"))
    await surface.client.app["recurrence"].look()

    async def ask(key, path="", once="", **options):
        headers = bearer(key) | {"Idempotency-Key": once or path or "list"}
        method = "POST" if path else "GET"
        return await surface.client.request(method, ALARMS + path, headers=headers, **options)

    (alarm,) = (await (await ask(desk_key)).json())["alarms"]
    assert (alarm["grade_label"], len(alarm["tickets"])) == ("紧急", 1)
    assert (await (await ask(unit_key)).json())["alarms"] == []
    assert await error_of(await ask(unit_key, f"/{alarm['id']}/acknowledge")) == (404, "not_found")

    seen = await (await ask(desk_key, f"/{alarm['id']}/acknowledge")).json()
    assert seen["acknowledged_by"].startswith("api:")
    closing = {"json": {"outcome": "已到场。"}}
    closed = await ask(desk_key, f"/{alarm['id']}/close", **closing)
    again = await ask(desk_key, f"/{alarm['id']}/close", **closing)
    assert (closed.status, again.status, again.headers["Idempotent-Replayed"]) == (200, 200, "true")
    assert await error_of(await ask(desk_key, f"/{alarm['id']}/acknowledge", "later")) == (404, "not_found")
    assert await error_of(await ask(desk_key, "/x/close", **closing)) == (404, "not_found")
    reader = await surface.key(Scope.READ, roles=[Role.SUPERVISOR])
    assert (await (await ask(reader)).json())["alarms"] == []
