"""The life of an entry, as data: the states of a version, and who may move it from which to which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from knowledge_base.entry import Entry
from service.identity.roles import Role


class NotAllowed(Exception):
    """It cannot be done; the message tells staff why and what to do instead."""


class VersionState(StrEnum):
    """Where a version stands. Whether a published one has begun or expired, its own dates say."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return _LABELS[self]


_LABELS = {
    VersionState.DRAFT: "草稿",
    VersionState.SUBMITTED: "待审核",
    VersionState.APPROVED: "已通过，待发布",
    VersionState.PUBLISHED: "已发布",
    VersionState.SUPERSEDED: "已被新版代替",
    VersionState.WITHDRAWN: "已撤下",
    VersionState.ARCHIVED: "已归档",
}

OPEN = frozenset({VersionState.DRAFT, VersionState.SUBMITTED, VersionState.APPROVED})
"""A version still on its way; an entry has at most one."""

TOLD = frozenset({VersionState.PUBLISHED, VersionState.SUPERSEDED})
"""A version that citizens were told, so that it is no secret."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done with a version.

    Attributes:
        by: roles of which one is needed.
        not_the_author: whether it takes another person than who wrote of it.
        reason: whether a reason must be given.
    """

    label: str
    source: frozenset[VersionState]
    target: VersionState
    by: tuple[Role, ...]
    not_the_author: bool = False
    reason: bool = False


AUTHORS = (Role.CURATOR, Role.UNIT_CLERK, Role.UNIT_HEAD)

MOVES = {
    "submit": Move("送审", frozenset({VersionState.DRAFT}), VersionState.SUBMITTED, AUTHORS),
    "take_back": Move("收回修改", frozenset({VersionState.SUBMITTED}), VersionState.DRAFT, AUTHORS),
    "send_back": Move(
        "退回修改",
        frozenset({VersionState.SUBMITTED, VersionState.APPROVED}),
        VersionState.DRAFT,
        (Role.REVIEWER,),
        reason=True,
    ),
    "approve": Move(
        "通过", frozenset({VersionState.SUBMITTED}), VersionState.APPROVED, (Role.REVIEWER,), not_the_author=True
    ),
    "publish": Move("发布", frozenset({VersionState.APPROVED}), VersionState.PUBLISHED, (Role.REVIEWER, Role.CURATOR)),
    "withdraw": Move(
        "撤下",
        frozenset({VersionState.PUBLISHED}),
        VersionState.WITHDRAWN,
        (Role.REVIEWER, Role.CURATOR, Role.UNIT_HEAD),
        reason=True,
    ),
    "put_back": Move(
        "恢复发布",
        frozenset({VersionState.WITHDRAWN}),
        VersionState.PUBLISHED,
        (Role.REVIEWER, Role.CURATOR, Role.UNIT_HEAD),
    ),
    "archive": Move(
        "归档",
        frozenset({VersionState.DRAFT, VersionState.SUPERSEDED, VersionState.WITHDRAWN}),
        VersionState.ARCHIVED,
        (Role.CURATOR, Role.REVIEWER),
    ),
}
"""Every move there is, by its verb. "supersede" happens by itself when a newer version is published."""

_OTHER_DEEDS = {
    "confirm": "复核：仍然有效",
    "unconfirm": "撤销复核",
    "draft": "起草",
    "edit": "修改",
    "restore": "取回旧版",
    "supersede": "被新版代替",
    "unit": "随单位改名",
    "import": "导入",
    "undo": "撤销导入",
}


def deed_label(verb: str) -> str:
    """What a line of an entry's history says was done, as staff read it."""
    return MOVES[verb].label if verb in MOVES else _OTHER_DEEDS.get(verb, verb)


class Source(BaseModel):
    """The part of a document a version was taken from.

    Attributes:
        document: the file's name.
        sha256: of the file.
        place: where in it: 第二章 总则 › 第三条（第 2 页）.
        text: as it stands there, for the editor to compare.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    sha256: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """An entry as it was written at one time.

    Attributes:
        number: 1, 2, … within the entry; also `entry.version`.
        changed_at: when its content or its state last changed.
        source: what it was taken from, if that was a document; then a person edits it before it may be submitted.
    """

    entry: Entry
    number: int
    state: VersionState
    author: str
    reviewer: str | None
    created_at: datetime
    changed_at: datetime
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing done with a version."""

    number: int
    at: datetime
    actor: str
    verb: str
    note: str | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field said in an older and in a newer version; lists line by line."""

    field: str
    before: str
    after: str


def compare(older: Entry, newer: Entry) -> list[FieldChange]:
    """The fields in which two versions differ, in the order of the entry's fields."""
    before, after = _texts(older), _texts(newer)
    return [FieldChange(name, before[name], after[name]) for name in before if before[name] != after[name]]


def _texts(entry: Entry) -> dict[str, str]:
    dumped = entry.model_dump(mode="json", exclude={"slug", "version", "published_at"})
    facets = dumped.pop("facets")
    dumped["legal_basis"] = [basis.cited for basis in entry.legal_basis]
    dumped["attachments"] = [attachment.written for attachment in entry.attachments]
    return {name: _text(value) for name, value in (dumped | facets).items()}


def _text(value: str | Sequence[str] | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "\n".join(value)
