"""The pages on which calendars, time rules and the ladder of supervision are kept."""

from datetime import date

import pytest
from hotline import AGENT, DRAFT, UNITS
from sqlalchemy import select

from service.audit import Deed, Search, found
from service.identity.roles import Role
from tickets.deadlines.missing_years import raise_missing_years
from tickets.deadlines.parts import RULES, SUPERVISION
from tickets.tables import tickets
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

YEAR = {
    "source": "国办发明电〔2026〕9号",
    "free": "元旦 01-01~01-03\n春节 02-05～02-11、02-13",
    "worked": "01-30、02-20",
}


@pytest.fixture
async def chief(console, clock):
    await console.office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    await time(console).seed()
    return await console.staff("chief", Role.SUPERVISOR)


def time(console):
    return console.office.desk.lifecycle.time


async def rule_form(console, name, changes):
    """What the page of a rule sends."""
    rules = await time(console).content(RULES)
    (place, rule) = next((place, rule) for place, rule in enumerate(rules, 1) if rule["name"] == name)
    values = {key: str(value) for key, value in rule.items() if key != "when"} | rule.get("when", {})
    return values | {"was": name, "place": str(place), "note": "市政办〔2026〕9号", **changes}


async def test_a_year_is_looked_at_before_it_is_kept_and_moves_no_promise(console, chief):
    ticket = await console.office.desk.lifecycle.submit(AGENT, DRAFT)
    assert (await chief.get("/console/settings/calendars")).has("2027年", "等国务院通知", "2026年", "33 天", "6 天")
    page = await chief.post("/console/settings/calendars/2027", **YEAR, do="look")
    assert page.status == 200
    assert page.has("保存了会怎样", "13 天会变", "1月1日", "上班 → 放假 元旦", "没有工单的时限跨过这些日子")
    assert "days-2027" not in await time(console).kept.contents()

    page = await chief.post("/console/settings/calendars/2027", **YEAR, do="save", note="国务院通知", version="0")
    assert page.has("2027年的放假安排已保存")
    assert 'class="day free" data-day="02-13"' in page.text
    assert 'class="day worked" data-day="01-30"' in page.text
    timetable = await time(console).timetable()
    assert date(2027, 2, 13) in timetable.holidays.free
    kept = await console.office.database.read(lambda c: c.execute(select(tickets.c.promised_at)).scalar_one())
    assert kept == ticket.promised_at
    (line,) = await console.office.database.read(found(Search(deed=Deed.SETTINGS), 5))
    assert (line.done.actor, line.done.subject, line.done.reason) == ("chief", "deadlines days-2027", "国务院通知")


async def test_a_year_waits_for_the_day_from_which_it_counts(console, chief, clock):
    page = await chief.post(
        "/console/settings/calendars/2027", **YEAR, do="save", note="国务院通知", version="0", begins="2026-12-01"
    )
    assert page.has("已安排，2026-12-01 起按它算", "已经排好的改动", "2026-12-01 00:00 起，chief：国务院通知")
    assert date(2027, 2, 13) not in (await time(console).timetable()).holidays.free
    clock.forward(days=11)
    assert date(2027, 2, 13) in (await time(console).timetable()).holidays.free


async def test_tickets_whose_time_runs_over_changed_days_are_counted(console, chief):
    await console.office.desk.lifecycle.submit(AGENT, DRAFT)
    page = await chief.get("/console/settings/calendars/2026")
    free = page.text.split('name="free"')[1].split(">")[1].split("<")[0].strip()
    year = {"source": "改", "free": f"{free}\n周末 11-30", "worked": "01-04、02-14、02-28、05-09、09-20、10-10"}
    page = await chief.post("/console/settings/calendars/2026", **year, do="look")
    assert page.has("1 天会变", "11月30日", "有 1 张的时限跨过这些日子", "到期时间都不变")


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"source": ""}, "source", "请写依据"),
        ({"free": ""}, "free", "还没有写放假的日子"),
        ({"free": "元旦"}, "free", "第 1 行“元旦”看不懂"),
        ({"free": "元旦 02-30"}, "free", "不是日期"),
        ({"worked": "01-01"}, "worked", "既放假又上班"),
        ({"worked": "01-29"}, "worked", "不是周末"),
        ({"note": ""}, "note", "请写明为什么改"),
    ],
)
async def test_a_year_that_contradicts_itself_is_refused_beside_the_field(chief, fields, field, complaint):
    page = await chief.post("/console/settings/calendars/2027", **(YEAR | {"do": "save", "note": "通知"} | fields))
    assert page.status == 422
    assert f'id="{field}-error"' in page.text
    assert page.has("还没有保存", complaint)
    assert "02-05～02-11" in page.text or "free" in fields


async def test_a_year_that_has_begun_without_its_days_is_asked_for(console, chief, clock):
    clock.forward(days=10)  # December
    await console.office.database.write(raise_missing_years(clock()))
    chief = await console.signed_in("chief")
    assert (await chief.get("/console/settings/calendars")).has("2027年的放假安排还没有录入", "要录入")
    assert (await chief.get("/console/")).has("1 年的放假安排要录入")
    for year in ("1999", "2100", "二〇二七"):
        assert (await chief.get(f"/console/settings/calendars/{year}")).status == 404


