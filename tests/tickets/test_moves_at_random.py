"""Tickets are moved at random by everybody; whatever happens, what citizens and staff rely on holds."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from conftest import FrozenClock
from hotline import AGENT, DISPATCHER, DRAFT, SUPERVISOR, UNITS, clerk_of, head_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select
from sqlalchemy.pool import StaticPool

from service.encryption import Keyring
from service.identity.tables import staff
from service.inbox import inbox
from service.migrations.tables import metadata
from service.outbox import outbox
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import MOVES, Verb, possible
from tickets.parties import CITIZEN, PROGRAM, Party, parties_of
from tickets.records import WITH_INVOLVED, involved_in, ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.states import CLOSED, OPEN, State
from tickets.tables import links, surveys, ticket_units, tickets, timeline
from tickets.ticket import Kind, Satisfaction
from tickets.units import put_within
from tickets.urgency import Urgency

CODES = [unit.code for unit in UNITS]
EVERYBODY = [
    CITIZEN,
    PROGRAM,
    AGENT,
    DISPATCHER,
    SUPERVISOR,
    *(somebody for code in CODES for somebody in (clerk_of(code), head_of(code))),
]
WORDS = st.sampled_from(
    [
        "您反映的3号楼电梯，维保公司11月20日更换了门机，21日上午试运行正常，请您再试用一下。",
        "属区住房和城乡建设局管养范围",
        "",
    ]
)
USUAL_WAY = (
    (DISPATCHER, Verb.DISPATCH, Given(unit="cg", units=("sw",))),
    (clerk_of("cg"), Verb.ACCEPT, Given()),
    (
        clerk_of("cg"),
        Verb.REPLY,
        Given(text="您反映的3号楼电梯，维保公司11月20日更换了门机，21日上午试运行正常，请您再试用一下。"),
    ),
    (AGENT, Verb.APPROVE, Given()),
    (CITIZEN, Verb.RESOLVE, Given(solved=True)),
)
KEPT = (tickets, timeline, ticket_units, surveys, links, inbox, outbox)
CLOCKS = ("promise", "handle")


def givens(numbers, now):
    """Mostly what makes sense, sometimes not."""
    return st.builds(
        Given,
        reason=WORDS,
        text=WORDS,
        route=st.sampled_from(["110", "可以向劳动仲裁委申请仲裁", ""]),
        unit=st.sampled_from([*CODES, "没有的单位", ""]),
        units=st.lists(st.sampled_from(CODES), max_size=3).map(tuple),
        handler=st.sampled_from(["cg-clerk", "somebody"]),
        until=st.none() | st.integers(-5, 25).map(lambda days: now + timedelta(days=days)),
        span=st.sampled_from(["3个工作日", "5个工作日", "很久", ""]),
        other=st.sampled_from([*numbers, "20260101-00001-0"]),
        solved=st.sampled_from([True, False, None]),
        satisfaction=st.none() | st.sampled_from(Satisfaction),
        level=st.just("reminder"),
        kind=st.none() | st.sampled_from(Kind),
        category=st.none() | st.just("旅游"),
        urgency=st.none() | st.sampled_from(Urgency),
    )


class World:
    """A hotline in memory."""

    def __init__(self):
        self.clock = FrozenClock()
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        metadata.create_all(self.engine)
        self.lifecycle = Lifecycle.open(None, Keyring(bytes(range(32))), self.clock)
        clerk = {"username": "cg-clerk", "password_hash": "", "roles": ["unit_clerk"], "units": ["cg"]}
        with self.engine.begin() as connection:
            put_within(connection, UNITS, self.clock())
            connection.execute(
                insert(staff).values(clerk | {"must_change_password": False, "created_at": self.clock()})
            )

    def submit(self, name):
        draft = replace(DRAFT, id=name)
        with self.engine.begin() as connection:
            return self.lifecycle.submit_within(connection, CITIZEN, draft).number

    def ticket(self, number):
        with self.engine.connect() as connection:
            row = connection.execute(WITH_INVOLVED.where(tickets.c.number == number)).one()
            return ticket_of(row, self.lifecycle.cipher), involved_in(row)

    def everything(self):
        with self.engine.connect() as connection:
            return [connection.execute(select(table).order_by(*table.primary_key)).all() for table in KEPT]

    def perform(self, actor, number, verb, what):
        """Try a move; False when it is refused, with words."""
        try:
            with self.engine.begin() as connection:
                self.lifecycle.unit_of_work(actor, number, verb, what)(connection)
        except MoveNotAllowed as refused:
            if not str(refused).strip():
                raise
            return False
        return True

    def rows(self, statement):
        with self.engine.connect() as connection:
            return connection.execute(statement).all()


def check_ticket(ticket):
    assert (ticket.step_due is None) == (ticket.state in CLOSED), "a ticket without a next moment is a silent one"
    assert (ticket.closed_at is None) == (ticket.state in OPEN)
    assert ticket.clocks.promise.is_paused == (ticket.state is State.SUSPENDED) or ticket.state in CLOSED
    assert (ticket.merged_into is not None) == (ticket.state is State.MERGED) or ticket.state is State.ARCHIVED
    if ticket.dispatched_at is not None:
        assert ticket.lead in CODES, "once somebody was asked, somebody is responsible"


def check_timeline(world, ticket):
    lines = world.rows(select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id))
    assert lines[0].verb == Verb.SUBMIT
    assert len(lines) == ticket.revision + 1
    assert lines[-1].target == ticket.state
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    clocks = dict.fromkeys(CLOCKS)
    for before, line in zip([None, *lines], lines, strict=False):
        move = MOVES[Verb(line.verb)]
        assert line.source == (before and before.target)
        assert before is None or line.source in move.source
        assert line.target == (move.target or line.source)
        for clock in CLOCKS:
            if moved := (line.details or {}).get("clocks", {}).get(clock):
                assert moved[0] == clocks[clock], "a deadline was moved without a word"
                clocks[clock] = moved[1]
    for clock, told in clocks.items():
        actual = getattr(ticket.clocks, clock)
        assert (told and datetime.fromisoformat(told)) == (actual and actual.due_at), (
            "a deadline was moved without a word"
        )
    return lines


def check_told(world, ticket, line, parties):
    """Everybody the table names learns of it."""
    tells = MOVES[Verb(line.verb)].tells
    told = {
        row.recipient
        for row in world.rows(select(inbox).where(inbox.c.subject == ticket.number, inbox.c.kind == line.verb))
    }
    for party, recipient in (
        (Party.DISPATCHER, "role:dispatcher"),
        (Party.AGENT, "role:agent"),
        (Party.SUPERVISOR, "role:supervisor"),
        (Party.LEAD, f"unit:{ticket.lead}" if ticket.lead else None),
        (Party.CALLED, f"unit:{ticket.called}" if ticket.called else None),
    ):
        if party in tells and recipient:
            assert recipient in told
    notices = world.rows(select(outbox).where(outbox.c.key == f"ticket {ticket.id} {line.id}"))
    assert len(notices) == (Party.REQUESTER in tells and Party.REQUESTER not in parties)
    for notice in notices:
        text = json.loads(world.lifecycle.cipher.decrypt_text(notice.news))["text"]
        assert ticket.number in text or Verb(line.verb) is Verb.TRANSFER
        assert "{" not in text


def ways_on(tickets_involved):
    """Everything somebody could do now: every actor with every verb the table allows them."""
    return [
        (ticket, actor, parties, verb)
        for ticket, involved in tickets_involved
        for actor in EVERYBODY
        for parties in [parties_of(actor, ticket, involved)]
        for verb in possible(ticket, parties)
    ]


@settings(
    max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_whatever_is_done_the_promises_of_a_ticket_hold(data):
    world = World()
    numbers = [world.submit("draft-a"), world.submit("draft-b")]
    for actor, verb, what in USUAL_WAY[: data.draw(st.integers(0, len(USUAL_WAY)), "already done")]:
        assert world.perform(actor, numbers[0], verb, what)
    for _ in range(12):
        world.clock.forward(hours=data.draw(st.sampled_from([0, 1, 5, 30]), "hours"))
        ways = ways_on(map(world.ticket, numbers))
        verbs = sorted({verb for *_, verb in ways}, key=lambda verb: (MOVES[verb].target in CLOSED, verb))
        onward = [verb for verb in verbs if MOVES[verb].target in OPEN]
        verb = data.draw(st.sampled_from(verbs + onward * 5), "verb")
        ticket, actor, parties, verb = data.draw(st.sampled_from([way for way in ways if way[3] is verb]), "way")
        what = data.draw(givens(numbers, world.clock()), "given")
        before = world.everything()
        moved = world.perform(actor, ticket.number, verb, what)
        if not moved:
            assert world.everything() == before, "a refused move left something behind"
            continue
        after, _ = world.ticket(ticket.number)
        line = check_timeline(world, after)[-1]
        assert line.verb == verb
        check_told(world, after, line, parties)
        for number in numbers:
            each, _ = world.ticket(number)
            check_ticket(each)
            check_timeline(world, each)


@pytest.mark.parametrize("state", State)
def test_every_open_state_has_a_way_on_and_no_closed_one_is_a_dead_end_for_its_requester(state):
    ways = [move for move in MOVES.values() if state in move.source and move.target not in (None, state)]

    assert ways or state is State.ARCHIVED
    if state in OPEN:
        assert any(Party.REQUESTER not in move.by for move in ways), "somebody of the hotline can take it on"


def test_every_move_that_tells_the_requester_has_its_words():
    from tickets.announcements import wordings

    assert set(wordings()) == {verb for verb, move in MOVES.items() if Party.REQUESTER in move.tells}
