"""The ways notices take as a kind of settings: the ladders in their order, and how each way is treated."""

from collections.abc import Mapping
from typing import Any

from channels.delivery.ladder import RUNG_LABELS, Ladders, LaddersRefused
from service.kept.kind import Contents, Kind

LADDERS = "ladders"
"""The kind's name, and that of the part with the ladders."""

RUNGS = "rungs"
"""The part that says how each way is treated."""

_CALLED = {LADDERS: "通知先后", RUNGS: "每种方式等多久、发多快"}
_NAMES = RUNG_LABELS | {
    "steps": "依次用",
    "rung": "方式",
    "receipt_minutes": "等回执几分钟",
    "opt_out": "退订以后不发",
    "staff": "都没送到由人工打电话",
    "kinds": "通知种类",
    "verbs": "工单的哪一步",
    "channels": "从哪里来的",
    "patience_minutes": "不通时等几分钟",
    "per_second": "补发时每秒几条",
}


def ladder_kind(shipped: Mapping[str, Any]) -> Kind:
    """The kind over a file's content."""
    parts = {RUNGS: shipped.get(RUNGS), LADDERS: shipped.get(LADDERS)}
    return Kind(
        LADDERS,
        "通知方式",
        lambda: parts,
        _check,
        refused=LaddersRefused,
        called=lambda part: _CALLED.get(part, part),
        names=_NAMES,
    )


def _check(_before: Contents, after: Contents) -> None:
    if not Ladders(after).file.ladders:
        raise LaddersRefused("至少要留一种安排。")
