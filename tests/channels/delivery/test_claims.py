"""Whoever lost the claim of a notice changes nothing of it any more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.delivery.claims import ClaimLost, claim, claimed, end_within, prolong_within, put_off_within
from service.outbox import NoticeState, outbox

LEASE = timedelta(minutes=2)


@pytest.fixture
async def notice(hotline):
    """A notice that waits, of a ticket that was dispatched."""
    await hotline.dispatched()
    (number,) = await hotline.lifecycle.database.read(lambda connection: connection.scalars(select(outbox.c.id)).all())
    return number


async def test_a_claim_is_over_with_its_time(notice, database, clock):
    assert await database.write(claim("one", clock(), LEASE, 10)) == [notice]
    assert [each.id for each in await database.read(claimed("one", [notice], clock()))] == [notice]
    assert await database.write(claim("two", clock(), LEASE, 10)) == []

    clock.forward(minutes=2)
    assert await database.read(claimed("one", [notice], clock())) == []


async def test_who_lost_the_claim_neither_ends_nor_delays_what_another_carries(notice, database, clock):
    await database.write(claim("one", clock(), LEASE, 10))
    clock.forward(minutes=3)
    assert await database.write(claim("two", clock(), LEASE, 10)) == [notice]
    at = clock()
    for late in (
        lambda connection: end_within(connection, notice, "one", NoticeState.SENT, None, at),
        lambda connection: put_off_within(connection, notice, "one", at, "平台没有回答"),
        lambda connection: prolong_within(connection, notice, "one", at + LEASE),
    ):
        with pytest.raises(ClaimLost):
            await database.write(late)

    assert [each.id for each in await database.read(claimed("two", [notice], at))] == [notice]
