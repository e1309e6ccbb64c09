"""A turn that asks for a person: noted by the action, written in the transaction that keeps what was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from handover.presence import there
from handover.queue import ahead_within, open_within, put_within, waiting_within
from handover.talk import CHATS, Ending, Handover, State, Why
from service.clock import Clock
from service.storage import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a citizen stands on the way to a person.

    Attributes:
        ahead: how many are before them.
        number: of the agent who talks with them.
    """

    state: State
    ahead: int = 0
    number: int | None = None


def standing_within(connection: Connection, conversation: str) -> Standing | None:
    """Where a conversation stands; None when no person is asked for."""
    talk = open_within(connection, conversation)
    return None if talk is None else standing_of(connection, talk)


def standing_of(connection: Connection, talk: Handover) -> Standing:
    """Where an open hand-over stands."""
    if talk.state is State.WAITING:
        return Standing(talk.state, ahead=ahead_within(connection, talk))
    return Standing(talk.state, number=talk.number)


@dataclass(frozen=True, slots=True)
class Asked:
    """That a conversation asked for a person.

    Attributes:
        ending: it ended as it began, for nobody was there.
    """

    conversation: str
    channel: str
    why: Why
    ending: Ending | None

    def write(self, connection: Connection, at: datetime) -> None:
        """Keep it, in the transaction that ends the turn."""
        put_within(connection, self.conversation, self.channel, self.why, at, ending=self.ending)


class HandoverRequests:
    """Gathers what turns ask for until they end."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[str, Asked] = {}

    async def ask(self, conversation: str, channel: str, why: Why) -> Standing:
        """Note that a conversation wants a person.

        Returns:
            Where it will stand; ended at once when nobody is there, or could speak on this channel.
        """
        if channel not in CHATS:
            return Standing(State.ENDED)

        def look(connection: Connection) -> Standing:
            if not there(self._clock())(connection):
                return Standing(State.ENDED)
            waiting = waiting_within(connection)
            urgent = why is Why.EMERGENCY
            return Standing(State.WAITING, ahead=sum(each.urgent or not urgent for each in waiting))

        standing = await self._database.read(look)
        ending = Ending.NOBODY if standing.state is State.ENDED else None
        self._noted[conversation] = Asked(conversation, channel, why, ending)
        return standing

    def take(self, conversation: str) -> Asked | None:
        """What a conversation's turn asked for; it is not noted any longer."""
        return self._noted.pop(conversation, None)
