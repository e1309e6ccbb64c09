import asyncio
from datetime import UTC, date, datetime

import pytest
from slow_time import china

from program import background
from service.identity.roles import Actor, Role
from service.tasks import TaskKind, open_tasks
from tickets.deadlines.missing_years import raise_missing_years
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.settings import TimeSettings
from tickets.deadlines.terms import Term
from tickets.urgency import Urgency

SUPERVISOR = Actor("王督办", frozenset({Role.SUPERVISOR}))
DAYS_2027 = """
source: 某通知
free:
  元旦: 01-01~01-03
worked: [01-09]
"""


@pytest.fixture
async def kept(database, clock) -> TimeSettings:
    kept = TimeSettings(database, clock)
    await kept.seed()
    return kept


async def phone_promise(kept, at):
    timetable = await kept.timetable(at)
    terms = timetable.terms(kind="complaint", channel="phone", urgency=Urgency.NORMAL, category="", at=at)
    return timetable.start(Term.PROMISE, terms, at)


async def with_phone_days(kept, days):
    rules = (await kept.history("rules"))[0].content
    return [rule | ({"promise": f"{days}个工作日"} if rule["name"] == "电话渠道" else {}) for rule in rules]


async def test_the_products_rules_are_kept_once(kept, database, clock):
    await TimeSettings(database, clock).seed()
    (version,) = await kept.history("rules")
    assert (version.version, version.actor, version.at) == (1, "import", clock())
    assert [each.version for each in await kept.history("days-2026")] == [1]


async def test_without_anything_kept_the_products_rules_count(database, clock):
    assert (await phone_promise(TimeSettings(database, clock), clock())).due_at == china("2026-11-27 17:30")


async def test_a_change_counts_from_its_day_and_moves_nothing_before(kept, clock):
    december = china("2026-12-01 00:00")
    rules = await with_phone_days(kept, 3)
    await kept.change(SUPERVISOR, "rules", rules, note="市政办〔2026〕9号", effective_from=december)

    assert (await phone_promise(kept, clock())).due_at == china("2026-11-27 17:30")
    assert (await phone_promise(kept, december)).due_at == china("2026-12-04 17:30")
    clock.forward(days=30)
    assert (await phone_promise(kept, datetime(2026, 11, 21, 2, tzinfo=UTC))).due_at == china("2026-11-27 17:30")


async def test_a_change_made_later_does_not_undo_one_that_begins_later_still(kept, clock):
    december = china("2026-12-01 00:00")
    await kept.change(SUPERVISOR, "rules", await with_phone_days(kept, 3), note="十二月起", effective_from=december)
    await kept.change(SUPERVISOR, "rules", await with_phone_days(kept, 4), note="现在起")

    assert (await phone_promise(kept, clock())).due_at == china("2026-11-26 17:30")
    assert (await phone_promise(kept, december)).due_at == china("2026-12-04 17:30")


async def test_the_history_tells_who_changed_what_and_why(kept, clock):
    clock.forward(hours=1)
    await kept.change(SUPERVISOR, "rules", await with_phone_days(kept, 3), note=" 市政办〔2026〕9号 ")
    newest, first = await kept.history("rules")
    assert (newest.version, newest.actor, newest.note, newest.at) == (2, "王督办", "市政办〔2026〕9号", clock())
    assert first.version == 1


async def test_every_process_follows_a_change_within_a_second(kept, database, clock):
    other = TimeSettings(database, clock)
    assert (await phone_promise(other, clock())).due_at == china("2026-11-27 17:30")
    await kept.change(SUPERVISOR, "rules", await with_phone_days(kept, 3), note="缩短")
    assert (await phone_promise(kept, clock())).due_at == china("2026-11-25 17:30"), "at once where it is made"
    clock.forward(seconds=1)
    assert (await phone_promise(other, clock())).due_at == china("2026-11-25 17:30")


async def test_holidays_that_are_entered_count_at_once(kept):
    at = china("2026-12-30 10:00")
    before = await phone_promise(kept, at)
    await kept.set_days(SUPERVISOR, 2027, DAYS_2027, note="国务院办公厅通知")
    after = await phone_promise(kept, at)
    assert (before.due_at, before.unknown_years) == (china("2027-01-06 17:30"), (2027,))
    assert (after.due_at, after.unknown_years) == (china("2027-01-07 17:30"), ())


