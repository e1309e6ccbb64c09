"""What comes again: requests already known when a ticket is opened, and alarms when too much of the same comes in.

Every process keeps an index of the newest tickets in memory. A ticket is looked at once, soon after it was opened: the
row of its signature says that it was, so a crash in between looks again and says nothing twice.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, func, select

from service.clock import Clock, now
from service.encryption import Cipher, Keyring
from service.inbox import put_within as tell_staff
from service.inbox import to_role
from service.nightly import last_done
from service.storage import Database, hold
from tickets.alarms.alarm import Alarm
from tickets.alarms.judge import Insisting, Topic, judge_insisting, judge_surge, judge_words
from tickets.alarms.rules import alarm_rules
from tickets.alarms.store import put_within as put_alarm
from tickets.records import ticket_of
from tickets.similar.grouping import MOST
from tickets.similar.index import SimilarIndex
from tickets.similar.regrouping import JOB
from tickets.similar.repeats import find_repeats
from tickets.similar.signature import Signature, Wording, sign
from tickets.similar.store import PURPOSE, fill, person_of, signatures, topics
from tickets.similar.store import put_within as put_signature
from tickets.states import OPEN, State
from tickets.tables import tickets
from tickets.ticket import Outcome, Ticket

ALARM = "alarm"
"""The kind of an inbox line about an alarm."""

_AT_ONCE = 200
_COMPARED = 20
_SHOWN = 5
_REGROUPED = 2 * MOST  # those grouped anew, and what came since
_LATE = 1000  # a transaction may commit later than so many that began after it
_SOLVED = (Outcome.SOLVED, Outcome.DIRECT_ANSWER)


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket already there that seems to be about the same.

    Attributes:
        own: whether the same person opened it.
        why: the reasons, in Chinese.
    """

    ticket: Ticket
    own: bool
    why: str


