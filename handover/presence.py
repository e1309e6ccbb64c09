"""Which agents are there: on duty by their own word, and as long as their page gives a sign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select, update

from handover.tables import agents
from service.storage import hold

SIGN_EVERY = timedelta(seconds=20)
"""How often an open page of an agent gives a sign."""

GONE_AFTER = timedelta(seconds=90)
"""Who gave no sign for so long is not there, whatever they said before."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who talks with citizens.

    Attributes:
        number: as citizens know them; given once, at the first time on duty.
    """

    username: str
    number: int
    on_duty: bool
    seen_at: datetime

    def is_there(self, at: datetime) -> bool:
        """Whether they can take somebody now."""
        return self.on_duty and at - self.seen_at < GONE_AFTER


def come_within(connection: Connection, username: str, at: datetime) -> None:
    """Somebody goes on duty."""
    hold(connection, "numbers of agents")
    if agent_within(connection, username) is None:
        number = (connection.scalar(select(func.max(agents.c.number))) or 0) + 1
        connection.execute(insert(agents).values(username=username, number=number, on_duty=True, seen_at=at))
    _update(connection, username, on_duty=True, seen_at=at)


def leave_within(connection: Connection, username: str, at: datetime) -> None:
    """Somebody goes off duty; what they have taken stays theirs as long as they give signs."""
    _update(connection, username, on_duty=False, seen_at=at)


def sign_within(connection: Connection, username: str, at: datetime) -> None:
    """Somebody's page is still open."""
    _update(connection, username, seen_at=at)


def agent_within(connection: Connection, username: str) -> Agent | None:
    """An agent; None for one who never was on duty."""
    row = connection.execute(select(agents).where(agents.c.username == username)).one_or_none()
    return None if row is None else _agent(row)


def every_agent_within(connection: Connection) -> list[Agent]:
    """All agents, by number."""
    return [_agent(row) for row in connection.execute(select(agents).order_by(agents.c.number))]


def there(at: datetime) -> Callable[[Connection], list[Agent]]:
    """A unit of work: who can take somebody now, by number."""
    statement = select(agents).where(agents.c.on_duty, agents.c.seen_at > at - GONE_AFTER).order_by(agents.c.number)
    return lambda connection: [_agent(row) for row in connection.execute(statement)]


def _update(connection: Connection, username: str, **values: bool | datetime) -> None:
    connection.execute(update(agents).where(agents.c.username == username).values(values))


def _agent(row: Row[tuple[str, int, bool, datetime]]) -> Agent:
    return Agent(row.username, row.number, row.on_duty, row.seen_at)
