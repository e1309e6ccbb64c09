"""What hangs on a unit: what has to be seen to before it is retired."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, func, select

from tickets.states import OPEN
from tickets.tables import tickets, units
from tickets.unit_belongings import Belonging
from tickets.units import Unit


@dataclass(frozen=True, slots=True)
class Held:
    """How many of one kind of thing a unit has."""

    belonging: Belonging
    number: int

    @property
    def counted(self) -> str:
        """How many: 3 个."""
        return f"{self.number} {self.belonging.measure}"

    @property
    def told(self) -> str:
        """How many of what: 3 个账号."""
        return f"{self.counted}{self.belonging.title}"


@dataclass(frozen=True, slots=True)
class Ties:
    """How much hangs on a unit.

    Attributes:
        tickets: open ones that it leads or was asked to take.
        held: of each kind of belonging, those of which there are some.
        below: units in use of which it is the parent.
        history: whether it ever had a ticket, which may be opened again, or took over from another unit.
    """

    tickets: int
    held: tuple[Held, ...]
    below: int
    history: bool

    @property
    def told(self) -> str:
        """What would be nobody's without a successor; empty where nothing would."""
        some = [f"{self.tickets} 张没办完的工单"] if self.tickets else []
        some += [each.told for each in self.held]
        return "、".join(some) or ("办过的工单（市民说没解决还要接着办）" if self.history else "")

    def has(self, name: str) -> bool:
        """Whether there are belongings of a kind, by its name."""
        return any(each.belonging.name == name for each in self.held)


_OPEN = tickets.c.state.in_(sorted(OPEN))


def ties_within(connection: Connection, unit: Unit, belongings: Sequence[Belonging]) -> Ties:
    """What hangs on a unit now."""
    led = tickets.c.lead == unit.code
    asked = (tickets.c.called == unit.code) & tickets.c.lead.is_distinct_from(unit.code)
    held = (Held(each, each.count(connection, unit)) for each in belongings)
    return Ties(
        tickets=_count(connection, tickets, _OPEN, led) + _count(connection, tickets, _OPEN, asked),
        held=tuple(each for each in held if each.number),
        below=_count(connection, units, units.c.parent == unit.code, units.c.active),
        history=_is_any(connection, tickets, led) or _is_any(connection, units, units.c.successor == unit.code),
    )


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def _is_any(connection: Connection, table: Table, condition: ColumnElement[bool]) -> bool:
    return connection.execute(select(1).select_from(table).where(condition).limit(1)).first() is not None
