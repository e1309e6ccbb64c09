import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.wechat.followers import Followers
from channels.wechat.tables import followers as table
from service.keys.sealed_columns import sealed_tables
from service.storage import metadata

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz0"


@pytest.fixture
def followers(database, keyring, clock):
    return Followers.open(database, keyring, clock)


async def wrote(followers, conversation):
    await followers.database.write(lambda c: followers.wrote_within(c, conversation, followers.clock()))


async def tapped(followers, conversation):
    await followers.database.write(lambda c: followers.tapped_within(c, conversation))


async def taken(followers, conversation, times=10):
    return sum([await followers.take_message(conversation) for _ in range(times)])


async def test_a_person_keeps_their_conversation(followers):
    first = await followers.conversation_of(OPENID)

    assert await followers.conversation_of(OPENID) == first
    assert await followers.conversation_of(OPENID[::-1]) != first
    assert (await followers.of_conversation(first)).openid == OPENID
    assert (await followers.of_openid(OPENID)).conversation == first
    assert await followers.of_conversation("none") is None


async def test_people_who_come_at_the_same_time_are_one(followers):
    conversations = await asyncio.gather(*(followers.conversation_of(OPENID) for _ in range(12)))

    assert len(set(conversations)) == 1


async def test_the_openid_is_nowhere_in_the_clear(followers, database):
    await followers.conversation_of(OPENID)
    row = await database.read(lambda c: c.execute(select(table)).one())

    assert OPENID.encode() not in repr(row).encode()
    assert any(sealed.table is table and "openid_hash" in sealed.hashes for sealed in sealed_tables(metadata))


async def test_a_message_allows_five_within_two_days(followers, clock):
    conversation = await followers.conversation_of(OPENID)
    assert await taken(followers, conversation) == 0

    await wrote(followers, conversation)
    assert (await followers.of_conversation(conversation)).messages_left == 5
    assert await taken(followers, conversation, 3) == 3
    await wrote(followers, conversation)
    assert await taken(followers, conversation) == 5

    await wrote(followers, conversation)
    clock.forward(hours=48, seconds=1)
    assert await taken(followers, conversation) == 0


async def test_a_tap_allows_three_within_a_minute_and_uses_none_of_the_five(followers, clock):
    conversation = await followers.conversation_of(OPENID)
    await wrote(followers, conversation)
    await tapped(followers, conversation)
    assert await taken(followers, conversation, 3) == 3
    assert (await followers.of_conversation(conversation)).messages_left == 5

    await tapped(followers, conversation)
    clock.forward(seconds=61)
    assert await taken(followers, conversation) == 5


async def test_no_message_is_taken_twice(followers):
    conversation = await followers.conversation_of(OPENID)
    await wrote(followers, conversation)

    assert sum(await asyncio.gather(*(followers.take_message(conversation) for _ in range(20)))) == 5


async def test_who_left_gets_nothing_and_is_forgotten_later(followers, clock):
    conversation = await followers.followed(OPENID, clock())
    await wrote(followers, conversation)
    clock.forward(hours=1)
    await followers.left(OPENID, clock())
    assert await taken(followers, conversation) == 0
    assert not (await followers.of_conversation(conversation)).followed

    assert await followers.forget(clock() - timedelta(days=1)) == 0
    clock.forward(days=2)
    assert await followers.forget(clock() - timedelta(days=1)) == 1
    assert await followers.conversation_of(OPENID) != conversation


async def test_who_comes_back_before_is_the_same_person(followers, clock):
    conversation = await followers.followed(OPENID, clock())
    await followers.left(OPENID, clock() + timedelta(seconds=5))

    assert await followers.followed(OPENID, clock() + timedelta(seconds=9)) == conversation
    assert (await followers.of_conversation(conversation)).followed
    assert await followers.forget(clock() + timedelta(days=9)) == 0


async def test_an_event_that_comes_late_undoes_nothing(followers, clock):
    conversation = await followers.followed(OPENID, clock())
    await followers.left(OPENID, clock() - timedelta(seconds=5))

    assert (await followers.of_conversation(conversation)).followed
