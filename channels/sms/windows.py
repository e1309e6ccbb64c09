"""Stretches of time in which messages are counted: minutes, hours and days of China's clock, or the last so long."""

import re
from datetime import datetime, timedelta

from service.clock import CHINA

_CALENDAR = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_ROLLING = re.compile(r"([1-9]\d{0,4})(s|m|h)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


class WindowRefused(ValueError):
    """No stretch of time; the message says what is."""


def rolling(window: str) -> timedelta | None:
    """How long a stretch is that ends now (30s, 10m, 24h); None for one of the calendar (minute, hour, day).

    Raises:
        WindowRefused: neither.
    """
    if window in _CALENDAR:
        return None
    written = _ROLLING.fullmatch(window)
    if not written:
        raise WindowRefused(f"“{window}”不是时间段：请写 minute、hour、day，或者 30s、10m、24h 这样。")
    return timedelta(**{_UNITS[written[2]]: int(written[1])})


def began(window: str, at: datetime) -> datetime:
    """When the stretch began that holds a moment."""
    span = rolling(window)
    if span is not None:
        return at - span
    local = at.astimezone(CHINA).replace(second=0, microsecond=0)
    if window != "minute":
        local = local.replace(minute=0)
    return local.replace(hour=0) if window == "day" else local


def until_next(window: str, at: datetime) -> timedelta:
    """How long until a stretch is over that counts in this moment."""
    return rolling(window) or began(window, at) + _CALENDAR[window] - at
