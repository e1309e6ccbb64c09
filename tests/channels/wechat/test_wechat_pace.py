"""Which turn goes first when more come than can be run."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.arriving.pace import Pace

AT_ONCE = 8


class Street:
    """Turns that end when they are told to."""

    def __init__(self):
        self.pace = Pace()
        self.begun = []
        self.ends = {}
        self.tasks = []

    async def come(self, *names):
        for name in names:
            self.ends[name] = asyncio.Event()
            self.tasks.append(asyncio.create_task(self.turn(name)))
        await asyncio.sleep(0)

    async def turn(self, name):
        async with self.pace.turn(name):
            self.begun.append(name)
            await self.ends[name].wait()

    async def end(self, *names):
        for name in names:
            self.ends[name].set()
            for _ in range(3):
                await asyncio.sleep(0)

    async def end_all(self):
        while not all(task.done() for task in self.tasks):
            await self.end(*self.ends)
        return await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
def street():
    return Street()


async def test_so_many_run_at_once_and_the_others_follow_in_order(street):
    names = [f"{number:02}" for number in range(12)]
    await street.come(*names)
    assert street.begun == names[:AT_ONCE]

    await street.end("03")
    assert street.begun == names[:9]
    await street.end_all()
    assert street.begun == names


async def test_who_is_waited_for_goes_before_who_was_put_off(street):
    await street.come(*map(str, range(AT_ONCE)), "late", "fresh")
    street.pace.put_off("late")
    await street.end("0", "1")

    assert street.begun[AT_ONCE:] == ["fresh", "late"]
    await street.end_all()


async def test_who_was_put_off_gets_one_place_of_eight(street):
    fresh = [f"fresh{number}" for number in range(16)]
    street.pace.put_off("late")
    street.pace.put_off("later")
    await street.come(*map(str, range(AT_ONCE)), "late", "later", *fresh)
    for _ in range(16):
        await street.end(*street.begun)

    order = street.begun[AT_ONCE:]
    assert (order.index("late"), order.index("later")) == (7, 15)
    await street.end_all()


async def test_nobody_is_put_off_once_they_have_caught_up(street):
    street.pace.put_off("one")
    street.pace.put_off("one")
    street.pace.caught_up("one")
    assert street.pace.is_put_off("one")
    street.pace.caught_up("one")
    assert not street.pace.is_put_off("one")


async def test_a_wait_is_foreseen_by_how_long_turns_take(street, monkeypatch):
    monkeypatch.setattr(street.pace, "_seconds", 0.4)
    assert street.pace.seconds_to_wait() == 0
    await street.come(*map(str, range(AT_ONCE + 20)))
    assert street.pace.seconds_to_wait() == pytest.approx(20 * 0.4 / AT_ONCE)
    await street.end_all()


async def test_at_the_end_only_what_was_put_off_is_left(street):
    street.pace.put_off("late")
    await street.come(*map(str, range(AT_ONCE)), "late", "fresh")
    street.pace.end()
    results = await street.end_all()

    assert "late" not in street.begun
    assert "fresh" in street.begun
    assert [result for result in results if result] == [results[AT_ONCE]]
    assert isinstance(results[AT_ONCE], asyncio.CancelledError)


@given(st.lists(st.tuples(st.sampled_from(["come", "late", "end", "cancel"]), st.integers(0, 30)), max_size=120))
def test_whatever_happens_no_place_is_lost_and_none_is_given_twice(steps):
    async def walk():
        street = Street()
        for number, (step, which) in enumerate(steps):
            if step == "come":
                await street.come(f"{number}")
            elif street.ends:
                name = list(street.ends)[which % len(street.ends)]
                if step == "late":
                    street.pace.put_off(name)
                elif step == "end":
                    await street.end(name)
                else:
                    street.tasks[which % len(street.tasks)].cancel()
                    await asyncio.sleep(0)
            running = [name for name in street.begun if not street.tasks[list(street.ends).index(name)].done()]
            assert len(running) <= AT_ONCE
        await street.end_all()
        assert street.pace._running == 0

    asyncio.run(walk())
