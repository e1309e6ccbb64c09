"""The documents that together say everything about time, and how they are read."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from tickets.deadlines.days import holidays_of, read_year
from tickets.deadlines.document import shipped, without_lines
from tickets.deadlines.hours import read_hours
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.rule_file import read_rules
from tickets.deadlines.supervision_file import read_supervision
from tickets.deadlines.timetable import NATURAL_KEY, Timetable

CALENDARS, RULES, SUPERVISION = "calendars", "rules", "supervision"
"""Names of the parts; those of the days of a year are days-2026 and so on."""

_DAYS = re.compile(r"days-(\d{4})")


def days_part(year: int) -> str:
    """The name of the part with the holidays of a year."""
    return f"days-{year}"


def year_of(part: str) -> int | None:
    """The year whose holidays a part has; none for any other part."""
    found = _DAYS.fullmatch(part)
    return int(found[1]) if found else None


@cache
def shipped_parts() -> dict[str, Any]:
    """The parts as the product brings them; not to be changed."""
    years = without_lines(shipped("days.yml"))
    fixed = {part: without_lines(shipped(f"{part}.yml")) for part in (CALENDARS, RULES, SUPERVISION)}
    return fixed | {days_part(int(year)): days for year, days in years.items()}


def read_parts(parts: Mapping[str, Any]) -> Timetable:
    """The timetable of documents.

    Raises:
        TimeSettingsRefused: one cannot be taken, or they do not fit together.
    """
    hours = read_hours(parts[CALENDARS])
    if NATURAL_KEY in hours:
        message = f"日历不能叫“{NATURAL_KEY}”，这个名字留给不分上下班的自然时间，请换一个。"
        raise TimeSettingsRefused(message)
    years = [read_year(year, document) for part, document in parts.items() if (year := year_of(part)) is not None]
    rules, supervision = read_rules(parts[RULES], hours), read_supervision(parts[SUPERVISION], hours)
    return Timetable.of(hours, holidays_of(years), rules, supervision)
