"""The list of units with all that belongs to units, of tickets and of the knowledge base alike."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from knowledge_base.issuers import follow_within, issued_by
from service.clock import Clock, now
from service.identity.roles import Actor
from service.storage import Database
from tickets.unit_belongings import OWN, Belonging, Moved, new_names
from tickets.unit_changes import UnitList


def open_unit_list(database: Database, clock: Clock = now) -> UnitList:
    """The list of units of an installation."""
    return UnitList(database, clock, (*OWN, _ENTRIES))


def _follow(connection: Connection, actor: Actor, moved: Sequence[Moved], at: datetime) -> None:
    follow_within(connection, actor, new_names(moved), at)


_ENTRIES = Belonging("entries", "知识条目", "条", lambda connection, unit: issued_by(connection, unit.name), _follow)