async def test_hours_change_on_a_day_and_a_calendar_is_added(console, chief):
    hours = {
        "key": "office",
        "name": "机关工作时间",
        "weekdays": list("一二三四五"),
        "holidays": "yes",
    }
    seasons = {"hours": "9:00-12:00、13:30-17:30", "seasons": "06-01~09-30 9:00-12:00、14:30-18:00"}
    page = await chief.post("/console/settings/calendar-hours", **hours, **seasons, note="夏令时", begins="2026-12-01")
    assert page.has("“机关工作时间”已安排，2026-12-01 起用", "已经排好的改动", "夏令时")
    assert "seasons" not in (await time(console).content("calendars"))["office"]
    court = {"key": "court", "name": "法院", "weekdays": list("一二三四五"), "hours": "8:30-12:00", "note": "新加"}
    page = await chief.post("/console/settings/calendar-hours", **court, begins="")
    assert page.status == 422  # on December 1st the planned version has no such calendar
    assert page.has("请先改好或者撤回那一版")
    page = await chief.post("/console/settings/calendar-hours", **(court | {"hours": "12-8"}), begins="2026-12-02")
    assert page.has("不是时段")
    assert 'id="hours-error"' in page.text
    assert (await chief.post("/console/settings/calendar-hours", **court, begins="2026-12-02")).has("“法院”已安排")


async def test_a_rule_is_changed_and_says_what_it_gives(console, chief):
    page = await chief.get("/console/settings/time-rules")
    assert page.has("时限规则", "8 条", "通用", "所有诉求", "10个工作日", "电话渠道", "渠道：电话", "5个工作日")
    form = await rule_form(console, "电话渠道", {"promise": "4个工作日"})
    page = await chief.post("/console/settings/time-rule", **form, version="1")
    assert page.has("“电话渠道”已保存")
    tried = "?kind=投诉&channel=电话&urgency=普通&category=&at=2026-11-23T10:00"
    page = await chief.get(f"/console/settings/time-rules{tried}")
    assert page.has("2026-11-27 前答复市民", "2026-11-27 17:30", "规则“电话渠道”", "签收时限", "1个工作日", "办理时限")
    page = await chief.post("/console/settings/time-rule", **form, version="1")
    assert page.status == 422
    assert page.has("别人刚刚改过")


async def test_a_rule_is_added_at_its_place_and_taken_away(console, chief):
    rule = {
        "name": "夜间噪声",
        "calendar": "duty",
        "category": "环境/噪声\n施工",
        "kind": ["投诉"],
        "promise": "24小时",
    }
    page = await chief.post("/console/settings/time-rule", **rule, was="", place="2", note="新办法")
    assert page.has("“夜间噪声”已保存")
    rules = await time(console).content(RULES)
    assert rules[1] == {
        "name": "夜间噪声",
        "when": {"kind": ["投诉"], "category": ["环境/噪声", "施工"]},
        "calendar": "duty",
        "promise": "24小时",
    }
    page = await chief.post("/console/settings/time-rule/remove", was="夜间噪声", name="夜间噪声", note="不要了")
    assert page.has("“夜间噪声”已删掉")
    assert len(await time(console).content(RULES)) == 8
    page = await chief.get("/console/settings/history?kind=deadlines&part=rules")
    assert page.has("时限规则 的历史", "3 版", "不要了", "新办法")


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"name": ""}, "name", "请写规则的名称"),
        ({"promise": "尽快"}, "promise", "看不懂“尽快”"),
        ({"extend_by": "当日"}, "extend_by", "不能写“当日”"),
        ({"season": "国庆"}, "season", "“国庆”看不懂"),
        ({"extensions": "很多"}, "extensions", "请写 0 到 9 的整数"),
        ({"calendar": "none"}, "name", "没有“none”这个日历"),
        ({"name": "通用", "was": ""}, "name", "有两条规则都叫“通用”"),
    ],
)
async def test_what_is_wrong_with_a_rule_is_said_beside_the_field(console, chief, fields, field, complaint):
    form = await rule_form(console, "电话渠道", fields)
    page = await chief.post("/console/settings/time-rule", **form)
    assert page.status == 422
    assert f'id="{field}-error"' in page.text
    assert page.has("还没有保存", complaint)


async def test_the_rule_for_everything_stays(console, chief):
    page = await chief.post("/console/settings/time-rule/remove", was="通用", name="通用", note="不要了")
    assert page.has("缺少一条不写 when 的通用规则")
    assert (await chief.get("/console/settings/time-rule?name=通用")).has("这是通用的规则")
    assert (await chief.get("/console/settings/time-rule?name=没有")).status == 404


async def test_rungs_are_put_in_order_added_and_taken_away(console, chief):
    content = await time(console).content(SUPERVISION)
    form = {name: str(value) for name, value in content["warnings"].items()}
    form |= {"silent_after": "2个工作日", "calendar": "office", "note": "加一级", "version": "1"}
    for number, rung in enumerate(content["ladder"], 1):
        form |= {f"{name}-{number}": value for name, value in rung.items()} | {f"order-{number}": str(number)}
    form |= {"name-5": "", "name-6": "电话催办", "within-6": "4个工作小时", "order-6": "1"}
    form |= {"order-1": "2"}
    page = await chief.post("/console/settings/supervision", **form)
    assert page.has("已保存，现在就按它督办")
    kept = await time(console).content(SUPERVISION)
    assert [rung["name"] for rung in kept["ladder"]] == ["电话催办", "催办", "系统督办", "发函督办", "督查专员督办"]
    assert kept["ladder"][0]["key"] == "rung_a"
    assert kept["silent_after"] == "2个工作日"

    page = await chief.post("/console/settings/supervision", **(form | {"within-6": "马上", "yellow_days": "很多"}))
    assert page.status == 422
    assert page.has("看不懂“马上”", "请写一个整数")
    assert 'id="within-6-error"' in page.text
