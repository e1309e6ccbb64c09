"""The list of units: changed now or on a day to come, never behind anybody's back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hotline import UNITS

from service.audit import Deed, recorded_of
from service.clock import china_moment
from service.identity.roles import Actor, Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.unit_changes import UnitList
from tickets.unit_history import called_now, history_of, plans_within
from tickets.units import Unit, UnitRefused, directory, put_within

ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
CG, ZJ, SW = UNITS
DECEMBER = date(2026, 12, 1)
BEGINS = china_moment(DECEMBER)


@pytest.fixture
async def units(database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    return UnitList(database, clock)


async def named(units):
    return {unit.code: unit for unit in await units.database.read(directory)}


async def test_a_change_counts_at_once_and_says_who_when_and_why(units):
    await units.put(ROOT, [replace(CG, name="市城管局", phone="010-1234")], reason="机构改革")
    assert (await named(units))["cg"] == Unit("cg", "市城管局", phone="010-1234")

    (change,) = await units.database.read(history_of("cg"))
    assert (change.actor, change.reason, change.before, change.after.name) == ("root", "机构改革", CG, "市城管局")
    (line,) = await units.database.read(recorded_of("unit cg"))
    assert (line.deed, line.reason) == (Deed.SETTINGS, "机构改革")
    assert line.details == {"name": "市城管局", "phone": "010-1234"}


async def test_a_planned_change_begins_by_itself_on_its_day_and_keeps_what_was_changed_meanwhile(units, clock):
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="机构改革", begins_on=DECEMBER)
    await units.put(ROOT, [replace(CG, phone="12319")], reason="换了电话")
    clock.moment = BEGINS - timedelta(minutes=1)
    assert await units.begin_due() == 0
    assert (await named(units))["cg"].name == CG.name

    clock.moment = BEGINS
    assert await units.begin_due() == 1
    assert (await named(units))["cg"] == Unit("cg", "市城管局", phone="12319")
    assert await units.begin_due() == 0
    newest = (await units.database.read(history_of("cg")))[0]
    assert (newest.actor, newest.reason) == ("root", "机构改革")


async def test_a_planned_change_can_be_withdrawn_before_its_day_and_not_after(units, clock):
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="改革", begins_on=DECEMBER)
    await units.put(ROOT, [replace(ZJ, name="市住建局")], reason="改革", begins_on=DECEMBER)
    first, second = await units.database.read(plans_within)
    await units.withdraw(ROOT, first.id)
    clock.moment = BEGINS + timedelta(hours=8)
    assert await units.begin_due() == 1
    assert [(await named(units))[code].name for code in ("cg", "zj")] == [CG.name, "市住建局"]
    for plan in (first, second):
        with pytest.raises(UnitRefused, match="已经生效或者撤回"):
            await units.withdraw(ROOT, plan.id)


async def test_what_would_keep_a_plan_from_its_day_is_refused_at_once(units):
    await units.put(ROOT, [Unit("hw", "环卫中心")], reason="新设", begins_on=DECEMBER)
    await units.put(ROOT, [Unit("hw-1", "环卫一队", "hw")], reason="新设", begins_on=DECEMBER + timedelta(days=1))
    with pytest.raises(UnitRefused, match="12月1日起单位 hw 的改动就做不成了：单位名称“环卫中心”已经有代码"):
        await units.put(ROOT, [replace(SW, name="环卫中心")], reason="抢名字")
    first, _ = await units.database.read(plans_within)
    with pytest.raises(UnitRefused, match="上级 hw 不在单位名单里"):
        await units.withdraw(ROOT, first.id)
    assert len(await units.database.read(plans_within)) == 2


async def test_a_plan_that_cannot_be_carried_out_holds_up_no_other(units, clock, database):
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="改革", begins_on=DECEMBER)
    await units.put(ROOT, [replace(ZJ, name="市住建局")], reason="改革", begins_on=DECEMBER)
    taken = Unit("x", "市城管局")  # behind the verbs' back
    await database.write(lambda connection: put_within(connection, [taken], clock()))
    clock.moment = BEGINS
    assert await units.begin_due() == 1
    assert [(await named(units))[code].name for code in ("cg", "zj")] == [CG.name, "市住建局"]
    (left,) = await database.read(plans_within)
    assert left.code == "cg"


async def test_rules_of_the_dispatch_list_follow_a_new_name_and_a_successor(units, database, clock):
    rules = RuleStore(database, clock)
    await rules.put(ROOT, Rule("1", CG.name, (ZJ.name,), keywords=("停水",)), reason="开始")
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="改革")
    await units.put(ROOT, [replace(ZJ, active=False, successor="cg")], reason="并入城管局")

    (rule,) = [each for each in await rules.all() if each.key == "1"]
    assert (rule.lead, rule.assisting) == ("市城管局", ())
    assert [change.verb for change in await rules.history("1")] == ["units", "units", "put"]
    assert not (await named(units))["zj"].active


async def test_what_was_done_under_former_names_is_found_under_those_of_today(units):
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="改革")
    await units.put(ROOT, [replace(ZJ, active=False, successor="cg")], reason="并入城管局")
    await units.put(ROOT, [replace(SW, name="供水公司")], reason="改革")
    await units.put(ROOT, [replace(SW, name=SW.name)], reason="又改回来")
    called = await units.database.read(called_now)
    assert called == {CG.name: "市城管局", ZJ.name: "市城管局", "供水公司": SW.name}


@pytest.mark.parametrize(
    ("wanted", "field", "complaint"),
    [
        (replace(CG, successor="zj"), "successor", "还在用，不能有接续单位"),
        (replace(CG, active=False, successor="nobody"), "successor", "接续单位 nobody 不在单位名单里"),
        (replace(CG, active=False, successor="cg"), "successor", "绕回了它自己"),
        (replace(CG, phone="找老王"), "phone", "值班电话只能写数字"),
        (replace(CG, name=ZJ.name), "name", "已经有代码"),
        (replace(CG, parent="nobody"), "parent", "不在单位名单里"),
        (Unit("城管", "城管"), "code", "只能用字母、数字"),
        (replace(SW, active=False), "active", "下面还有 1 个在用的单位（水务一队）"),
        (CG, "", "都已经是这样了"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_field_and_nothing_is_kept(units, wanted, field, complaint):
    await units.put(ROOT, [Unit("sw-1", "水务一队", "sw")], reason="新设")
    with pytest.raises(UnitRefused, match=complaint) as refused:
        await units.put(ROOT, [wanted], reason="试试")
    assert refused.value.field == field
    assert len(await units.database.read(history_of())) == 1


async def test_nobody_overwrites_another_s_change_or_changes_without_right_and_reason(units):
    await units.put(ROOT, [replace(CG, phone="1")], reason="电话")
    with pytest.raises(UnitRefused, match="别人刚刚改过"):
        await units.put(ROOT, [replace(CG, phone="2")], reason="电话", seen=0)
    with pytest.raises(UnitRefused, match="由系统管理员来改"):
        await units.put(Actor("li", frozenset({Role.DISPATCHER})), [replace(CG, phone="2")], reason="电话")
    with pytest.raises(UnitRefused, match="为什么改"):
        await units.put(ROOT, [replace(CG, phone="2")], reason=" ")
    with pytest.raises(UnitRefused, match="不能早于今天"):
        await units.put(ROOT, [replace(CG, phone="2")], reason="电话", begins_on=date(2026, 11, 20))


async def test_a_unit_goes_back_to_what_it_was_before_a_change(units):
    await units.put(ROOT, [replace(CG, name="市城管局")], reason="改革")
    (change,) = await units.database.read(history_of("cg"))
    await units.restore(ROOT, change.id, reason="改错了")
    assert (await named(units))["cg"] == CG
    await units.put(ROOT, [Unit("new", "新单位")], reason="新设")
    newest = (await units.database.read(history_of()))[0]
    with pytest.raises(UnitRefused, match="没有更早的样子"):
        await units.restore(ROOT, newest.id, reason="改错了")
