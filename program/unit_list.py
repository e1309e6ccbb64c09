"""The list of units with all that belongs to units, of tickets and of the knowledge base alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from knowledge_base.issuers import follow_within, issued_by
from knowledge_base.revisions import last_revision
from service.clock import Clock, now
from service.identity.roles import Actor
from service.storage import Database
from tickets.parties import PROGRAM
from tickets.unit_belongings import OWN, Belonging, Moved, new_names
from tickets.unit_changes import UnitList
from tickets.unit_history import called_now, last_change


def open_unit_list(database: Database, clock: Clock = now) -> UnitList:
    """The list of units of an installation."""
    return UnitList(database, clock, (*OWN, _ENTRIES))


@dataclass(slots=True)
class FormerNames:
    """Entries that were imported or saved under a former name of a unit get the name of today."""

    database: Database
    clock: Clock = now
    _looked_at: tuple[int, int] | None = None

    async def follow(self) -> int:
        """Look, where entries or units have changed since; how many entries were given another name."""
        state = await self.database.read(lambda connection: (last_revision(connection), last_change(connection)))
        if state == self._looked_at:
            return 0

        def rename(connection: Connection) -> int:
            return follow_within(connection, PROGRAM, called_now(connection), self.clock())

        renamed = await self.database.write(rename)
        self._looked_at = state
        return renamed


def _follow(connection: Connection, actor: Actor, moved: Sequence[Moved], at: datetime) -> None:
    follow_within(connection, actor, new_names(moved), at)


_ENTRIES = Belonging("entries", "知识条目", "条", lambda connection, unit: issued_by(connection, unit.name), _follow)