@dataclass(slots=True)
class Recurrence:
    """Recognises what comes again."""

    database: Database
    cipher: Cipher
    signature_cipher: Cipher
    clock: Clock = now
    _index: SimilarIndex = field(default_factory=SimilarIndex)
    _newest: int = 0
    _grouped: datetime | None = None
    _using: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, database: Database, keyring: Keyring, clock: Clock = now) -> "Recurrence":
        """On a database, with the tickets' own keys."""
        return cls(database, keyring.cipher("tickets"), keyring.cipher(PURPOSE), clock)

    async def known(
        self, description: str, place: str, phone: str | None, *, conversation: str | None = None
    ) -> list[Known]:
        """Tickets still open that a new request seems to repeat: those of its conversation first, then the likest.

        Args:
            phone: in international form, of one whose number it is taken to be.
        """
        signature = await asyncio.to_thread(lambda: sign([Wording("", description, place)])[0])
        found = await self.database.read(lambda connection: self._known(connection, signature, phone))
        return sorted(found, key=lambda known: known.ticket.conversation != conversation)[:_SHOWN]

    async def repeated_by(self, ticket: Ticket) -> list[Known]:
        """Other tickets still open that a registered one seems to repeat, the likest first."""
        wording = Wording("", ticket.description, ticket.place or "")
        signature = await asyncio.to_thread(lambda: sign([wording])[0])
        found = await self.database.read(lambda connection: self._known(connection, signature, ticket.requester_phone))
        return [known for known in found if known.ticket.id != ticket.id][:_SHOWN]

    async def follow(self) -> None:
        """Take in what other processes looked at."""
        await self.database.read(self._take_in)

    async def look(self) -> int:
        """Look at tickets nobody has looked at yet, and take in those that other processes did; how many are new."""
        looked = 0
        while found := await self.database.write(self._look_at_some):
            looked += found
            if found < _AT_ONCE:
                break
        await self.follow()
        return looked

    def _known(self, connection: Connection, signature: Signature, phone: str | None) -> list[Known]:
        persons = frozenset(map(person_of, [] if phone is None else self.cipher.keyed_hashes(phone)))
        with self._using:
            repeats = find_repeats(self._index, signature, persons=persons, most=_COMPARED)
        these = tickets.c.id.in_([repeat.ticket for repeat in repeats])
        statement = select(tickets).where(these, tickets.c.state.in_(sorted(OPEN)))
        found = {row.id: ticket_of(row, self.cipher) for row in connection.execute(statement)}
        return [Known(found[each.ticket], each.own, each.why) for each in repeats if each.ticket in found]

    def _take_in(self, connection: Connection) -> None:
        with self._using:
            grouped = last_done(connection, JOB)
            if self._newest and grouped != self._grouped:
                self._index.regroup(topics(connection, _REGROUPED))
            self._grouped = grouped
            fill(self._index, self.signature_cipher, after=self._newest - _LATE)(connection)
            self._newest = connection.scalar(select(func.max(signatures.c.ticket_id))) or 0

    def _look_at_some(self, connection: Connection) -> int:
        hold(connection, "recurrence")
        seen = connection.scalar(select(func.max(signatures.c.ticket_id))) or 0
        unseen = select(tickets).outerjoin(signatures, signatures.c.ticket_id == tickets.c.id)
        unseen = unseen.where(signatures.c.ticket_id.is_(None), tickets.c.id > seen - _LATE)
        rows = connection.execute(unseen.order_by(tickets.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return 0
        self._take_in(connection)
        found = [ticket_of(row, self.cipher) for row in rows]
        signed = sign([Wording("", ticket.description, ticket.place or "") for ticket in found])
        for row, ticket, signature in zip(rows, found, signed, strict=True):
            person = person_of(row.requester_phone_hash)
            with self._using:
                topic = self._index.add(ticket.id, signature, person=person)
            at = self.clock()
            put_signature(
                connection,
                self.signature_cipher,
                ticket.id,
                signature,
                topic=topic,
                at=ticket.created_at,
            )
            for alarm in self._alarms(connection, ticket, topic, row.requester_phone_hash):
                if put_alarm(connection, alarm, at).to_be_told:
                    tell_staff(connection, map(to_role, alarm.roles), ALARM, ticket.number, at)
        return len(rows)

    def _alarms(self, connection: Connection, ticket: Ticket, topic: int, phone_hash: str | None) -> list[Alarm]:
        judged = [
            judge_words(ticket.id, ticket.description),
            judge_surge(self._topic(connection, ticket, topic)),
            None if phone_hash is None else judge_insisting(self._insisting(connection, ticket, topic, phone_hash)),
        ]
        return [alarm for alarm in judged if alarm is not None]

    @staticmethod
    def _topic(connection: Connection, ticket: Ticket, topic: int) -> Topic:
        rule = alarm_rules().surge
        begin = ticket.created_at - timedelta(days=rule.window_days)
        before = begin - timedelta(weeks=rule.usual_weeks)
        same = (signatures.c.topic == topic) & (signatures.c.at <= ticket.created_at)
        now_there = connection.scalars(select(signatures.c.ticket_id).where(same, signatures.c.at > begin)).all()
        usual = select(func.count()).where(same, signatures.c.at > before, signatures.c.at <= begin)
        return Topic(f"topic:{topic}", now_there, connection.scalar(usual) or 0)

    def _insisting(self, connection: Connection, ticket: Ticket, topic: int, phone_hash: str) -> Insisting:
        """Their tickets about the same that were not solved."""
        since = ticket.created_at - timedelta(days=alarm_rules().unsolved_again.within_days)
        hashes = self.cipher.keyed_hashes(ticket.requester_phone or "")
        theirs: Any = tickets.c.requester_phone_hash.in_(hashes) & (tickets.c.created_at > since)
        unsolved = tickets.c.outcome.is_(None) | tickets.c.outcome.not_in(_SOLVED)
        counted = tickets.c.state.not_in([State.WITHDRAWN, State.NOT_ACCEPTED])
        statement = select(tickets.c.id).join(signatures, signatures.c.ticket_id == tickets.c.id)
        statement = statement.where(theirs, unsolved, counted, signatures.c.topic == topic)
        return Insisting(phone_hash, f"topic:{topic}", connection.scalars(statement).all())
