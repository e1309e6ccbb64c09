"""What citizens are told on the way to a person: `wording.yml`, and what the installation has set over it."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import yaml

from service.kept.sentences import Spoken, sentences


class Words(StrEnum):
    """What citizens are told."""

    QUEUED = "queued"
    KEPT = "kept"
    PATIENCE = "patience"
    APOLOGY = "apology"
    NOBODY = "nobody"
    QUEUED_DRAFT = "queued_draft"
    NOBODY_DRAFT = "nobody_draft"
    NOBODY_LEFT = "nobody_left"
    GAVE_UP = "gave_up"
    TAKEN = "taken"
    TRANSFERRED = "transferred"
    RELEASED = "released"
    BACK = "back"
    IDLE = "idle"
    CITIZEN_ENDED = "citizen_ended"
    LEFT = "left"
    ALREADY_WAITING = "already_waiting"
    ALREADY_TALKING = "already_talking"
    NOT_OPEN = "not_open"

    @property
    def label(self) -> str:
        """When it is said, as staff read it."""
        return _LABELS[self]


_LABELS = {
    Words.QUEUED: "开始排队",
    Words.KEPT: "排队时说的话记下了",
    Words.PATIENCE: "排队等着的时候",
    Words.APOLOGY: "超过承诺还没人接",
    Words.NOBODY: "没有人工在线",
    Words.QUEUED_DRAFT: "登记到一半时开始排队",
    Words.NOBODY_DRAFT: "登记到一半，没有人工在线",
    Words.NOBODY_LEFT: "排队时人工都下线了",
    Words.GAVE_UP: "等到最后也没接上",
    Words.TAKEN: "有人接了",
    Words.TRANSFERRED: "换了一位同事",
    Words.RELEASED: "接的人退回排队",
    Words.BACK: "话务员结束人工",
    Words.IDLE: "市民不说话，自动结束",
    Words.CITIZEN_ENDED: "市民结束人工",
    Words.LEFT: "市民不等了",
    Words.ALREADY_WAITING: "排着队又点转人工",
    Words.ALREADY_TALKING: "接通后又点转人工",
    Words.NOT_OPEN: "没在接人工时点了结束",
}

_SHIPPED: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("wording.yml").read_text("utf-8"))

HANDOVER_WORDS = sentences(
    "handover_words",
    "转人工的话",
    _SHIPPED,
    also=("phone", "promise"),
    called=lambda part: Words(part).label if part in set(Words) else part,
)

spoken = Spoken(_SHIPPED)
"""The sentences of this process."""


def position(ahead: int) -> str:
    """How many are before one who waits, as a sentence."""
    return f"前面还有 {ahead} 位。" if ahead else "您是下一位。"


def agent_name(title: str, number: int | None) -> str:
    """An agent as citizens know them: 话务员 3 号."""
    return title if number is None else f"{title} {number} 号"
