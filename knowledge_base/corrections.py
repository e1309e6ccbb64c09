"""The correction of the stated probability, learned anew as the base grows and shared by all processes."""

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from knowledge_base import tables
from knowledge_base.calibration import correction
from knowledge_base.decision import UNCORRECTED, Correction
from knowledge_base.knowledge import Knowledge
from knowledge_base.revisions import next_revision
from knowledge_base.search.weights import FINGERPRINT
from service.clock import Clock, now
from service.storage import Database, hold

_GROWTH = 0.1  # share of entries come or gone after which it is learned anew
_AGE = timedelta(days=7)  # after which it is, too, as what is published changes
_LEASE = timedelta(minutes=30)  # after which another process takes up what one began and did not end
_HELD = "correction"


async def read_correction(database: Database) -> Correction:
    """The correction in use."""
    columns = select(tables.correction.c.stretch, tables.correction.c.shift)
    row = await database.read(lambda connection: connection.execute(columns).one_or_none())
    return UNCORRECTED if row is None else Correction(row.stretch, row.shift)


async def renew_correction(database: Database, knowledge: Knowledge, clock: Clock = now) -> bool:
    """Learn the correction anew, if the base has grown or some time has gone by; whether it was.

    One process does so for all; the others take it over with the next revision.
    """
    if knowledge.encoding is not None:
        return False  # it would be learned without vectors, and once more with them
    basis, entries = f"{FINGERPRINT} {await knowledge.signals()}", len(knowledge.entries())

    def claim(connection: Connection) -> bool:
        hold(connection, _HELD)
        at = clock()
        kept = connection.execute(select(tables.correction)).one_or_none()
        if kept is None:
            first = {"id": 1, "questions": 0, "entries": 0, "basis": "", "at": at, "claimed_at": at}
            connection.execute(insert(tables.correction).values(asdict(UNCORRECTED) | first))
            return True
        grown = abs(entries - kept.entries) > _GROWTH * kept.entries
        if not (grown or kept.basis != basis or at - kept.at > _AGE):
            return False
        if kept.claimed_at is not None and at - kept.claimed_at < _LEASE:
            return False
        connection.execute(update(tables.correction).values(claimed_at=at))
        return True

    if not await database.write(claim):
        return False
    outcomes = await knowledge.ask_held_out()
    learned = {"questions": len(outcomes), "entries": entries, "basis": basis} | asdict(correction(outcomes))

    def keep(connection: Connection) -> None:
        connection.execute(update(tables.correction).values(**learned, at=clock(), claimed_at=None))
        next_revision(connection)

    await database.write(keep)
    return True
