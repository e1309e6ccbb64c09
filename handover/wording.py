"""The words of `wording.yml`, with their facts filled in."""

from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml


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


@cache
def wordings() -> dict[Words, str]:
    """Every wording."""
    text = (Path(__file__).parent / "wording.yml").read_text(encoding="utf-8")
    return {Words(name): wording for name, wording in yaml.safe_load(text).items()}


def position(ahead: int) -> str:
    """How many are before one who waits, as a sentence."""
    return f"前面还有 {ahead} 位。" if ahead else "您是下一位。"


def agent_name(title: str, number: int | None) -> str:
    """An agent as citizens know them: 话务员 3 号."""
    return title if number is None else f"{title} {number} 号"
