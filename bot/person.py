"""What a message means in a conversation that waits for a person or talks with one: mostly, the assistant is silent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from actions.danger import show_danger
from actions.person import say
from bot.payloads import END_HANDOVER
from handover.asking import Standing
from handover.queue import CITIZEN, end_within, heard_within
from handover.talk import Ending, Handover, State
from handover.wording import Words
from knowledge_base.entry import Facet
from service.settings import Settings

_KEPT_EVERY = timedelta(minutes=1)  # one who types line by line is not interrupted after each
_LOOK_UPS = frozenset({"ask_policy", *(f"ask_{facet}" for facet in Facet)})
_LEAVES = re.compile(
    r"^(我?不想?等了?|别等了|取消(排队|转?人工)?|不排了|结束(人工|排队)?|退出(人工|排队)?|不(用|要|需要|转)(转?人工)?了?)[。！!~了吧]*$"
)
_ENDS = re.compile(r"^(结束|退出)(人工(服务|客服)?|对话|服务)[。！!~了吧]*$")


@dataclass(frozen=True, slots=True)
class Said:
    """What a citizen said.

    Attributes:
        clicked: the intent of the button that said it; None for typed words.
        danger: typed words tell of danger to life.
        in_form: the assistant is asking for a ticket's details.
    """

    text: str
    at: datetime
    clicked: str | None = None
    danger: bool = False
    in_form: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of a message.

    Attributes:
        answered_by_assistant: it is an ordinary turn; otherwise these replies are all that is said.
        ends: the hand-over is over.
    """

    answered_by_assistant: bool = False
    replies: Sequence[dict[str, Any]] = field(default=())
    ends: bool = False


def wants_to_end(text: str, state: State) -> bool:
    """Whether typed words end a hand-over. "不用了" leaves the queue; said to a person, it is an answer."""
    return bool(_ENDS.match(text) or (state is State.WAITING and _LEAVES.match(text)))


def course_of(said: Said, talk: Handover, standing: Standing, settings: Settings) -> Course:
    """What becomes of a message while a hand-over is open."""
    waits = talk.state is State.WAITING
    if said.clicked == END_HANDOVER or (not said.clicked and wants_to_end(said.text, talk.state)):
        return Course(replies=[say(Words.LEFT if waits else Words.CITIZEN_ENDED, settings)], ends=True)
    if said.danger:
        return Course(replies=[show_danger(said.text)])
    if said.clicked == "ask_for_person":
        return Course(replies=[say(Words.ALREADY_WAITING if waits else Words.ALREADY_TALKING, settings, standing)])
    if said.clicked in _LOOK_UPS or (waits and (said.clicked or said.in_form)):
        return Course(answered_by_assistant=True)
    first = talk.citizen_at == talk.queued_at
    if waits and (first or said.at - talk.citizen_at >= _KEPT_EVERY):
        return Course(replies=[say(Words.KEPT, settings, standing)])
    return Course()


def settle_within(connection: Connection, talk: Handover, said: Said, course: Course) -> None:
    """Keep what the message did to the hand-over."""
    if course.ends:
        end_within(connection, talk, Ending.CITIZEN, said.at, CITIZEN)
    else:
        heard_within(connection, talk, said.at, danger=said.danger)
