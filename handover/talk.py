"""What a hand-over is: a conversation that waits for a person, talks with one, or did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

AGENT_SAID = "agent"
"""The kind of notices that carry a person's words, and the queue's, to where the transcript is not seen. Their content
is the reply as it is shown. They are for the chat alone, never for SMS."""


CHATS = frozenset({"widget", "wechat"})
"""Channels on which a person's words can come at any time."""


class Why(StrEnum):
    """Why a citizen is handed over."""

    ASKED = "asked"
    FAILED_ANSWERS = "failed_answers"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """The reason as staff read it."""
        return {Why.ASKED: "要求人工", Why.FAILED_ANSWERS: "没答上来", Why.EMERGENCY: "遇到危险"}[self]


class State(StrEnum):
    """Where a hand-over stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    ENDED = "ended"


class Ending(StrEnum):
    """How a hand-over came to its end."""

    AGENT = "agent"
    CITIZEN = "citizen"
    NOBODY = "nobody"
    TIMED_OUT = "timed_out"

    @property
    def label(self) -> str:
        """The end as staff read it."""
        return {
            Ending.AGENT: "话务员结束",
            Ending.CITIZEN: "市民结束",
            Ending.NOBODY: "没有话务员在线",
            Ending.TIMED_OUT: "超时结束",
        }[self]


class Told(StrEnum):
    """What a waiting citizen has been told so far."""

    QUEUED = "queued"
    PATIENCE = "patience"
    APOLOGY = "apology"


class Deed(StrEnum):
    """What can happen to a hand-over; each is kept with the moment and who did it."""

    ASK = "ask"
    TAKE = "take"
    ANSWER = "answer"
    RELEASE = "release"
    TRANSFER = "transfer"
    URGENT = "urgent"
    LATE = "late"
    ENTRY = "entry"
    TICKET = "ticket"
    END = "end"

    @property
    def label(self) -> str:
        """The deed as staff read it."""
        return {
            Deed.ASK: "要求人工",
            Deed.TAKE: "接入",
            Deed.ANSWER: "第一次答复",
            Deed.RELEASE: "退回排队",
            Deed.TRANSFER: "转给同事",
            Deed.URGENT: "说到危险",
            Deed.LATE: "超过承诺时间",
            Deed.ENTRY: "发送条目",
            Deed.TICKET: "登记工单",
            Deed.END: "结束",
        }[self]


@dataclass(frozen=True, slots=True)
class Handover:
    """A conversation with, or on its way to, a person.

    Attributes:
        conversation: None once the conversation is forgotten.
        urgent: danger was told of; it goes before all others.
        queued_at: when it last came into the queue: when it was asked for, or given back.
        told: what the citizen heard while waiting.
        agent: who has it, or had it last; the name of an account.
        number: the agent's, as citizens know them.
        citizen_at: when the citizen last said something to the person.
        agent_at: when the person last answered.
    """

    id: int
    conversation: str | None
    channel: str
    why: Why
    state: State
    urgent: bool
    asked_at: datetime
    queued_at: datetime
    told: Told
    agent: str | None
    number: int | None
    taken_at: datetime | None
    first_answer_at: datetime | None
    citizen_at: datetime
    agent_at: datetime | None
    ended_at: datetime | None
    ending: Ending | None

    @property
    def awaits_answer(self) -> bool:
        """Whether it is the agent's turn to speak."""
        return self.state is State.TAKEN and (self.agent_at is None or self.agent_at < self.citizen_at)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a hand-over.

    Attributes:
        actor: an account's name, `citizen` or `system`.
        about: whom it went to, the entry sent, the ticket opened, how it ended; nothing personal.
    """

    at: datetime
    actor: str
    deed: Deed
    about: str | None


class HandoverRefused(Exception):
    """It cannot be done now; the message says why, in Chinese."""
