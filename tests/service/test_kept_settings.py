import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from program.changeable import open_changeable
from service.audit import Deed, audit
from service.identity.roles import Actor, Role
from service.kept.differences import Difference, differences
from service.kept.kind import Kind, SettingRefused
from service.kept.store import KeptSettings
from service.settings import Settings

ANNA = Actor("anna", frozenset({Role.ADMINISTRATOR}))
DAY = timedelta(days=1)


def check(before, after):
    if after["low"] > after["high"]:
        raise SettingRefused("低的不能高过高的。", "low")


KIND = Kind("test", "试验", lambda: {"low": 1, "high": 9}, check)


@pytest.fixture
def store(database, clock) -> KeptSettings:
    return KeptSettings(database, KIND, clock)


async def lines(database):
    rows = await database.read(lambda connection: connection.execute(select(audit).order_by(audit.c.id)).all())
    return [(row.actor, row.deed, row.subject, row.reason) for row in rows]


async def test_what_nobody_set_is_as_the_product_brings_it(store):
    assert await store.contents() == {"low": 1, "high": 9}


async def test_a_change_counts_at_once_and_stands_in_the_audit(store, database):
    (written,) = await store.change(ANNA, {"low": 3, "high": 9}, note=" 会议定的 ")
    assert (written.part, written.version, written.note) == ("low", 1, "会议定的")
    assert await store.contents() == {"low": 3, "high": 9}
    assert await lines(database) == [("anna", Deed.SETTINGS, "test low", "会议定的")]


async def test_a_planned_change_begins_by_itself(store, clock):
    await store.change(ANNA, {"low": 3}, note="下周起", effective_from=clock() + DAY)
    assert (await store.contents())["low"] == 1
    assert [each.part for each in await store.coming()] == ["low"]
    clock.forward(days=1)
    assert (await store.contents())["low"] == 3
    assert await store.coming() == []


async def test_what_is_planned_can_be_withdrawn_and_what_counts_cannot(store, database, clock):
    await store.change(ANNA, {"low": 2}, note="现在")
    await store.change(ANNA, {"low": 3}, note="明天", effective_from=clock() + DAY)
    await store.withdraw(ANNA, "low", 2, note="不改了")
    clock.forward(days=2)
    assert (await store.contents())["low"] == 2
    with pytest.raises(SettingRefused, match="不能再撤回"):
        await store.withdraw(ANNA, "low", 1, note="不改了")
    assert (await lines(database))[-1] == ("anna", Deed.SETTINGS, "test low", "不改了")


async def test_going_back_is_a_new_version(store):
    for low in (2, 3):
        await store.change(ANNA, {"low": low}, note="改")
    await store.go_back(ANNA, "low", 1, note="还是原来的好")
    assert [(each.version, each.content) for each in await store.history("low")] == [(3, 2), (2, 3), (1, 2)]


async def test_nothing_is_kept_as_the_products_again(store):
    await store.change(ANNA, {"low": 3}, note="改")
    await store.change(ANNA, {"low": None}, note="用自带的")
    assert (await store.contents())["low"] == 1
    assert await store.change(ANNA, {"low": None}, note="用自带的") == []


async def test_parts_are_checked_together_and_changed_all_or_none(store, database):
    with pytest.raises(SettingRefused, match="低的不能高过高的"):
        await store.change(ANNA, {"high": 5, "low": 6}, note="改")
    assert await store.contents() == {"low": 1, "high": 9}
    assert await lines(database) == []


async def test_a_change_cannot_break_what_is_planned(store, clock):
    await store.change(ANNA, {"high": 4}, note="明天", effective_from=clock() + DAY)
    with pytest.raises(SettingRefused, match=r"和 2026-11-22 10:00 起的改动合不到一起"):
        await store.change(ANNA, {"low": 5}, note="现在")


async def test_what_a_plan_rests_on_cannot_be_withdrawn(store, clock):
    await store.change(ANNA, {"low": 1, "high": 20}, note="明天", effective_from=clock() + DAY)
    await store.change(ANNA, {"low": 15}, note="后天", effective_from=clock() + 2 * DAY)
    with pytest.raises(SettingRefused, match="合不到一起"):
        await store.withdraw(ANNA, "high", 1, note="不改了")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"note": " "}, "请写明为什么改"),
        ({"effective_from": -DAY}, "生效时间不能早于现在"),
        ({"replaces": {"low": 4}}, "别人刚刚改过"),
    ],
)
async def test_what_cannot_be_taken_is_refused(store, clock, options, why):
    if "effective_from" in options:
        options = {"effective_from": clock() + options["effective_from"]}
    with pytest.raises(SettingRefused, match=why):
        await store.change(ANNA, {"low": 2}, **{"note": "改"} | options)


