"""The dispatch list in the database: each change with its history, and nothing half done."""

from datetime import date

import pytest

from service.identity.roles import Actor, Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule, RulesRefused

DISPATCHER = Actor("chen", frozenset({Role.DISPATCHER}))
WATER = Rule("水-1", "水务局", keywords=("停水",))


@pytest.fixture
def store(database, clock):
    return RuleStore(database, clock)


async def test_a_change_is_kept_with_who_made_it(store, clock):
    await store.put(DISPATCHER, WATER)
    await store.put(DISPATCHER, Rule("水-1", "自来水公司", keywords=("停水",)))
    last = (await store.history("水-1"))[0]
    assert [rule.lead for rule in await store.all()] == ["自来水公司"]
    assert (last.actor, last.at, last.before["lead"], last.after["lead"]) == ("chen", clock(), "水务局", "自来水公司")


async def test_a_list_with_a_contradiction_changes_nothing(store):
    await store.put(DISPATCHER, WATER)
    with pytest.raises(RulesRefused):
        await store.replace(DISPATCHER, [Rule("一", "甲", keywords=("电",)), Rule("二", "乙", keywords=("电",))])
    assert await store.all() == [WATER]


async def test_a_new_list_takes_the_place_of_the_old(store):
    await store.seed()
    await store.replace(DISPATCHER, [WATER])
    await store.seed()
    assert await store.all() == [WATER]


async def test_a_ruling_says_who_decided_and_when(store):
    with pytest.raises(RulesRefused, match="谁在哪一天裁定"):
        await store.keep_ruling(DISPATCHER, WATER)
    ruling = Rule("裁-1", "水务局", keywords=("停水",), decided_by="热线中心", decided_on=date(2026, 11, 20))
    await store.keep_ruling(DISPATCHER, ruling)
    assert await store.all() == [ruling]


async def test_others_may_not_change_the_list(store):
    with pytest.raises(RulesRefused, match="没有修改派单目录的权限"):
        await store.put(Actor("li", frozenset({Role.UNIT_CLERK})), WATER)


async def test_a_removed_rule_is_gone_and_remembered(store):
    await store.put(DISPATCHER, WATER)
    await store.remove(DISPATCHER, "水-1")
    assert await store.all() == []
    assert (await store.history())[0].verb == "remove"


async def test_a_change_is_taken_back_as_a_whole_and_keeps_its_reason(store):
    await store.put(DISPATCHER, WATER, reason="供水职责")
    other = Rule("水-1", "自来水公司", keywords=("停水",))
    changed = await store.put(DISPATCHER, other, Rule("2", "甲", keywords=("电",)))
    await store.undo(DISPATCHER, changed, reason="写错了")
    assert await store.all() == [WATER]
    assert [change.reason for change in await store.history("水-1")] == ["写错了", "", "供水职责"]

    with pytest.raises(RulesRefused, match="没有这次改动"):
        await store.undo(DISPATCHER, 4711)
