"""A notice in words, whatever way it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.outbox import Notice


class NothingToSay(Exception):
    """There is nothing true to say at the moment; the message says why, for staff. It is tried again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words.

    Attributes:
        verb: what was done with a ticket; empty for what is about none.
        purpose: under which short messages for it are kept: ticket_approve, answered.
        reply: as a chat shows it.
        values: what templates may name; never what the citizen said, nor where.
        path: where on our own pages there is more.
        is_kept: it stands in the transcript already, and goes out whole.
    """

    verb: str
    purpose: str
    reply: Mapping[str, Any]
    values: Mapping[str, str]
    path: str = "/"
    is_kept: bool = False

    @property
    def occasion(self) -> str:
        """Under which WeChat's templates for it are kept: approve, answered."""
        return self.verb or self.purpose


class Wording(Protocol):
    """Puts notices into words, from what is true when they are delivered."""

    def letter(self, notice: Notice) -> Letter:
        """What to say.

        Raises:
            NothingToSay: see there.
        """
