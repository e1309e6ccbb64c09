from datetime import date

import pytest
from slow_time import TIMETABLE, china

from tickets.deadlines.document import read_yaml, without_lines
from tickets.deadlines.parts import read_parts, shipped_parts
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.rule_file import read_rules
from tickets.deadlines.rules import Request
from tickets.deadlines.terms import Term
from tickets.ticket import Kind
from tickets.urgency import Urgency

FRIDAY = china("2026-11-20 10:00")
BASE = """
- name: 通用
  calendar: office
  promise: 10个工作日
  dispatch: 4个工作小时
  accept: 1个工作日
  return: 24小时
  decide: 4个工作小时
  investigate: 2个工作日
  handle: 6个工作日
  reply: 1个工作日
  check: 1个工作日
  callback: 3个工作日
  rework: 5个工作日
  extensions: 1
  extend_by: 10个工作日
  suspend_for: 15个工作日
"""


def given(term=Term.PROMISE, at=FRIDAY, kind=Kind.COMPLAINT, channel="phone", urgency=Urgency.NORMAL, category=""):
    found = TIMETABLE.terms(kind=kind, channel=channel, urgency=urgency, category=category, at=at).given[term]
    return str(found.span), found.calendar, found.rule


def rules(more: str):
    return read_rules(read_yaml(BASE + more), TIMETABLE.calendars)


def asked(found, **known):
    request = {"kind": "complaint", "channel": "phone", "urgency": Urgency.NORMAL, "category": "", "is_holiday": False}
    terms = found.terms(Request(**request | {"day": date(2026, 11, 20)} | known))
    return str(terms.given[Term.PROMISE].span)


@pytest.mark.parametrize(
    ("known", "span"),
    [
        ({}, ("5个工作日", "office", "电话渠道")),
        ({"channel": "widget"}, ("10个工作日", "office", "通用")),
        ({"channel": "wechat"}, ("10个工作日", "office", "通用")),
        ({"kind": Kind.CONSULTATION, "channel": "widget"}, ("1个工作日", "office", "咨询")),
        ({"kind": Kind.CONSULTATION}, ("1个工作日", "office", "咨询")),
        ({"category": "旅游"}, ("当日，至少4小时", "office", "涉旅诉求")),
        ({"category": "旅游/景区服务"}, ("当日，至少4小时", "office", "涉旅诉求")),
        ({"category": "旅游业发展"}, ("5个工作日", "office", "电话渠道")),
        ({"category": "旅游", "at": china("2026-10-02 20:00")}, ("当日，至少4小时", "duty", "假日涉旅诉求")),
        ({"urgency": Urgency.URGENT}, ("当日，至少4小时", "duty", "紧急")),
        ({"urgency": Urgency.CRITICAL, "kind": Kind.CONSULTATION}, ("当日，至少2小时", "duty", "特急")),
        ({"category": "供水", "channel": "widget"}, ("10个工作日", "office", "通用")),
        ({"category": "供水", "term": Term.ACCEPT}, ("30分钟", "duty", "水电气热")),
        ({"term": Term.RETURN}, ("24小时", "office", "通用")),
        ({"kind": "other", "channel": "a new one"}, ("10个工作日", "office", "通用")),
    ],
)
def test_the_product_promises_what_bulletins_do(known, span):
    assert given(**known) == span


def test_every_clock_has_a_time_whatever_is_asked():
    for kind in Kind:
        for urgency in Urgency:
            found = TIMETABLE.terms(kind=kind, channel="sms", urgency=urgency, category="没有的分类", at=FRIDAY)
            assert set(found.given) == set(Term)


def test_more_conditions_go_before_fewer():
    found = rules(
        """
- {name: 电话, when: {channel: 电话}, calendar: office, promise: 2个工作日}
- {name: 电话投诉, when: {channel: 电话, kind: 投诉}, calendar: office, promise: 3个工作日}
"""
    )
    assert asked(found) == "3个工作日"


def test_a_deeper_category_goes_before_its_parent():
    found = rules(
        """
- {name: 市容, when: {category: 市容}, calendar: office, promise: 2个工作日}
- {name: 噪声, when: {category: 市容/噪声}, calendar: office, promise: 3个工作日}
"""
    )
    assert asked(found, category="市容/噪声/施工") == "3个工作日"


