"""What differs between two versions of a setting, as people read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NOTHING = object()
_BELOW = " › "
_NAMES = ("name", "title", "key", "rung")
"""What the items of a list are known by, where they have it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs.

    Attributes:
        where: the names that lead there; empty for the setting as a whole.
        before: as text; None where there was nothing.
        after: as text; None where there is nothing left.
    """

    where: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any, names: Mapping[str, str] | None = None) -> list[Difference]:
    """Every place in which two values of JSON differ, in the order in which they are written.

    Args:
        names: of fields and of values, as people call them.
    """
    return [_named(each, names or {}) for each in _differing((), before, after)]


def _named(found: Difference, names: Mapping[str, str]) -> Difference:
    where = _BELOW.join(names.get(name, name) for name in found.where.split(_BELOW))
    return Difference(where, _called(found.before, names), _called(found.after, names))


def _called(told: str | None, names: Mapping[str, str]) -> str | None:
    """Values that have names, by these; of a list each."""
    return None if told is None else "、".join(names.get(each, each) for each in told.split("、"))


def _differing(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    if before == after and type(before) is type(after):
        return
    ours, theirs = _inside(before), _inside(after)
    if ours is None or theirs is None or type(before) is not type(after):
        yield Difference(_BELOW.join(path), _told(before), _told(after))
        return
    for name in dict.fromkeys((*ours, *theirs)):
        yield from _differing((*path, name), ours.get(name, _NOTHING), theirs.get(name, _NOTHING))
    if isinstance(before, list) and (kept := [name for name in ours if name in theirs]) != [
        n for n in theirs if n in ours
    ]:
        yield Difference(
            _BELOW.join((*path, "次序")), "、".join(kept), "、".join(name for name in theirs if name in ours)
        )


def _inside(value: Any) -> Mapping[str, Any] | None:
    """What stands inside a value, by name; None for what is told as a whole."""
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items()}
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return None
    names = [next((str(each[name]) for name in _NAMES if name in each), "") for each in value]
    if len(set(names)) < len(names):
        names = [f"第 {place} 项" for place in range(1, len(names) + 1)]
    return dict(zip(names, value, strict=True))


def _told(value: Any) -> str | None:
    if value is _NOTHING:
        return None
    if value is None:
        return "（自带的）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{name}：{_told(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "、".join(_told(each) or "" for each in value) or "（空）"
    return str(value)
