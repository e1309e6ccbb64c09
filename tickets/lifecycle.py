"""The one door through which tickets change. A move is one transaction: right, state, timeline, everybody told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.clock import Clock, china_date, now
from service.encryption import Cipher, Keyring
from service.identity.roles import Actor
from service.storage import Database, hold
from tickets.announcing import announce
from tickets.change import Change
from tickets.clocks import STEP_IN, Clocks
from tickets.consent import keep_within as keep_consent
from tickets.deadlines.calendar import in_china
from tickets.deadlines.settings import TimeSettings
from tickets.deadlines.terms import Term
from tickets.deadlines.timetable import Timetable
from tickets.dispatch.rule_store import RuleStore
from tickets.effects import EFFECTS
from tickets.given import Given
from tickets.intake.gazetteer import Gazetteer
from tickets.moves import MOVES, Move, Verb
from tickets.number import next_number
from tickets.parties import PROGRAM, Party, parties_of
from tickets.records import TO_MOVE, WITH_INVOLVED, involved_in, record_within, ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.states import CLOSED, State
from tickets.tables import tickets
from tickets.ticket import Draft, Ticket
from tickets.watching import check_at

_REGISTER = insert(tickets).returning(tickets)
_CHANGE = update(tickets).where(tickets.c.id == bindparam("moved"))
_JOINS_TWO = (Verb.MERGE, Verb.LINK)
_merged_into = select(tickets.c.merged_into).where(tickets.c.number == bindparam("number")).scalar_subquery()
_HOLD_OTHER = select(tickets.c.id).where(tickets.c.id == _merged_into).with_for_update()
_LEAVES_MERGED = frozenset({State.WITHDRAWN, State.NOT_ACCEPTED, State.TRANSFERRED})
"""Ends that settle nothing for those whose tickets were merged into this one."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Registers tickets and moves them."""

    database: Database
    cipher: Cipher
    time: TimeSettings
    rules: RuleStore
    gazetteer: Gazetteer
    clock: Clock = now

    @classmethod
    def open(
        cls, database: Database, keyring: Keyring, clock: Clock = now, gazetteer: Gazetteer | None = None
    ) -> "Lifecycle":
        """The life cycle on a database, with the tickets' own key.

        Args:
            gazetteer: the streets and communities of the district; those that come with the product by default.
        """
        time, rules = TimeSettings(database, clock), RuleStore(database, clock)
        return cls(database, keyring.cipher("tickets"), time, rules, gazetteer or Gazetteer.load(), clock)

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
        draft = self.gazetteer.located(draft)
        number = next_number(connection, china_date(at))
        timetable = self.time.timetable_within(connection, at)
        values = self._row(draft, number, _first_clocks(timetable, draft, at), at)
        row = connection.execute(_REGISTER, values).one()
        ticket = ticket_of(row, self.cipher)
        moved = (None, ticket.state)
        details: dict[str, Any] = {"clocks": ticket.clocks.moved(None)}
        if draft.consent is not None:
            details["consent"] = keep_consent(connection, draft.consent)
        line = record_within(connection, ticket.id, Verb.SUBMIT, actor, None, moved, None, details, at)
        change = Change(
            connection,
            Verb.SUBMIT,
            ticket,
            actor,
            parties,
            frozenset(),
            Given(),
            at,
            timetable,
            self.rules,
            self.cipher,
            self.gazetteer,
        )
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
            if verb is Verb.ADD:
                connection.execute(_HOLD_OTHER, {"number": number})  # in the order in which merged ones are let go
            row = connection.execute(TO_MOVE, {"number": number}).one_or_none()
            if row is None:
                raise MoveNotAllowed(f"没有编号为 {number} 的工单，请核对。")
            if seen is not None and row.revision != seen:
                raise MoveNotAllowed("这张工单刚刚有了变化，请再看一次它的进度。")
            return self._move(connection, row, actor, verb, given)

        return move

    def _move(self, connection: Connection, row: Row[Any], actor: Actor, verb: Verb, given: Given) -> Ticket:
        change = self._begin(connection, row, actor, verb, given)
        EFFECTS[verb](change)
        ticket = change.ticket
        after = self._apply(change, MOVES[verb].target or ticket.state)
        line = record_within(
            connection,
            ticket.id,
            verb,
            actor,
            _acted_for(actor, ticket),
            (ticket.state, after.state),
            self.cipher.encrypt_text(change.note),
            change.details,
            change.at,
        )
        announce(change, after, line)
        if verb is Verb.ADD and after.state is State.MERGED:
            self._pass_on(connection, after, given)
        if after.state in _LEAVES_MERGED:
            self._separate_merged(connection, ticket)
        return after

    def _begin(self, connection: Connection, row: Row[Any], actor: Actor, verb: Verb, given: Given) -> Change:
        """A move that may be made: by this actor, from where the ticket stands, with all that it needs."""
        ticket, involved = ticket_of(row, self.cipher), involved_in(row)
        parties = parties_of(actor, ticket, involved)
        move = MOVES[verb]
        _check_right(move, parties)
        if ticket.state not in move.source:
            raise MoveNotAllowed(_not_from_here(ticket, move, parties))
        given.check(move)
        at = max(self.clock(), ticket.updated_at)  # a clock set back must not turn the timeline around
        change = Change(
            connection,
            verb,
            ticket,
            actor,
            parties,
            involved,
            given,
            at,
            self.time.timetable_within(connection, at),
            self.rules,
            self.cipher,
            self.gazetteer,
        )
        change.looked = (row.check_at, row.watch or {})
        return change

    def _apply(self, change: Change, state: State) -> Ticket:
        """Write what the move sets; every moved deadline stands in its details."""
        ticket, values = change.ticket, change.values
        values |= {"state": state, "updated_at": change.at, "revision": ticket.revision + 1}
        if state in CLOSED and ticket.closed_at is None:
            values["closed_at"] = change.at
        if ticket.state is State.EXTENSION_REQUESTED and state is not ticket.state:
            values["asked_extension"] = None
        if state is not ticket.state:
            self._start_step(change, state)
        if moved := change.clocks.moved(ticket.clocks):
            change.details["clocks"] = moved
        if change.verb is not Verb.SUPERVISE:
            values["active_at"] = change.at
        after = replace(ticket, **values)
        stored = (
            values
            | _stored_clocks(after.clocks, state)
            | {"check_at": check_at(after, *change.looked, change.timetable)}
        )
        change.connection.execute(_CHANGE, stored | {"moved": ticket.id})
        return after

    @staticmethod
    def _start_step(change: Change, state: State) -> None:
        """The step that begins with a state; while the unit works, there is none beside its own."""
        term = STEP_IN.get(state)
        step = None if term is None else change.start(term)
        change.set_clocks(step=step)
        if step is not None:
            change.details["step_due"] = step.due_at.isoformat()  # later steps overwrite the clock, never the timeline

    def _pass_on(self, connection: Connection, ticket: Ticket, added: Given) -> None:
        """What was added to a merged ticket stands with the one that is worked on, too."""
        row = connection.execute(WITH_INVOLVED.where(tickets.c.id == ticket.merged_into)).one()
        if row.state in CLOSED:
            raise MoveNotAllowed("一起办的那件已经有结果了。您这边没有解决的话，请告诉我们“没有解决”，我们单独接着办。")
        self._move(connection, row, PROGRAM, Verb.ADD, Given(text=added.text, other=ticket.number))

    def _separate_merged(self, connection: Connection, ticket: Ticket) -> None:
        statement = WITH_INVOLVED.where(tickets.c.merged_into == ticket.id).with_for_update(of=tickets)
        for row in connection.execute(statement).all():
            self._move(connection, row, PROGRAM, Verb.SEPARATE, Given())

    def _row(self, draft: Draft, number: str, clocks: Clocks, at: datetime) -> dict[str, Any]:
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
            "active_at": at,
            "check_at": at,
            "updated_at": at,
        } | _stored_clocks(clocks, State.SUBMITTED)


def _first_clocks(timetable: Timetable, draft: Draft, at: datetime) -> Clocks:
    """What a request is promised, and the first step; a promise another platform gave is kept."""
    terms = timetable.terms(
        kind=draft.kind, channel=draft.channel, urgency=draft.urgency, category=draft.category or "", at=at
    )
    promise = timetable.start(Term.PROMISE, terms, at)
    if draft.promised_at is not None:
        promise = replace(promise, due_at=in_china(draft.promised_at))
    return Clocks(promise, step=timetable.start(STEP_IN[State.SUBMITTED], terms, at, promise))


def _stored_clocks(clocks: Clocks, state: State) -> dict[str, Any]:
    """The columns of a ticket's clocks."""
    return {"clocks": clocks.as_json(), "promised_at": clocks.promise.due_at, "step_due": clocks.next_due(state)}


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
