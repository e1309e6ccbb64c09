"""How values are written on pages: moments, what is left of a time, counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from service.clock import shown_when

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 20 分钟, 6 小时, 3 天."""
    if length < _MINUTE:
        return "不到 1 分钟"
    if length < _HOUR:
        return f"{length // _MINUTE} 分钟"
    if length < 2 * _DAY:
        return f"{length // _HOUR} 小时"
    return f"{length // _DAY} 天"


def moment(when: datetime | None, otherwise: str = "—") -> Markup | str:
    """A moment in China's time, to the minute, as a time element."""
    return otherwise if when is None else _element(when, shown_when(when), "")


def ago(when: datetime | None, now: datetime, otherwise: str = "—") -> Markup | str:
    """How long something is past: 20 分钟前; its moment on hover, and for readers."""
    if when is None:
        return otherwise
    return _element(when, f"{span(now - when)}前" if now - when >= _MINUTE else "刚刚", "")


def left(due: datetime | None, now: datetime) -> Markup | str:
    """What is left of a time: 剩余 6 小时, 超时 2 天, near within a day; its moment on hover, and for readers."""
    if due is None:
        return "—"
    if due <= now:
        return _element(due, f"超时 {span(now - due)}", "late")
    return _element(due, f"剩余 {span(due - now)}", "soon" if due - now < _DAY else "")


def counted(number: int, most: int) -> str:
    """A count as it is shown: 1000+ where no more than that were counted."""
    return f"{most}+" if number >= most else str(number)


def _element(when: datetime, text: str, kind: str) -> Markup:
    full = shown_when(when)
    spoken = Markup("") if text == full else Markup('<span class="for-readers">（{}）</span>').format(full)
    return Markup('<time class="{}" datetime="{}" title="{}">{}{}</time>').format(
        f"time {kind}".strip(), when.astimezone(UTC).isoformat(timespec="seconds"), full, text, spoken
    )


FILTERS: Mapping[str, Callable[..., Any]] = {"moment": moment, "ago": ago, "left": left, "span": span}
