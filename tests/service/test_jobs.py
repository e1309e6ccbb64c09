"""Long work: seen by who began it, told of whatever becomes of it."""

import asyncio

import pytest
import pytest_asyncio

from service.jobs import JobRefused, Jobs, Outcome, State, forget_within


@pytest_asyncio.fixture
async def jobs(database, clock):
    opened = Jobs(database, clock)
    yield opened
    await opened.close()


async def ended(jobs, number):
    while (job := await jobs.of("li", number)).state is State.RUNNING:
        await asyncio.sleep(0.01)
    return job


async def test_a_job_is_seen_by_who_began_it_and_nobody_else(jobs):
    async def work(tell):
        return Outcome("导入了 3 条。", "/knowledge")

    number = await jobs.start("li", "导入", work)
    job = await ended(jobs, number)
    assert (job.state, job.share, job.message, job.link) == (State.DONE, 1.0, "导入了 3 条。", "/knowledge")
    assert await jobs.of("wang", number) is None


@pytest.mark.parametrize(
    ("error", "message"), [(JobRefused("第 3 行不对。"), "第 3 行不对。"), (KeyError("x"), "出了点问题")]
)
async def test_a_job_that_fails_says_so(jobs, error, message):
    async def work(tell):
        raise error

    job = await ended(jobs, await jobs.start("li", "导入", work))
    assert job.state is State.FAILED
    assert message in job.message


async def test_a_job_that_is_cut_off_by_the_end_of_the_process_says_so(jobs):
    number = await jobs.start("li", "导入", lambda tell: asyncio.sleep(3600))
    await asyncio.sleep(0)
    await jobs.close()
    assert (await jobs.of("li", number)).message.startswith("中途断了")


async def test_a_job_of_a_process_that_died_is_seen_to_be_broken(database, jobs, clock):
    number = await jobs.start("li", "导入", lambda tell: asyncio.sleep(3600))
    other = Jobs(database, clock)
    assert (await other.of("li", number)).state is State.RUNNING
    clock.forward(seconds=61)
    assert (await other.of("li", number)).state is State.FAILED


async def test_old_jobs_are_forgotten(database, jobs, clock):
    async def work(tell):
        return Outcome("好了。")

    await ended(jobs, await jobs.start("li", "导入", work))
    clock.forward(days=8)
    assert await database.write(lambda connection: forget_within(connection, clock())) == 1