def test_of_equally_specific_rules_the_first_counts():
    found = rules(
        """
- {name: 电话, when: {channel: 电话}, calendar: office, promise: 2个工作日}
- {name: 投诉, when: {kind: 投诉}, calendar: office, promise: 3个工作日}
"""
    )
    assert asked(found) == "2个工作日"


def test_priority_goes_before_everything():
    found = rules(
        """
- {name: 电话投诉, when: {channel: 电话, kind: 投诉}, calendar: office, promise: 2个工作日}
- {name: 紧急, when: {urgency: 紧急}, priority: 1, calendar: duty, promise: 当日}
"""
    )
    assert asked(found, urgency=Urgency.URGENT) == "当日"


@pytest.mark.parametrize(
    ("season", "day", "holds"),
    [
        ("06-01~08-31", date(2026, 6, 1), True),
        ("06-01~08-31", date(2031, 8, 31), True),
        ("06-01~08-31", date(2026, 9, 1), False),
        ("11-15~03-15", date(2027, 1, 1), True),
        ("11-15~03-15", date(2027, 3, 16), False),
        ("2026-10-01~2026-10-07", date(2026, 10, 7), True),
        ("2026-10-01~2026-10-07", date(2027, 10, 7), False),
        ("02-29", date(2028, 2, 29), True),
    ],
)
def test_a_season_is_a_range_of_days(season, day, holds):
    found = rules(f"\n- {{name: 季节, when: {{season: '{season}'}}, calendar: office, promise: 2个工作日}}\n")
    assert asked(found, day=day) == ("2个工作日" if holds else "10个工作日")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("- {name: 电话, calendar: office, promise: 五天}", "规则“电话”（第 18 行）：“promise”看不懂“五天”"),
        ("- {name: 电话, calendar: office, promise: 0个工作日}", "看不懂“0个工作日”"),
        ("- {name: 电话, calendar: home}", "没有“home”这个日历，现有：office、duty"),
        ("- {name: 电话, calendar: office, deadline: 1天}", "没有“deadline”这一项"),
        ("- {name: 电话, when: {kind: 吐槽}, calendar: office}", "“吐槽”不认识，可以写：咨询、求助、投诉"),
        ("- {name: 电话, when: {urgency: [[急]]}, calendar: office}", "不认识，可以写：普通、紧急、特急"),
        ("- {name: 电话, when: {season: 春天}, calendar: office}", "“春天”看不懂"),
        ("- {name: 电话, when: {season: 13-01}, calendar: office}", "“13-01”不是日期"),
        ("- {name: 电话, when: {season: 2026-10-07~2026-10-01}, calendar: office}", "前后颠倒"),
        ("- {name: 电话, calendar: office, extensions: 多次}", "“extensions”应是 0 到 9 的整数，现在是“多次”"),
        ("- {name: 电话, calendar: office, extend_by: 当日}", "“extend_by”要写最多延长多久"),
        ("- {name: 通用, when: {kind: 投诉}, calendar: office}", "有两条规则都叫“通用”"),
        ("- {calendar: office}", "第 2 条规则（第 18 行）：缺少“name”"),
        ("- 电话", "第 2 条规则：应是“名称: 内容”的样子，现在是“电话”"),
        ("- {name: 电话, calendar: office, calendar: duty}", "第 18 行起的一段里，“calendar”写了两次"),
        ("- {name: 电话", "行不是有效的 YAML"),
    ],
)
def test_a_rule_that_cannot_be_taken_is_named_with_its_line(written, complaint):
    with pytest.raises(TimeSettingsRefused, match=complaint):
        rules(f"{written}\n")


def test_there_must_be_a_rule_for_everything_that_says_everything():
    with pytest.raises(TimeSettingsRefused, match="缺少一条不写 when 的通用规则"):
        read_rules(read_yaml("- {name: 电话, when: {channel: 电话}, calendar: office}"), TIMETABLE.calendars)
    with pytest.raises(TimeSettingsRefused, match="通用规则“通用”缺少：return、suspend_for"):
        without = BASE.replace("  return: 24小时\n", "").replace("  suspend_for: 15个工作日\n", "")
        read_rules(read_yaml(without), TIMETABLE.calendars)


