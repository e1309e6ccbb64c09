"""A notice as staff see it: what it is about, what it says, how far it has come."""

import json
from dataclasses import dataclass

from channels.delivery.ladder import RUNG_LABELS
from handover.talk import AGENT_SAID
from knowledge_base.coverage.closing import ANSWERED
from service.encryption import Cipher, Undecipherable
from service.outbox import Kept, Notice, NoticeState
from service.privacy import mask_personal_data
from tickets.announcing import TICKET_MOVED

BADGES = {
    NoticeState.WAITING: "warn",
    NoticeState.SENT: "good",
    NoticeState.UNDELIVERED: "bad",
    NoticeState.UNREACHABLE: "bad",
    NoticeState.CANCELLED: "plain",
}
"""The badge of what became of a notice."""

_KINDS = {TICKET_MOVED: "工单的进展", ANSWERED: "问过的事有了答复", AGENT_SAID: "话务员说的话"}
_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice of a list.

    Attributes:
        about: what kind of news it is.
        link: where what it is about stands, below /console; None where nobody can look at it.
        text: what it says, masked; empty where that is not for staff.
        way: how it is or was tried last.
    """

    kept: Kept
    about: str
    link: str | None
    text: str
    way: str

    @property
    def may_look(self) -> str:
        """The route of where it stands, for `Visit.may`."""
        return "/tickets/{number}" if self.kept.notice.kind == TICKET_MOVED else "/knowledge/entries/{slug}"

    @property
    def excerpt(self) -> str:
        """The beginning of the text."""
        return self.text if len(self.text) <= _EXCERPT else f"{self.text[: _EXCERPT - 1]}…"


def shown(kept: Kept, cipher: Cipher) -> Shown:
    """A notice as staff see it.

    Args:
        cipher: the tickets'.
    """
    notice, rung = kept.notice, kept.rung
    way = RUNG_LABELS.get(rung, rung) if rung else "—"
    text = mask_personal_data(text_of(notice, cipher))
    return Shown(kept, _KINDS.get(notice.kind, notice.kind), _link(notice), text, way)


def text_of(notice: Notice, cipher: Cipher) -> str:
    """What a notice says of a ticket; empty for all others, which hold what citizens said."""
    try:
        said = cipher.decrypt_text(notice.news)
    except Undecipherable:
        return ""  # the key it was written with is gone; the notice itself still counts
    return str(json.loads(said)["text"]) if said else ""


def _link(notice: Notice) -> str | None:
    if notice.kind == TICKET_MOVED:
        return f"/tickets/{notice.subject}"
    return f"/knowledge/entries/{notice.subject}" if notice.kind == ANSWERED else None
