"""What an agent writes down of a caller's request: the form's fields, and the draft of a ticket they make."""

import secrets

from console.forms import Form
from tickets.categories.tree import Categories
from tickets.intake.name import ANONYMOUS
from tickets.intake.phone import parse_phone
from tickets.intake.place import UNKNOWN_PLACE
from tickets.ticket import Draft, Kind
from tickets.urgency import Urgency

CHANNEL = "phone"
STORY_LIMIT, PLACE_LIMIT, NAME_LIMIT, ANSWER_LIMIT = 1000, 100, 20, 5000
FIELDS = (
    "draft",
    "words",
    "phone",
    "name",
    "description",
    "place",
    "kind",
    "category",
    "urgency",
    "confidential",
    "matter",
    "answer",
)
"""What is kept of a form that is left."""

WRITTEN = ("words", "phone", "name", "description", "place", "answer")
"""The fields somebody writes in: where all are empty there is nothing to keep."""

_DRAFT_LIMIT, _MATTER_LIMIT = 60, 100


def new_draft() -> str:
    """What a request is known by before it has a number: registered twice, it is one ticket."""
    return secrets.token_hex(16)


def empty_form() -> Form:
    """The form of the next call."""
    return Form.of({"draft": new_draft(), "kind": Kind.HELP.value, "urgency": Urgency.NORMAL.value})


def draft_from(form: Form, categories: Categories, known_name: str | None) -> Draft:
    """The ticket to be registered; what is wrong is complained of in the form.

    Args:
        known_name: how the owner of the phone was called before, for who left the name empty.
    """
    written = form.text("phone")
    phone = parse_phone(written)
    if written and phone is None:
        form.complain("phone", "这个号码不对，请和来电人再核对一遍；没有号码就空着。")
    written_category = form.text("category")
    category = categories.current(written_category)
    if written_category and category is None:
        form.complain("category", "这个分类已经没有了，请重新选。")
    kind = form.choice("kind", set(Kind), missing="请选一个类型。")
    urgency = form.choice("urgency", set(Urgency), missing="请选紧急程度。")
    return Draft(
        id=form.raw("draft")[:_DRAFT_LIMIT] or new_draft(),
        kind=Kind(kind) if kind in set(Kind) else Kind.OTHER,
        channel=CHANNEL,
        conversation=f"{CHANNEL}:{form.raw('draft')[: _DRAFT_LIMIT - len(CHANNEL)]}",
        description=form.text("description", missing="请写清楚是什么事。", limit=STORY_LIMIT),
        place=form.text("place", limit=PLACE_LIMIT) or UNKNOWN_PLACE,
        name=form.text("name", limit=NAME_LIMIT) or known_name or ANONYMOUS,
        phone=phone,
        matter=form.text("matter")[:_MATTER_LIMIT] or None,
        category=category.code if category else None,
        urgency=Urgency(urgency) if urgency in set(Urgency) else Urgency.NORMAL,
        confidential=bool(form.raw("confidential")),
    )
