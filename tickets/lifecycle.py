"""The one door through which tickets change. A move is one transaction: right, state, timeline, everybody told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.clock import Clock, china_date, now
from service.encryption import Cipher, Keyring
from service.identity.roles import Actor
from service.storage import Database, hold
from tickets.announcing import announce
from tickets.change import Change
from tickets.effects import EFFECTS
from tickets.given import Given
from tickets.moves import MOVES, Move, Verb
from tickets.number import next_number
from tickets.parties import PROGRAM, Party, parties_of
from tickets.records import WITH_INVOLVED, involved_in, record_within, ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.states import CLOSED, State
from tickets.tables import tickets
from tickets.ticket import Draft, Ticket
from tickets.timing import STEP_IN, Facts, Timing

_JOINS_TWO = (Verb.MERGE, Verb.LINK)
_LEAVES_MERGED = frozenset({State.WITHDRAWN, State.NOT_ACCEPTED, State.TRANSFERRED})
"""Ends that settle nothing for those whose tickets were merged into this one."""

_LEFT_BEHIND = {State.SUSPENDED: "paused_at", State.EXTENSION_REQUESTED: "asked_until"}
_CLOCKS = ("promised_at", "handle_due")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Registers tickets and moves them."""

    database: Database
    cipher: Cipher
    timing: Timing
    clock: Clock = now

    @classmethod
    def open(cls, database: Database, keyring: Keyring, timing: Timing, clock: Clock = now) -> "Lifecycle":
        """The life cycle on a database, with the tickets' own key."""
        return cls(database, keyring.cipher("tickets"), timing, clock)

    async def submit(self, actor: Actor, draft: Draft) -> Ticket:
        """Register a confirmed draft. A draft that was already registered gives its ticket again.

        Raises:
            MoveNotAllowed: the actor may not register tickets.
        """
        try:
            return await self.database.write(lambda connection: self.submit_within(connection, actor, draft))
        except IntegrityError:
            statement = select(tickets).where(tickets.c.draft == draft.id)
            row = await self.database.read(lambda connection: connection.execute(statement).one_or_none())
            if row is None:
                raise
            return ticket_of(row, self.cipher)

    def submit_within(self, connection: Connection, actor: Actor, draft: Draft) -> Ticket:
        """See `submit`; within a transaction, where a draft registered before is an IntegrityError."""
        parties = parties_of(actor, None)
        _check_right(MOVES[Verb.SUBMIT], parties)
        at = self.clock()
        number = next_number(connection, china_date(at))
        row = connection.execute(insert(tickets).values(self._row(draft, number, at)).returning(tickets)).one()
        ticket = ticket_of(row, self.cipher)
        moved = (None, ticket.state)
        details = {"promised_at": [None, ticket.promised_at.isoformat()]}
        line = record_within(connection, ticket.id, Verb.SUBMIT, actor, None, moved, None, details, at)
        change = self._change(connection, Verb.SUBMIT, ticket, actor, parties, frozenset(), Given(), at)
        announce(change, ticket, line)
        return ticket

    async def perform(
        self, actor: Actor, number: str, verb: Verb, given: Given | None = None, *, seen: int | None = None
    ) -> Ticket:
        """Move a ticket.

        Args:
            number: the ticket's.
            given: what goes with it; nothing by default.
            seen: `revision` of the ticket the actor looked at; what happened to it since is not overlooked.

        Raises:
            MoveNotAllowed: no such ticket, no right to, not from this state, something missing, or a rule against it.
        """
        work = self.unit_of_work(actor, number, verb, given or Given(), seen)
        return await self.database.write(work)

    def unit_of_work(
        self, actor: Actor, number: str, verb: Verb, given: Given, seen: int | None = None
    ) -> Callable[[Connection], Ticket]:
        """See `perform`; for a transaction that does more than this."""

        def move(connection: Connection) -> Ticket:
            if verb in _JOINS_TWO:
                hold(connection, "joining tickets")  # two at once would wait for each other's ticket
            statement = WITH_INVOLVED.where(tickets.c.number == number).with_for_update(of=tickets)
            row = connection.execute(statement).one_or_none()
            if row is None:
                raise MoveNotAllowed(f"没有编号为 {number} 的工单，请核对。")
            if seen is not None and row.revision != seen:
                raise MoveNotAllowed("这张工单刚刚有了变化，请再看一次它的进度。")
            return self._move(connection, row, actor, verb, given)

        return move

    def _move(self, connection: Connection, row: Row[Any], actor: Actor, verb: Verb, given: Given) -> Ticket:
        ticket, involved = ticket_of(row, self.cipher), involved_in(row)
        parties = parties_of(actor, ticket, involved)
        move = MOVES[verb]
        _check_right(move, parties)
        if ticket.state not in move.source:
            raise MoveNotAllowed(_not_from_here(ticket, move, parties))
        given.check(move)
        at = max(self.clock(), ticket.updated_at)  # a clock set back must not turn the timeline around
        change = self._change(connection, verb, ticket, actor, parties, involved, given, at)
        EFFECTS[verb](change)
        after = self._apply(change, move.target or ticket.state)
        line = record_within(
            connection,
            ticket.id,
            verb,
            actor,
            _acted_for(actor, ticket),
            (ticket.state, after.state),
            self.cipher.encrypt_text(change.note),
            change.details,
            at,
        )
        announce(change, after, line)
        if after.state in _LEAVES_MERGED:
            self._separate_merged(connection, ticket)
        return after

    def _apply(self, change: Change, state: State) -> Ticket:
        """Write what the move sets; every moved deadline stands in its details."""
        ticket, values = change.ticket, change.values
        values |= {"state": state, "updated_at": change.at, "revision": ticket.revision + 1}
        if state in CLOSED and ticket.closed_at is None:
            values["closed_at"] = change.at
        if state is not ticket.state:  # what belonged to the state that is left
            values |= {_LEFT_BEHIND[ticket.state]: None} if ticket.state in _LEFT_BEHIND else {}
        if state is not ticket.state and "step_due" not in values:
            values["step_due"] = self._step_due(change, state)
        for clock in _CLOCKS:
            before, after = getattr(ticket, clock), values.get(clock, getattr(ticket, clock))
            if before != after:
                change.details[clock] = [moment and moment.isoformat() for moment in (before, after)]
        change.connection.execute(update(tickets).where(tickets.c.id == ticket.id).values(values))
        return replace(ticket, **values)

    def _step_due(self, change: Change, state: State) -> datetime | None:
        if state in CLOSED:
            return None
        step = STEP_IN.get(state)
        if step is None:  # the unit works, within its own deadline
            due: datetime | None = change.values.get("handle_due", change.ticket.handle_due)
            return due
        return change.timing.step(step, change.facts, change.at)

    def _separate_merged(self, connection: Connection, ticket: Ticket) -> None:
        statement = WITH_INVOLVED.where(tickets.c.merged_into == ticket.id).with_for_update(of=tickets)
        for row in connection.execute(statement).all():
            self._move(connection, row, PROGRAM, Verb.SEPARATE, Given())

    def _change(
        self,
        connection: Connection,
        verb: Verb,
        ticket: Ticket,
        actor: Actor,
        parties: frozenset[Party],
        involved: frozenset[str],
        given: Given,
        at: datetime,
    ) -> Change:
        return Change(connection, verb, ticket, actor, parties, involved, given, at, self.timing, self.cipher)

    def _row(self, draft: Draft, number: str, at: datetime) -> dict[str, Any]:
        facts = Facts(draft.kind, draft.channel, draft.urgency, draft.category)
        sealed = self.cipher.encrypt_text
        return {
            "number": number,
            "revision": 0,
            "kind": draft.kind,
            "state": State.SUBMITTED,
            "urgency": draft.urgency,
            "channel": draft.channel,
            "conversation": draft.conversation,
            "draft": draft.id,
            "description": sealed(draft.description),
            "place": sealed(draft.place),
            "street": draft.street,
            "community": draft.community,
            "requester_name": sealed(draft.name),
            "requester_phone": sealed(draft.phone),
            "requester_phone_hash": None if draft.phone is None else self.cipher.keyed_hash(draft.phone),
            "confidential": draft.confidential,
            "matter": draft.matter,
            "category": draft.category,
            "returns": 0,
            "reworks": 0,
            "extensions": 0,
            "external": draft.external,
            "created_at": at,
            "promised_at": draft.promised_at or self.timing.promise(facts, at),
            "step_due": self.timing.step(STEP_IN[State.SUBMITTED], facts, at),
            "updated_at": at,
        }


def _check_right(move: Move, parties: frozenset[Party]) -> None:
    if move.by.isdisjoint(parties):
        who = "、".join(party.label for party in Party if party in move.by and party is not Party.PROGRAM)
        raise MoveNotAllowed(f"“{move.label}”由{who}来做。")


def _not_from_here(ticket: Ticket, move: Move, parties: frozenset[Party]) -> str:
    if Party.REQUESTER in parties:
        return f"工单 {ticket.number} 现在是“{ticket.state.label}”，不能{move.label}。{ticket.state.next_step}"
    return f"工单 {ticket.number} 现在是“{ticket.state.staff_label}”，不能{move.label}。请刷新后再看。"


def _acted_for(actor: Actor, ticket: Ticket) -> str | None:
    """The unit somebody acts for: the one with a part in the ticket, else their only one."""
    for unit in (ticket.called, ticket.lead):
        if unit in actor.units:
            return unit
    return min(actor.units, default=None)
