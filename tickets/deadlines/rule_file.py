"""Time rules as staff write them."""

import re
from collections.abc import Mapping
from typing import Any

from tickets.deadlines.days import month_days
from tickets.deadlines.document import Section
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.rules import HOLIDAY, Conditions, Rule, Season, TimeRules
from tickets.deadlines.span import Span, Unit
from tickets.deadlines.terms import Term
from tickets.ticket import Kind
from tickets.urgency import Urgency

KINDS = {kind.label: kind.value for kind in Kind} | {"其他": "other"}
CHANNELS = {
    "电话": "phone",
    "网页": "widget",
    "微信": "wechat",
    "短信": "sms",
    "上级转办": "upper",
    "线下": "counter",
    "接口": "api",
    "门户": "open311",
}
URGENCIES = {urgency.label: urgency for urgency in Urgency}

_CONDITIONS = ("kind", "channel", "urgency", "category", "season")
_LIMITS = ("extensions", "extend_by", "suspend_for")
_FIELDS = ("name", "when", "calendar", "priority", *(term.value for term in Term), *_LIMITS, "reassigns")
_SEASON = re.compile(r"(?:(\d{4})-)?(\d{1,2}-\d{1,2})(?:~(?:(\d{4})-)?(\d{1,2}-\d{1,2}))?")
_MOST_EXTENSIONS = 9
_MOST_REASSIGNS = 9
_HIGHEST_PRIORITY = 99


def read_rules(document: Any, calendars: Mapping[str, object]) -> TimeRules:
    """The rules of a document.

    Args:
        calendars: those there are, by key.

    Raises:
        TimeSettingsRefused: a rule cannot be taken; the message names its line and says what to do.
    """
    if not isinstance(document, list) or not document:
        message = "时限规则应是一条一条的列表，每条以“- name: 规则名”开头。"
        raise TimeSettingsRefused(message)
    rules = [_rule(Section(each, f"第 {number} 条规则"), calendars) for number, each in enumerate(document, 1)]
    _check_names(rules)
    _check_base(rules)
    return TimeRules(rules)


def _rule(section: Section, calendars: Mapping[str, object]) -> Rule:
    section.where = f"规则“{section.text('name')}”{section.line}"
    section.only(_FIELDS)
    calendar = section.text("calendar")
    if calendar not in calendars:
        raise section.refused(f"没有“{calendar}”这个日历，现有：{'、'.join(calendars)}")
    spans = {term: section.parsed(term.value, Span.parse) for term in Term if section.has(term.value)}
    when = section.section("when", f"{section.where}的 when")
    return Rule(
        name=section.text("name"),
        conditions=_conditions(when),
        spans=spans,
        calendar=calendar,
        priority=section.number("priority", 0, 0, _HIGHEST_PRIORITY),
        extensions=section.number("extensions", 0, 0, _MOST_EXTENSIONS) if section.has("extensions") else None,
        extend_by=section.parsed("extend_by", _length) if section.has("extend_by") else None,
        suspend_for=section.parsed("suspend_for", Span.parse) if section.has("suspend_for") else None,
        reassigns=section.number("reassigns", 0, 0, _MOST_REASSIGNS) if section.has("reassigns") else None,
    )


def _conditions(when: Section) -> Conditions:
    when.only(_CONDITIONS)
    seasons = [str(written).strip() for written in when.items("season")]
    return Conditions(
        kinds=frozenset(_one_of(when, "kind", KINDS)),
        channels=frozenset(_one_of(when, "channel", CHANNELS)),
        urgencies=frozenset(_one_of(when, "urgency", URGENCIES)),
        categories=tuple(str(written).strip("/ ") for written in when.items("category")),
        seasons=tuple(when.understood("season", written, _season) for written in seasons if written != HOLIDAY),
        holidays=HOLIDAY in seasons,
    )


def _one_of(when: Section, name: str, labels: Mapping[str, Any]) -> list[Any]:
    """The values of what staff call by its Chinese name; the value itself is understood as well."""
    by_value = {str(value): value for value in labels.values()}
    found = []
    for written in when.items(name):
        value = labels.get(str(written), by_value.get(str(written)))
        if value is None:
            raise when.refused(f"“{name}”里的“{written}”不认识，可以写：{'、'.join(labels)}")
        found.append(value)
    return found


def _length(written: Any) -> Span:
    span = Span.parse(written)
    if span.unit is Unit.SAME_DAY:
        message = "要写最多延长多久，如 10个工作日，不能写“当日”。"
        raise TimeSettingsRefused(message)
    return span


def _season(written: str) -> Season:
    found = _SEASON.fullmatch(written)
    if not found or (found[3] and found[3] != found[1]):
        message = f"里的“{written}”看不懂，请写成 10-01~10-07、2026-10-01~2026-10-07 或“{HOLIDAY}”。"
        raise TimeSettingsRefused(message)
    first, last = month_days(f"{found[2]}~{found[4] or found[2]}")
    if found[1] and last < first:
        message = f"里的“{written}”前后颠倒了；跨年的请分成两段。"
        raise TimeSettingsRefused(message)
    return Season(first, last, int(found[1]) if found[1] else None)


def _check_names(rules: list[Rule]) -> None:
    names = [rule.name for rule in rules]
    if repeated := [name for name in names if names.count(name) > 1]:
        message = f"有两条规则都叫“{repeated[0]}”，请改一个名字，否则看不出是哪一条定的时限。"
        raise TimeSettingsRefused(message)


def _check_base(rules: list[Rule]) -> None:
    """There must be a rule for everything that no other speaks of."""
    base = next((rule for rule in rules if rule.conditions == Conditions()), None)
    if base is None:
        message = "缺少一条不写 when 的通用规则：没有它，别的规则都不适用的诉求就没有时限。"
        raise TimeSettingsRefused(message)
    missing = [term.value for term in Term if term not in base.spans]
    missing += [name for name in _LIMITS if getattr(base, name) is None]
    if missing:
        message = f"通用规则“{base.name}”缺少：{'、'.join(missing)}。它要把每一项都写全。"
        raise TimeSettingsRefused(message)
