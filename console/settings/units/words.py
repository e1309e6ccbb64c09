"""Units as their pages tell of them: in the order of the tree, and their changes in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tickets.units import Unit

_LABELS = {"name": "名称", "parent": "上级", "active": "状态", "phone": "值班电话", "successor": "接续单位"}


def in_order(units: Iterable[Unit]) -> Iterator[tuple[Unit, int]]:
    """Units with how deep they stand, each behind the one it belongs to; on the top what belongs to none of them."""
    listed = {unit.code: unit for unit in units}
    below: dict[str | None, list[Unit]] = {}
    for unit in listed.values():
        below.setdefault(unit.parent if unit.parent in listed else None, []).append(unit)
    waiting = [(unit, 0) for unit in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        yield unit, depth
        waiting += [(each, depth + 1) for each in reversed(below.get(unit.code, []))]


def told(changes: Mapping[str, Any], names: Mapping[str, str], before: Unit | None) -> list[str]:
    """Changed fields in words."""

    def shown(field: str, value: Any) -> str:
        if field == "active":
            return "在用" if value else "停用"
        if field in ("parent", "successor"):
            return names.get(value, value) if value else "（没有）"
        return value or "（没有）"

    return [
        f"{_LABELS[field]}：{shown(field, value)}"
        if before is None
        else f"{_LABELS[field]}：{shown(field, getattr(before, field))} → {shown(field, value)}"
        for field, value in changes.items()
    ]