OFFICE_DAY = "{name: 机关, weekdays: 一二三四五, hours: [9:00-12:00]}"


@pytest.mark.parametrize(
    ("part", "written", "complaint"),
    [
        ("days-2027", "{free: {元旦: 01-01}}", "2027年放假安排（第 1 行）：缺少“source”"),
        ("days-2027", "{source: 通知, free: {元旦: 1月1日}}", "“元旦”“1月1日”不是日期，请写成“月-日”"),
        ("days-2027", "{source: 通知, free: {节: 02-29}}", "2027年没有2月29日"),
        ("days-2027", "{source: 通知, free: {节: 10-07~10-01}}", "前后颠倒了"),
        ("days-2027", "{source: 通知, free: {元旦: 01-02}, worked: [01-02]}", "01-02 既放假又上班"),
        ("days-2027", "{source: 通知, free: {元旦: 01-01}, worked: [01-04]}", "01-04 不是周末，本来就上班"),
        ("days-2027", "{source: 通知, free: {元旦: 01-01}, worked: [01-09, 01-09]}", "写了两次"),
        ("days-2027", "{source: 通知}", "还没有写放假的日子"),
        ("calendars", "{}", "一个日历也没有"),
        ("calendars", f"{{office: {OFFICE_DAY}, duty: {{name: 值班}}}}", "日历“duty”（第 1 行）：缺少“weekdays”"),
        ("calendars", f"{{office: {OFFICE_DAY}, natural: {OFFICE_DAY}}}", "不能叫“natural”"),
        ("calendars", "{office: {name: 机关, weekdays: 一至五, hours: [9:00-12:00]}}", "应写星期几上班"),
        ("calendars", "{office: {name: 机关, weekdays: 一, hours: [9:00-12:00, 11:00-17:00]}}", "不能重叠"),
        ("calendars", "{office: {name: 机关, weekdays: 一, hours: [9:00-24:30]}}", "“9:00-24:30”不是时段"),
        ("calendars", "{office: {name: 机关, weekdays: 一, hours: [9:00-8:60]}}", "“9:00-8:60”不是时段"),
        ("calendars", "{office: {name: 机关, weekdays: 一}}", "没有写上班时间"),
        ("supervision", "{calendar: office, silent_after: 3个工作日}", "至少写一级"),
        ("supervision", "{calendar: office, silent_after: 3天, ladder: [{key: 催办, name: 催办}]}", "小写英文字母"),
        ("supervision", "{calendar: home}", "没有“home”这个日历"),
        (
            "supervision",
            "{calendar: office, silent_after: 3个工作日, warnings: {yellow_percent: 120}, "
            "ladder: [{key: a, name: 催办, within: 1天}]}",
            "亮灯设置（第 1 行）：“yellow_percent”应是 0 到 100 的整数",
        ),
        (
            "supervision",
            "{calendar: office, silent_after: 3个工作日, ladder: [{key: a, name: 甲, within: 1天}, "
            "{key: a, name: 乙, within: 1天}]}",
            "有两级督办的 key 都是“a”",
        ),
    ],
)
def test_a_setting_that_cannot_be_taken_says_why(part, written, complaint):
    with pytest.raises(TimeSettingsRefused, match=complaint):
        read_parts(shipped_parts() | {part: read_yaml(written)})


def test_what_is_kept_is_what_was_written_without_its_lines():
    assert without_lines(read_yaml("a: [{b: 01-02, c: 2026-01-02}]")) == {"a": [{"b": "01-02", "c": "2026-01-02"}]}


def test_how_often_a_ticket_is_handed_on_is_a_citys_own_to_say():
    request = Request("complaint", "phone", Urgency.NORMAL, "旅游", date(2026, 11, 20), is_holiday=False)
    own = "- {name: 旅游, when: {category: [旅游]}, calendar: office, reassigns: 0}"

    assert rules("").terms(request).reassigns == 2  # as rules that were written before do not say
    assert rules(own).terms(request).reassigns == 0
