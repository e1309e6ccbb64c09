"""The facts the database finds are those a patient reader of the timeline finds, whatever happens to tickets."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hotline import AGENT, DISPATCHER, DRAFT, SUPERVISOR, UNITS, clerk_of, head_of
from oracle import facts_of
from sqlalchemy import select

from tickets.given import Given
from tickets.indicators.facts import FACTS, concerned, facts_between
from tickets.moves import Verb, possible
from tickets.parties import CITIZEN, PROGRAM, parties_of
from tickets.records import WITH_INVOLVED, involved_in, ticket_of
from tickets.refusal import MoveNotAllowed
from tickets.tables import surveys, tickets, timeline
from tickets.ticket import Satisfaction

CODES = [unit.code for unit in UNITS]
EVERYBODY = [CITIZEN, PROGRAM, AGENT, DISPATCHER, SUPERVISOR]
EVERYBODY += [somebody for code in CODES for somebody in (clerk_of(code), head_of(code))]
RARE = {Verb.WITHDRAW, Verb.TRANSFER, Verb.NOT_ACCEPT, Verb.ANSWER, Verb.MERGE, Verb.ARCHIVE}
IDLE = {Verb.ADD, Verb.URGE, Verb.LINK, Verb.SUPERVISE, Verb.CLASSIFY, Verb.CONTRIBUTE, Verb.ASSIGN}


def walk(connection, lifecycle, clock, chance, numbers, steps):
    """Move tickets about; what is refused is tried another way."""
    for _ in range(steps):
        clock.forward(hours=chance.choice([0, 0, 1, 6, 30, 60]))
        number = chance.choice(numbers)
        row = connection.execute(WITH_INVOLVED.where(tickets.c.number == number)).one()
        ticket, involved = ticket_of(row, lifecycle.cipher), involved_in(row)
        ways = [(actor, verb) for actor in EVERYBODY for verb in possible(ticket, parties_of(actor, ticket, involved))]
        verbs = sorted({verb for _, verb in ways} - IDLE)
        usual = [verb for verb in verbs if verb not in RARE] * 5
        if not verbs:
            continue
        verb = chance.choice(verbs + usual)
        actor = chance.choice([who for who, what in ways if what is verb])
        try:
            with connection.begin_nested():
                lifecycle.unit_of_work(actor, number, verb, given(chance, verb, numbers))(connection)
        except MoveNotAllowed:
            pass


def given(chance, verb, numbers):
    ends = verb in (Verb.RESOLVE, Verb.RATE)
    return Given(
        reason="属区住房和城乡建设局管养范围",
        text="电梯已于今天上午修好，请您再试用一下。",
        route="110" if verb is Verb.TRANSFER else "可以申请仲裁",
        unit=chance.choice(CODES),
        units=tuple(chance.sample(CODES, 2)),
        span="3个工作日",
        other=chance.choice(numbers),
        solved=ends,
        satisfaction=chance.choice([None, Satisfaction(chance.randint(3, 5) if ends else chance.randint(1, 2))]),
    )


def found_by_database(connection, begins, ends):
    facts = facts_between(begins, ends)
    names = select(tickets.c.number, facts).join_from(facts, tickets, tickets.c.id == facts.c.id)
    ids = connection.scalars(concerned(begins, ends)).all()
    rows = connection.execute(names, {"some": ids}).all()
    return {row.number: ({name for name in FACTS if getattr(row, name)}, row.lead, row.asked) for row in rows}


def found_by_reading(connection, begins, ends):
    found = {}
    for ticket in connection.execute(select(tickets)):
        lines = connection.execute(select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id))
        said = connection.execute(select(surveys).where(surveys.c.ticket_id == ticket.id).order_by(surveys.c.id))
        if known := facts_of(ticket, lines.all(), said.all(), begins, ends):
            found[ticket.number] = known
    return found


def check(connection, begins, ends):
    by_database, by_reading = found_by_database(connection, begins, ends), found_by_reading(connection, begins, ends)
    for number, known in by_database.items():
        assert known == by_reading[number], number
    for number in by_reading.keys() - by_database.keys():
        facts = by_reading[number][0]
        assert "open" not in facts, "an open ticket is never overlooked"
        assert facts.isdisjoint({"registered", "dispatched", "closed", "due", "overdue", "said", "rated"})
    return by_database


@pytest.mark.parametrize("seed", range(6))
async def test_the_database_finds_what_a_patient_reader_finds_and_later_too(staffed, database, clock, seed):
    chance = random.Random(seed)
    lifecycle = staffed.lifecycle

    def work(connection):
        begins, numbers = clock(), []
        for each in range(5):
            phone = chance.choice([None, DRAFT.phone])
            draft = replace(DRAFT, id=f"draft-{each}", phone=phone)
            numbers.append(lifecycle.submit_within(connection, CITIZEN, draft).number)
            walk(connection, lifecycle, clock, chance, numbers, 8)
        middle = clock()
        clock.forward(seconds=1)
        first = check(connection, begins, middle)
        walk(connection, lifecycle, clock, chance, numbers, 40)
        check(connection, middle, clock())
        check(connection, begins + timedelta(days=3), middle)
        again = check(connection, begins, middle)
        assert again == first, "a past period was rewritten"

    await database.write(work)
