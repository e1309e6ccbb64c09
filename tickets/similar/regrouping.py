"""Hot topics grouped anew at night: all requests of some weeks at once, which does not depend on their order."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from service.clock import Clock
from service.encryption import Cipher
from service.nightly import begin_within, done_within, is_night
from service.storage import Database
from tickets.similar.grouping import MOST, group
from tickets.similar.signature import Signature
from tickets.similar.store import regroup_within, signature_of, signatures

JOB = "regroup"
_WEEKS = 9  # the week of a surge and the eight before it that tell what is usual


@dataclass(frozen=True, slots=True)
class Grouped:
    """A request as it is grouped now."""

    ticket: int
    topic: int
    signature: Signature


@dataclass(frozen=True, slots=True)
class Regrouping:
    """Groups the requests of the last weeks once a night, in one of however many processes."""

    database: Database
    cipher: Cipher
    clock: Clock

    async def run(self) -> int | None:
        """Group anew, if it is night and nobody has; how many requests changed their topic."""
        at = self.clock()
        if not is_night(at) or not await self.database.write(lambda connection: begin_within(connection, JOB, at)):
            return None
        recent = await self.database.read(self._recent)
        changed = await asyncio.to_thread(regrouped, recent)

        def keep(connection: Connection) -> None:
            regroup_within(connection, changed)
            done_within(connection, JOB, self.clock())

        await self.database.write(keep)
        return len(changed)

    def _recent(self, connection: Connection) -> list[Grouped]:
        since = self.clock() - timedelta(weeks=_WEEKS)
        newest = select(signatures).where(signatures.c.at > since).order_by(signatures.c.ticket_id.desc()).limit(MOST)
        rows = connection.execute(newest).all()[::-1]
        return [Grouped(row.ticket_id, row.topic, signature_of(self.cipher, row)) for row in rows]


def regrouped(recent: Sequence[Grouped]) -> dict[int, int]:
    """The requests whose topic changes, and which it is now.

    A topic is named by its first request. What goes on from before these weeks keeps its name, so that alarms about it
    are not told anew; of several groups it came apart into, the largest does.
    """
    groups: dict[int, list[Grouped]] = {}
    for one, number in zip(recent, group([one.signature for one in recent]), strict=True):
        groups.setdefault(number, []).append(one)
    within = {one.ticket for one in recent}
    taken: set[int] = set()
    changed: dict[int, int] = {}
    for members in sorted(groups.values(), key=lambda members: (-len(members), members[0].ticket)):
        earlier = Counter(one.topic for one in members if one.topic not in within and one.topic not in taken)
        topic = earlier.most_common(1)[0][0] if earlier else members[0].ticket
        taken.add(topic)
        changed |= {one.ticket: topic for one in members if one.topic != topic}
    return changed
