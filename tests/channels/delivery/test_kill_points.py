"""A worker is killed at each of its steps in turn: before and after each transaction, before and after each call.

Whatever the step, citizens see each notice once by each way, nothing is lost, and a ticket's news come in order.
"""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

import pytest
from delivering import Killed, Remedy, World, refusal

from channels.delivery.attempts import Receipt, attempts
from channels.delivery.breaker import close
from channels.delivery.courier import Courier
from channels.delivery.ladder import Step
from channels.delivery.receipts import received
from service.outbox import NoticeState, outbox

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NEWS = {"ticket-1": ("first", "second")}
PAGE = Step("widget", timedelta(minutes=3), timedelta(hours=1), 100)
SMS = Step("sms", None, timedelta(hours=6), 100)
LOST, TAKEN_AND_LOST = "lost before", "lost after"
EACH = {"the answer is lost", "the first way never does"}
"""Here every step is tried; elsewhere, as these have most steps in common, every fourth."""

SCENARIOS = {
    "all is well": ([SMS], []),
    "it is busy at first": ([SMS], [refusal(Remedy.RETRY)]),
    "the answer is lost": ([SMS], [TAKEN_AND_LOST]),
    "the message is lost": ([SMS], [LOST]),
    "an alarm shuts the way": ([SMS], [refusal(Remedy.ALARM)]),
    "the first way never does": ([PAGE, SMS], [refusal(Remedy.PERMANENT), refusal(Remedy.PERMANENT)]),
    "nobody opens the page": ([PAGE, SMS], []),
    "no way does": ([SMS], [refusal(Remedy.PERMANENT), refusal(Remedy.PERMANENT), refusal(Remedy.PERMANENT)]),
}


@dataclass
class Life:
    """A worker's steps; at one of them it ends, and nothing it begins afterwards happens."""

    ends_at: int
    steps: int = 0

    def step(self):
        self.steps += 1
        if self.steps >= self.ends_at:
            raise Killed


@dataclass
class MortalDatabase:
    """The database as a worker with such a life sees it."""

    database: object
    life: Life

    async def write(self, work):
        self.life.step()
        done = await self.database.write(work)
        self.life.step()
        return done

    async def read(self, work):
        self.life.step()
        return await self.database.read(work)


@dataclass
class MortalWay:
    """A way as a worker with such a life uses it."""

    way: object
    life: Life

    def reaches(self, recipient):
        return self.way.reaches(recipient)

    async def send(self, parcel):
        return await self._called(self.way.send(parcel))

    async def settle(self, parcel, since):
        return await self._called(self.way.settle(parcel, since))

    async def _called(self, call):
        try:
            self.life.step()
        except Killed:
            call.close()
            raise
        try:
            done = await call
        finally:
            self.life.step()
        return done


def mortal(world, ends_at):
    """One more worker, which ends at a step."""
    life, known = Life(ends_at), world.worker()
    rungs = {name: MortalWay(way, life) for name, way in known.rungs.items()}
    database = MortalDatabase(known.database, life)
    return Courier(database, rungs, known.ladders, known.wording, known.recipients, known.clock), life


async def rows(database):
    return await database.read(lambda connection: connection.execute(outbox.select().order_by(outbox.c.id)).all())


async def finish(world, clock):
    """Let others take over, until nothing waits: claims end, ways are mended, time passes."""
    for _ in range(60):
        await world.deliver(world.worker())
        if all(row.state != NoticeState.WAITING for row in await rows(world.database)):
            return
        clock.forward(minutes=10)
        await world.database.write(close("sms"))
    pytest.fail("something waits for ever")


async def killed_at(world, clock, ends_at, script):
    """Tell everything with one worker killed; whether it was."""
    for step in world.steps:
        world.ways[step.rung].__init__()
    world.ways[world.steps[0].rung].script = list(script)
    await world.database.write(lambda connection: connection.execute(outbox.delete()))
    for ticket, news in NEWS.items():
        await world.put(*(f"{ticket} {each}" for each in news), subject=ticket)
    courier, life = mortal(world, ends_at)
    with contextlib.suppress(Killed):
        await world.deliver(courier)
    await finish(world, clock)
    return life.steps >= ends_at


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_kill_at_any_step_doubles_and_loses_nothing(database, clock, scenario):
    steps, script = SCENARIOS[scenario]
    ends_at, was_killed = 0, True
    while was_killed:
        ends_at += 1 if scenario in EACH else 4
        world = World(database, clock, steps)
        was_killed = await killed_at(world, clock, ends_at, script)

        told = [text for step in steps for text in world.seen(step.rung)]
        for step in steps:
            seen = world.seen(step.rung)
            assert len(seen) == len(set(seen)), (ends_at, seen)
            for ticket, news in NEWS.items():
                own = [text for text in seen if text.startswith(ticket)]
                assert own == [text for each in news if (text := f"{ticket} {each}") in own], (ends_at, seen)
        for row in await rows(database):
            assert (row.state == NoticeState.SENT) == (row.key in told), (ends_at, row.key, row.state)
    assert ends_at > 12


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_receipt_that_comes_at_any_step_is_never_lost(database, clock, arrives):
    """The page's receipt comes while a worker is about to use the next way: it is told once more at most by SMS."""
    ends_at, was_killed = 0, True
    while was_killed:
        ends_at += 1
        world = World(database, clock, [PAGE, SMS])
        await database.write(lambda connection: connection.execute(outbox.delete()))
        await world.put("hello")
        await world.deliver()
        (attempt,) = await database.read(lambda connection: connection.scalars(attempts.select()).all())
        clock.forward(minutes=3)
        courier, life = mortal(world, ends_at)
        with contextlib.suppress(Killed):
            await world.deliver(courier)
        receipt = Receipt(arrives, reason="没有打开")
        for _ in range(2):  # the same again changes nothing
            await database.write(received(attempt, receipt, clock()))
        await finish(world, clock)
        was_killed = life.steps >= ends_at

        assert world.seen("widget") == ["hello"]
        assert len(world.seen("sms")) <= 1
        assert arrives or world.seen("sms") == ["hello"], ends_at
        assert [row.state for row in await rows(database)] == [NoticeState.SENT]
