"""What is recorded of guides, on both databases."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from channels.hotline.guides import Guides, GuidesRefused, OtherOrder, forget_guides_within
from knowledge_base.entry import Entry
from service.identity.api_keys import NewKey, Scope, add_within
from service.settings import Settings

ENTRY = Entry(slug="id-card", question="身份证怎么办", answer="到派出所办。")
OTHER = Entry(slug="residence-permit", question="居住证怎么办", answer="到派出所办。")
PHONE = "+8613800138000"


@pytest_asyncio.fixture
async def key(database, clock):
    wanted = NewKey("ivr", frozenset({Scope.HOTLINE_SMS}))
    text = await database.write(lambda connection: add_within(connection, wanted, clock()))
    return text.split("_")[1]


@pytest.fixture
def guides(database, keyring, clock):
    return Guides(database, keyring.cipher("citizens"), Settings(guides_per_phone_day=2), clock)


async def test_the_same_request_has_the_same_order_and_another_is_refused(guides, key):
    first = await guides.begin(key, "one", "print", ENTRY, "text", PHONE)

    assert await guides.begin(key, "one", "print", ENTRY, "text", PHONE) == first
    with pytest.raises(OtherOrder):
        await guides.begin(key, "one", "other print", OTHER, "text", PHONE)


async def test_of_many_at_once_so_many_are_taken_as_a_day_allows(guides, key):
    entries = [Entry(slug=f"entry-{number}", question="问", answer="答") for number in range(8)]

    async def begin(entry):
        try:
            return await guides.begin(key, entry.slug, entry.slug, entry, "text", PHONE)
        except GuidesRefused:
            return None

    taken = await asyncio.gather(*(begin(entry) for entry in entries))

    assert len([order for order in taken if order]) == 2


async def test_after_ten_minutes_the_same_guide_may_go_out_again(guides, key, clock):
    await guides.begin(key, "one", "print", ENTRY, "text", PHONE)
    clock.forward(minutes=4)
    with pytest.raises(GuidesRefused) as refused:
        await guides.begin(key, "two", "print", ENTRY, "text", PHONE)
    assert refused.value.after == timedelta(minutes=6)

    clock.forward(minutes=6)
    assert await guides.begin(key, "two", "print", ENTRY, "text", PHONE)


async def test_what_is_old_is_forgotten(guides, key, clock, database):
    await guides.begin(key, "one", "print", ENTRY, "text", PHONE)
    clock.forward(days=31)

    assert await database.write(lambda connection: forget_guides_within(connection, clock())) == 1