async def test_of_two_who_change_the_same_version_one_is_told(kept):
    rules = await with_phone_days(kept, 3)
    change = [kept.change(SUPERVISOR, "rules", rules, note=note, replaces=1) for note in ("甲", "乙")]
    outcomes = await asyncio.gather(*change, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SettingsVersion", "TimeSettingsRefused"]
    assert [each.version for each in await kept.history("rules")] == [2, 1]


REFUSED = [
    ("days-2027", "free: {元旦: 01-01}", {}, "2027年放假安排（第 1 行）：缺少“source”"),
    ("days-2027", DAYS_2027, {"note": " "}, "请写明为什么改"),
    ("days-2027", DAYS_2027, {"replaces": 1}, "别人刚刚改过"),
    ("days-2027", DAYS_2027, {"effective_from": china("2026-11-01 00:00")}, "不能早于现在"),
    ("holidays", DAYS_2027, {}, "没有“holidays”这一项设置"),
    ("calendars", "{office: {name: 机关, weekdays: 一, hours: [9:00-12:00]}}", {}, "日历“duty”可能还有工单在用"),
    ("rules", [], {}, "应是一条一条的列表"),
]


async def test_a_change_that_cannot_be_taken_changes_nothing(kept):
    before = [len(await kept.history(part)) for part, *_ in REFUSED]
    for part, content, options, why in REFUSED:
        with pytest.raises(TimeSettingsRefused, match=why):
            await kept.change(SUPERVISOR, part, content, **{"note": "试"} | options)
    assert [len(await kept.history(part)) for part, *_ in REFUSED] == before


async def test_who_may_not_change_the_rules_is_told(kept):
    with pytest.raises(TimeSettingsRefused, match="没有修改时限设置的权限"):
        await kept.set_days(Actor("小李", frozenset({Role.AGENT})), 2027, DAYS_2027, note="试")


async def test_a_change_must_fit_with_what_begins_later(kept):
    """A calendar cannot be used before it is there; one that a later version of the rules uses cannot lose its days."""
    december = china("2026-12-01 00:00")
    calendars = (await kept.history("calendars"))[0].content
    windows = calendars | {"window": {"name": "窗口", "weekdays": "一二三四五六", "hours": ["9:00-17:00"]}}
    rules = [rule | {"calendar": "window"} for rule in (await kept.history("rules"))[0].content]
    with pytest.raises(TimeSettingsRefused, match="没有“window”这个日历"):
        await kept.change(SUPERVISOR, "rules", rules, note="窗口周六上班")
    await kept.change(SUPERVISOR, "calendars", windows, note="窗口周六上班")
    await kept.change(SUPERVISOR, "rules", rules, note="窗口周六上班", effective_from=december)
    assert (await phone_promise(kept, december)).due_at == china("2026-12-07 17:00")


# A year nobody has entered


async def missing(database, at):
    await database.write(raise_missing_years(china(at)))
    found = [each.task for each in await database.read(open_tasks())]
    return [(task.kind, task.subject, task.due_on) for task in found]


async def test_the_next_year_is_asked_for_from_december(database):
    assert await missing(database, "2026-11-30 23:00") == []
    assert await missing(database, "2026-12-01 00:00") == [(TaskKind.HOLIDAYS, "2027", date(2026, 12, 20))]


async def test_a_missing_year_is_asked_for_once(database):
    await missing(database, "2026-12-01 09:00")
    assert len(await missing(database, "2027-01-01 09:00")) == 1


async def test_a_year_that_has_begun_without_holidays_is_asked_for_at_once(database):
    assert await missing(database, "2027-03-01 09:00") == [(TaskKind.HOLIDAYS, "2027", date(2027, 3, 1))]


async def test_entering_the_year_settles_the_task(kept, database, clock):
    await missing(database, "2026-12-01 09:00")
    clock.forward(days=14)
    await kept.set_days(SUPERVISOR, 2027, DAYS_2027, note="国务院办公厅通知")
    assert await missing(database, "2027-01-02 09:00") == []


async def test_the_background_keeps_the_rules_and_asks_for_holidays(database, clock):
    class Parts:
        """As much of the installation as the job looks at."""

    parts = Parts()
    parts.database, parts.clock = database, clock
    clock.moment = china("2026-12-02 09:00")
    await background.ask_for_holidays(parts)
    assert len(await TimeSettings(database, clock).history("supervision")) == 1
    assert [each.task.unit for each in await database.read(open_tasks())] == ["系统管理员"]
