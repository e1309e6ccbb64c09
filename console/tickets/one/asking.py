"""What the form of each move asks for: what the table needs, and what may be given besides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.forms import Form
from service.clock import CHINA
from tickets.categories import Categories
from tickets.given import Given
from tickets.moves import MOVES, Need, Verb
from tickets.number import find_number
from tickets.states import State
from tickets.ticket import Kind, Satisfaction, Ticket
from tickets.urgency import Urgency

_BESIDES: Mapping[Verb, tuple[str, ...]] = {
    Verb.DISPATCH: ("units", "reason"),
    Verb.REASSIGN: ("units",),
    Verb.RULE: ("units", "keep_as_rule"),
    Verb.INVESTIGATE: ("reason",),
    Verb.GRANT_RETURN: ("reason",),
    Verb.GRANT_EXTENSION: ("reason",),
    Verb.SUSPEND: ("until",),
    Verb.RESOLVE: ("satisfaction", "text"),
    Verb.CLASSIFY: ("kind", "category", "urgency", "street"),
    Verb.SEPARATE: ("reason",),
    Verb.URGE: ("text",),
    Verb.ARCHIVE: ("reason",),
}
_ORDER = (
    "unit",
    "units",
    "handler",
    "solved",
    "unsolved",
    "satisfaction",
    "text",
    "span",
    "reason",
    "route",
    "until",
    "other",
    "level",
    "kind",
    "category",
    "urgency",
    "street",
    "keep_as_rule",
)
_LABELS: Mapping[str, str] = {
    "units": "协办单位（可以不选）",
    "satisfaction": "满意程度（没问到可以不选）",
    "until": "最晚等到（不填就按规则的上限）",
    "unsolved": "诉求人在回访中说没有解决",
    "kind": "诉求类型",
    "category": "分类",
    "urgency": "紧急程度",
    "street": "街道",
    "keep_as_rule": "以后同类诉求都照这样派，留作派单规则",
}
_LABELS_OF: Mapping[tuple[Verb, str], str] = {
    (Verb.DISPATCH, "unit"): "派给哪个单位",
    (Verb.DISPATCH, "reason"): "给单位的话（可以不写）",
    (Verb.REASSIGN, "unit"): "改派给哪个单位",
    (Verb.RULE, "unit"): "定由哪个单位负责",
    (Verb.RULE, "reason"): "裁定的依据",
    (Verb.REQUEST_RETURN, "unit"): "应由哪个单位办",
    (Verb.REQUEST_RETURN, "reason"): "为什么：依据哪条职责分工或哪个现场情况",
    (Verb.INVESTIGATE, "units"): "参与的单位，至少两个",
    (Verb.INVESTIGATE, "reason"): "要查清什么（可以不写）",
    (Verb.GRANT_RETURN, "reason"): "说明（可以不写）",
    (Verb.GRANT_EXTENSION, "reason"): "告诉诉求人的原因（不写就用单位写的）",
    (Verb.REQUEST_EXTENSION, "reason"): "原因，会告诉诉求人",
    (Verb.SUSPEND, "reason"): "请诉求人补充什么，会告诉他",
    (Verb.REPLY, "text"): "给诉求人的答复",
    (Verb.ANSWER, "text"): "给诉求人的答复",
    (Verb.CONTRIBUTE, "text"): "本单位负责的部分，交给主办单位",
    (Verb.NOT_ACCEPT, "reason"): "为什么不能办，会告诉诉求人",
    (Verb.NOT_ACCEPT, "route"): "他可以走的途径：找谁、电话、地址",
    (Verb.TRANSFER, "route"): "转到哪里",
    (Verb.CALL_BACK, "text"): "打了哪个时间、什么情况",
    (Verb.RESOLVE, "text"): "诉求人说的话（可以不写）",
    (Verb.CONCLUDE, "reason"): "给诉求人的说明：依据是什么、还能走什么途径",
    (Verb.REWORK, "reason"): "哪里没有解决，要单位接着做什么",
    (Verb.SEND_BACK, "reason"): "哪里要改",
    (Verb.URGE, "text"): "给单位的话（可以不写）",
    (Verb.MERGE, "other"): "并入哪张工单（编号）",
    (Verb.LINK, "other"): "和哪张工单关联（编号）",
    (Verb.SEPARATE, "reason"): "说明（可以不写）",
    (Verb.ARCHIVE, "reason"): "说明（可以不写）",
}
_SOLVED = {"yes": True, "no": False}

WORDS = {
    Verb.REPLY: "text",
    Verb.ANSWER: "text",
    Verb.CONCLUDE: "reason",
    Verb.NOT_ACCEPT: "reason",
    Verb.REQUEST_EXTENSION: "reason",
    Verb.SUSPEND: "reason",
    Verb.GRANT_EXTENSION: "reason",
    Verb.REQUEST_RETURN: "reason",
}
"""The field whose words are read before they leave, by move."""

DRAFTED = frozenset({Verb.REPLY, Verb.ANSWER, Verb.CONTRIBUTE})
"""The moves whose text is kept while it is written."""


def asked(verb: Verb, ticket: Ticket) -> list[str]:
    """The fields of a move's form, in order."""
    names = {need.value for need in MOVES[verb].needs} | set(_BESIDES.get(verb, ()))
    if verb in (Verb.CONCLUDE, Verb.REWORK) and ticket.state is State.CALLBACK:
        names.add("unsolved")  # nobody has said so yet
    return [name for name in _ORDER if name in names]


