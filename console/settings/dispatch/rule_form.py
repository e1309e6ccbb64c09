"""A rule of the dispatch list as a form has it."""

import re
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date, timedelta

from console.forms import Form
from tickets.dispatch.rules import Rule, RulesRefused, rule_of

DAYS = ("effective_from", "expires_on", "decided_on")
_BETWEEN = re.compile(r"[、，,\n]+")


def form_of(rule: Rule) -> Form:
    """A form with a rule."""
    values = asdict(rule) | {name: "、".join(getattr(rule, name)) for name in ("assisting", "keywords")}
    return Form.of(values | {"was": rule.key})


def rule_in(form: Form, units: Collection[str]) -> Rule:
    """The rule a form describes; what is wrong stands in the form's complaints.

    Args:
        units: the names of the units in use.
    """
    key = form.text("key", missing="请写编号，如 城管-01。")
    rule = Rule(
        key=key,
        lead=form.text("lead", missing="请写主办单位。"),
        assisting=_several(form, "assisting"),
        matter=form.text("matter"),
        category=form.text("category").strip("/"),
        place=form.text("place"),
        keywords=_several(form, "keywords"),
        basis=form.text("basis"),
        decided_by=form.text("decided_by"),
        **{name: form.day(name) for name in DAYS},
    )
    for field, names in (("lead", (rule.lead,)), ("assisting", rule.assisting)):
        if unknown := [name for name in names if name and name not in units]:
            form.complain(field, f"单位名单里没有“{unknown[0]}”，或者已经停用；要写名单里的全称。")
    if form.ok:
        try:
            return rule_of(rule.as_dict(), f"“{key}”")
        except RulesRefused as refused:
            form.complain(refused.field or "key", str(refused))
    return rule


def succession(before: Rule | None, after: Rule, begins: date) -> tuple[Rule, ...]:
    """A rule from a day on: the one until then ends the day before, and the new one has a number of its own."""
    if before is None or (before.effective_from is not None and before.effective_from >= begins):
        return (replace(after, effective_from=begins),)
    ended = replace(before, expires_on=begins - timedelta(days=1))
    return ended, replace(after, key=f"{after.key}-{begins:%Y%m%d}", effective_from=begins)


def _several(form: Form, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in _BETWEEN.split(form.text(name)) if (each := part.strip())))
