"""Time, aware and injectable. Citizens and staff read China's time; the database keeps UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime
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