def label(verb: Verb, name: str) -> str:
    """What a field is called in the form of a move."""
    known = _LABELS_OF.get((verb, name)) or _LABELS.get(name)
    return known or Need(name).label


def first_form(verb: Verb, ticket: Ticket, draft: str) -> Form:
    """A move's form as it is shown first."""
    values: dict[str, Any] = {}
    if verb is Verb.CLASSIFY:
        values = {"kind": ticket.kind, "category": ticket.category or "", "urgency": ticket.urgency}
        values["street"] = ticket.street or ""
    if verb is Verb.REQUEST_EXTENSION:
        values = {"span": "5个工作日"}
    if verb in DRAFTED and draft:
        values = {"text": draft}
    return Form.of(values)


def given_of(verb: Verb, form: Form, ticket: Ticket) -> Given:
    """What somebody gave with a move; what is missing is complained of in the form."""
    needed = {need.value for need in MOVES[verb].needs}
    values: dict[str, Any] = {}
    for name in asked(verb, ticket):
        missing = Need(name).missing if name in needed else ""
        values |= _read(name, form, missing)
    return Given.of(**values, confirmed=frozenset(form.several("confirmed")))


def see_category(form: Form, categories: Categories) -> None:
    """See that the category that was chosen, if one was, is still there."""
    if (code := form.text("category")) and categories.current(code) is None:
        form.complain("category", "这个分类已经没有了，请重新选。")


def _read(name: str, form: Form, missing: str) -> dict[str, Any]:
    if name == "units":
        units = tuple(form.several("units"))
        if not units and missing:
            form.complain("units", missing)
        return {"units": units}
    text = form.text(name, missing=missing)
    if name == "solved":
        return {"solved": _SOLVED.get(text)}
    if name == "unsolved":
        if not text:
            form.complain("unsolved", "请先问清诉求人是不是说没有解决，再勾选。")
        return {"solved": False}
    if name == "keep_as_rule":
        return {"keep_as_rule": bool(text)}
    if not text and not missing:
        return {}
    if name == "satisfaction":
        return {"satisfaction": Satisfaction(int(text))} if text in {"1", "2", "3", "4", "5"} else {}
    if name == "other":
        return {"other": find_number(text) or text}
    if name == "until":
        return {"until": _moment(text, form)}
    if name in ("kind", "urgency"):
        known: dict[str, Any] = {each.value: each for each in (Kind if name == "kind" else Urgency)}
        return {name: known.get(text)}
    return {name: text}


def _moment(text: str, form: Form) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        form.complain("until", "请写成 2026-11-24 18:00 这样的时间。")
        return None
