"""Warnings and the ladder of supervision as staff write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tickets.deadlines.document import Section
from tickets.deadlines.ladder import Ladder, Rung
from tickets.deadlines.span import Span
from tickets.deadlines.standing import Warnings

_KEY = re.compile(r"[a-z][a-z_]{0,29}")
_MOST_YELLOW_DAYS = 30
_MOST_LONG_OVERDUE = 365


@dataclass(frozen=True, slots=True)
class Supervision:
    """When to warn and how to press."""

    warnings: Warnings
    ladder: Ladder


def read_supervision(document: Any, calendars: Mapping[str, object]) -> Supervision:
    """What a document says of warnings and supervision.

    Args:
        calendars: those there are, by key.

    Raises:
        TimeSettingsRefused: it cannot be taken; the message says where and why.
    """
    section = Section(document, "督办设置")
    section.only(("warnings", "silent_after", "calendar", "ladder"))
    calendar = section.text("calendar")
    if calendar not in calendars:
        raise section.refused(f"没有“{calendar}”这个日历，现有：{'、'.join(calendars)}")
    rungs = [_rung(Section(each, f"第 {number} 级督办")) for number, each in enumerate(section.items("ladder"), 1)]
    if not rungs:
        raise section.refused("ladder 里一级也没有，至少写一级，否则超期的工单没有人管")
    keys = [rung.key for rung in rungs]
    if repeated := [key for key in keys if keys.count(key) > 1]:
        raise section.refused(f"有两级督办的 key 都是“{repeated[0]}”，请改一个")
    ladder = Ladder(tuple(rungs), section.parsed("silent_after", Span.parse), calendar)
    return Supervision(_warnings(section.section("warnings", "亮灯设置")), ladder)


def _rung(section: Section) -> Rung:
    section.only(("key", "name", "within", "after"))
    key = section.text("key")
    if not _KEY.fullmatch(key):
        raise section.refused(f"key“{key}”应由小写英文字母和下划线组成，最多 30 个")
    after = section.parsed("after", Span.parse) if section.has("after") else None
    return Rung(key, section.text("name"), section.parsed("within", Span.parse), after)


def _warnings(section: Section) -> Warnings:
    default = Warnings()
    section.only(("yellow_percent", "yellow_days", "red_percent", "long_overdue_days"))
    return Warnings(
        yellow_percent=section.number("yellow_percent", default.yellow_percent, 0, 100),
        yellow_days=section.number("yellow_days", default.yellow_days, 0, _MOST_YELLOW_DAYS),
        red_percent=section.number("red_percent", default.red_percent, 0, 100),
        long_overdue_days=section.number("long_overdue_days", default.long_overdue_days, 1, _MOST_LONG_OVERDUE),
    )
