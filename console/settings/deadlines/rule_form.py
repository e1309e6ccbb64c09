"""A time rule as a form has it."""

from collections.abc import Mapping
from typing import Any

from console.forms import Form
from console.settings.deadlines.parts import span_in
from tickets.deadlines.rule_file import CHANNELS, KINDS, URGENCIES
from tickets.deadlines.terms import Term

CHOSEN = {"kind": tuple(KINDS), "channel": tuple(CHANNELS), "urgency": tuple(URGENCIES)}
"""The conditions that are chosen, and from what; as rules name them."""

_LISTED = ("category", "season")
"""The conditions that are written, one a line."""

LIMITS = {"extend_by": "一次最多延期多久", "suspend_for": "最多等诉求人多久"}
COUNTS = {"extensions": "最多延期几次", "reassigns": "最多直接改派几次"}
_CONDITIONS = {"kind": "类型", "channel": "渠道", "urgency": "紧急程度", "category": "分类", "season": "日子"}


def form_of(rule: Mapping[str, Any], place: int) -> Form:
    """A form with a rule.

    Args:
        place: where it stands, from 1.
    """
    when = rule.get("when", {})
    values = {name: rule.get(name, "") for name in ("name", "calendar", "priority", *LIMITS, *COUNTS)}
    values |= {term.value: rule.get(term.value, "") for term in Term}
    values |= {name: [_chinese(name, each) for each in listed(when.get(name, []))] for name in CHOSEN}
    values |= {name: "\n".join(listed(when.get(name, []))) for name in _LISTED}
    return Form.of(values | {"was": rule.get("name", ""), "place": place})


def document_of(form: Form) -> dict[str, Any]:
    """The rule a form describes; what is wrong with a field stands in the form's complaints."""
    document: dict[str, Any] = {"name": form.text("name", missing="请写规则的名称。", limit=40)}
    when: dict[str, list[str]] = {
        name: [each for each in form.several(name) if each in allowed] for name, allowed in CHOSEN.items()
    }
    when |= {name: [each for line in form.text(name).splitlines() if (each := line.strip())] for name in _LISTED}
    if given := {name: values for name, values in when.items() if values}:
        document["when"] = given
    document["calendar"] = form.raw("calendar")
    if priority := _number(form, "priority", 99):
        document["priority"] = priority
    spans = {name: span_in(form, name) for name in (*(term.value for term in Term), *LIMITS)}
    counts = {name: _number(form, name, 9) for name in COUNTS}
    return document | {name: value for name, value in (spans | counts).items() if value not in (None, "")}


def conditions_told(rule: Mapping[str, Any]) -> str:
    """When a rule speaks, in words."""
    when = rule.get("when", {})
    told = [
        f"{_CONDITIONS[name]}：{'、'.join(_chinese(name, each) for each in listed(when[name]))}"
        for name in _CONDITIONS
        if name in when
    ]
    return "；".join(told) or "所有诉求"


def listed(value: Any) -> list[str]:
    """The values of a condition, which may be written as one or as several."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _chinese(name: str, value: str) -> str:
    labels: Mapping[str, Mapping[str, Any]] = {"kind": KINDS, "channel": CHANNELS, "urgency": URGENCIES}
    return next((label for label, known in labels.get(name, {}).items() if str(known) == value), value)


def _number(form: Form, name: str, highest: int) -> int | None:
    written = form.text(name)
    if not written:
        return None
    if not written.isdecimal() or len(written) > 2 or int(written) > highest:
        form.complain(name, f"请写 0 到 {highest} 的整数，现在是“{written[:10]}”。")
        return None
    return int(written)
