"""One way of notices as a form has it: for which notices it is, and its steps in their order."""

from collections.abc import Mapping
from typing import Any

from channels.delivery.ladder import RUNG_LABELS
from console.forms import Form
from tickets.announcements import wordings

KINDS = {"ticket": "工单的进展", "agent": "人工说的话", "answered": "问过的问题有答案了"}
CHANNELS = {"widget": "网页", "wechat": "微信", "phone": "电话", "desk": "接听台", "api": "别的系统", "open311": "门户"}
PLACES = tuple(range(1, len(RUNG_LABELS) + 1))
"""Of the steps."""

_NAME_LIMIT = 40
_HIGHEST = 43_200  # minutes: thirty days


def document_of(form: Form) -> dict[str, Any]:
    """The ladder a form describes."""
    name = form.text("name", missing="请起个名称。", limit=_NAME_LIMIT)
    steps: list[dict[str, Any]] = []
    for place in PLACES:
        rung = form.raw(f"way_{place}")
        if not rung:
            continue
        if rung not in RUNG_LABELS or any(step["rung"] == rung for step in steps):
            form.complain(f"way_{place}", "同一种方式只能用一次。")
        wait = number_in(form, f"wait_{place}") if form.text(f"wait_{place}") else None
        steps.append({"rung": rung} if wait is None else {"rung": rung, "receipt_minutes": wait})
    chosen = {"kinds": KINDS, "verbs": set(wordings()), "channels": CHANNELS}
    named = {field: [each for each in form.several(field) if each in known] for field, known in chosen.items()}
    return (
        {"name": name}
        | {field: values for field, values in named.items() if values}
        | {"steps": steps, "opt_out": bool(form.raw("opt_out")), "staff": bool(form.raw("staff"))}
    )


def number_in(form: Form, name: str) -> float:
    """A number above 0, of minutes or of messages a second; anything else is complained of."""
    try:
        number = float(form.text(name, missing="请填数字。"))
    except ValueError:
        form.complain(name, "要是数字，如 5。")
        return 0
    if not 0 < number <= _HIGHEST:
        form.complain(name, f"要大于 0，最多 {_HIGHEST}。")
    return number


def form_of(ladder: Mapping[str, Any], seen: int) -> Form:
    """A form with a ladder.

    Args:
        seen: the version of the ladders that it is of, so that nobody overwrites another's work.
    """
    values = {name: ladder.get(name, ()) for name in ("kinds", "verbs", "channels")}
    values |= {"name": ladder.get("name", ""), "seen": seen}
    values |= {"opt_out": "1" if ladder.get("opt_out") else "", "staff": "1" if ladder.get("staff", True) else ""}
    for place, step in enumerate(ladder.get("steps", ()), 1):
        rung, wait = (step, "") if isinstance(step, str) else (step["rung"], step.get("receipt_minutes", ""))
        values |= {f"way_{place}": rung, f"wait_{place}": wait}
    return Form.of(values)
