"""Time, aware and injectable. Citizens and staff read China's time; the database keeps UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def china_date(moment: datetime) -> date:
    """The calendar day in China at a moment."""
    return moment.astimezone(CHINA).date()


def chinese_day(day: date) -> str:
    """A day as people say it: 11月27日."""
    return f"{day.month}月{day.day}日"


def china_moment(when: date | datetime) -> datetime:
    """The moment itself, or the first of a day in China."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), CHINA)


def shown_when(when: date | datetime) -> str:
    """A day or a moment as forms and files write it: 2026-01-31, 2026-01-31 08:30."""
    return f"{when.astimezone(CHINA):%Y-%m-%d %H:%M}" if isinstance(when, datetime) else when.isoformat()