async def test_only_who_may_changes_a_setting(store):
    with pytest.raises(SettingRefused, match="您没有修改试验设置的权限"):
        await store.change(Actor("li", frozenset({Role.AGENT})), {"low": 2}, note="改")


async def test_of_two_who_change_the_same_version_one_is_told(store):
    changes = [store.change(ANNA, {"low": low}, note="改", replaces={"low": 0}) for low in (2, 3)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SettingRefused", "list"]


# Following


async def test_every_process_follows_a_change_and_a_plan(database, clock):
    here, there = (open_changeable(Settings(), database, clock) for _ in range(2))
    await there.following.look()
    await here.stores["running"].change(ANNA, {"hotline_phone": "12366"}, note="改号")
    await here.stores["running"].change(ANNA, {"city": "新城市"}, note="改名", effective_from=clock() + DAY)

    assert await there.following.look()
    assert not await there.following.look(), "nothing has changed since"
    assert (there.running.settings.hotline_phone, there.running.settings.city) == ("12366", "示例市")
    clock.forward(days=1)
    assert await there.following.look()
    assert there.running.settings.city == "新城市"


async def test_what_the_environment_fixes_stays(database, clock, monkeypatch):
    monkeypatch.setenv("LTB_HOTLINE_PHONE", "12345")
    fixed = open_changeable(Settings(), database, clock)
    with pytest.raises(SettingRefused, match="“热线电话”写在环境变量 LTB_HOTLINE_PHONE里"):
        await fixed.stores["running"].change(ANNA, {"hotline_phone": "12366"}, note="改号")

    monkeypatch.delenv("LTB_HOTLINE_PHONE")
    await (
        open_changeable(Settings(), database, clock)
        .stores["running"]
        .change(ANNA, {"hotline_phone": "12366"}, note="改号")
    )
    await fixed.following.look()
    assert fixed.running.settings.hotline_phone == "12345"


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        ({"hotline_name": " "}, "“热线名称”要填"),
        ({"hotline_name": "{热线}"}, "不能有 { }"),
        ({"answer_at": 1.2}, "不能大于 1"),
        ({"attachments_per_ticket": 0}, "要大于 0"),
        ({"attachments_per_ticket": "很多"}, "要是整数"),
        ({"sms_quiet_from": "夜里"}, "要写成 22:00 这样的时间"),
        ({"answer_at": 0.1}, "不能高于“直接回答"),
        ({"handover_wait_minutes": 1}, "不能短于"),
        ({"secret_key": "x"}, "没有“secret_key”这一项设置"),
    ],
)
async def test_a_value_that_makes_no_sense_is_refused(database, clock, contents, why):
    with pytest.raises(SettingRefused, match=why):
        await open_changeable(Settings(), database, clock).stores["running"].change(ANNA, contents, note="改")


# Differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_only_what_differs_is_told(before, after):
    assert differences(before, before) == []
    if before != after:
        assert differences(before, after)


def test_a_difference_says_where_it_is():
    before = [{"name": "电话渠道", "promise": "5个工作日"}, {"name": "咨询", "promise": "1个工作日"}]
    after = [{"name": "电话渠道", "promise": "3个工作日"}]
    assert differences(before, after) == [
        Difference("电话渠道 › promise", "5个工作日", "3个工作日"),
        Difference("咨询", "name：咨询；promise：1个工作日", None),
    ]


def test_another_order_is_a_difference():
    before, after = [{"name": "甲"}, {"name": "乙"}], [{"name": "乙"}, {"name": "甲"}]
    assert differences(before, after) == [Difference("次序", "甲、乙", "乙、甲")]


@pytest.mark.parametrize(("before", "after"), [([], {}), ([{"name": "甲"}], {"甲": {"name": "甲"}})])
def test_a_list_is_no_mapping(before, after):
    assert len(differences(before, after)) == 1
