"""A phone number is a citizen's own once the code sent there came back, and no guessing or hurrying helps."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.encryption import Keyring
from service.identity.citizens import Citizens
from service.identity.codes import Checked, CodeRefused, citizen_codes
from service.settings import Settings

PHONE, OTHER = "+8613800138000", "+8613900139000"


@pytest.fixture
def citizens(database, keyring, clock):
    return Citizens.open(Settings(codes_per_conversation_day=4, codes_per_phone_day=3), database, keyring, clock)


async def sent(citizens, conversation="c1", phone=PHONE):
    code = await citizens.ask_code(conversation, phone)
    await citizens.code_sent(code)
    return code


def wrong(code):
    return f"{(int(code.text) + 1) % 1_000_000:06d}"


async def test_the_code_that_comes_back_makes_the_number_ones_own(citizens):
    code = await sent(citizens)

    assert await citizens.check_code("c1", PHONE, code.text) is Checked.RIGHT
    assert await citizens.phones("c1") == [PHONE]
    assert await citizens.phones("c2") == []
    assert await citizens.database.read(citizens.conversations_within(PHONE)) == ["c1"]


async def test_a_code_is_six_digits_and_stands_nowhere(citizens):
    code = await sent(citizens)
    row = (await citizens.database.read(lambda connection: connection.execute(select(citizen_codes)).all()))[0]

    assert len(code.text) == 6
    assert code.text.isdecimal()
    assert code.text not in str(row)
    assert "13800138000" not in str(row)


async def test_five_wrong_tries_spend_a_code(citizens):
    code = await sent(citizens)
    tries = [await citizens.check_code("c1", PHONE, wrong(code)) for _ in range(5)]

    assert tries == [Checked.WRONG] * 4 + [Checked.SPENT]
    assert await citizens.check_code("c1", PHONE, code.text) is Checked.SPENT
    assert await citizens.phones("c1") == []


async def test_tries_at_the_same_time_are_counted_one_by_one(citizens):
    code = await sent(citizens)
    tries = await asyncio.gather(*(citizens.check_code("c1", PHONE, wrong(code)) for _ in range(12)))

    assert tries.count(Checked.WRONG) == 4
    assert tries.count(Checked.SPENT) == 8


async def test_a_code_expires_after_five_minutes(citizens, clock):
    code = await sent(citizens)
    clock.forward(minutes=5)

    assert await citizens.check_code("c1", PHONE, code.text) is Checked.EXPIRED


async def test_a_code_counts_for_its_number_and_conversation_only(citizens):
    code = await sent(citizens)

    assert await citizens.check_code("c2", PHONE, code.text) is Checked.EXPIRED
    assert await citizens.check_code("c1", OTHER, code.text) is Checked.EXPIRED


async def test_a_newer_code_ends_the_one_before(citizens, clock):
    first = await sent(citizens)
    clock.forward(minutes=1)
    second = await sent(citizens)

    assert await citizens.check_code("c1", PHONE, first.text) is Checked.WRONG
    assert await citizens.check_code("c1", PHONE, second.text) is Checked.RIGHT


async def test_one_number_gets_one_code_a_minute_whoever_asks(citizens, clock):
    await sent(citizens)
    clock.forward(seconds=45)

    for conversation in ("c1", "c2"):
        with pytest.raises(CodeRefused) as refused:
            await citizens.ask_code(conversation, PHONE)
        assert refused.value.after == timedelta(seconds=15)


async def test_of_many_who_ask_at_once_one_gets_a_code(citizens):
    async def ask(number):
        try:
            return (await citizens.ask_code("c1", PHONE)).id
        except CodeRefused:
            return None

    asked = await asyncio.gather(*(ask(number) for number in range(8)))

    assert len(set(asked)) == 1, "until it is known to be sent, each gets the very same one"


async def test_a_code_whose_sending_broke_off_is_the_same_when_it_is_asked_for_again(citizens):
    first = await citizens.ask_code("c1", PHONE)  # and the process dies before it is sent

    assert await citizens.ask_code("c1", PHONE) == first


async def test_a_right_code_is_right_again_when_the_turn_broke_off_after_it(citizens):
    code = await sent(citizens)
    await citizens.check_code("c1", PHONE, code.text)

    assert await citizens.check_code("c1", PHONE, code.text) is Checked.RIGHT
    assert await citizens.check_code("c1", PHONE, wrong(code)) is Checked.EXPIRED


async def test_after_a_refusal_of_the_gateway_another_may_be_asked_for_at_once(citizens):
    code = await citizens.ask_code("c1", PHONE)
    await citizens.code_not_sent(code)

    assert (await citizens.ask_code("c1", PHONE)).id != code.id


async def test_a_day_has_so_many_codes_for_a_number_and_a_conversation(citizens, clock):
    for number in range(3):
        await sent(citizens, f"c{number}")
        clock.forward(minutes=1)
    with pytest.raises(CodeRefused) as refused:
        await citizens.ask_code("c9", PHONE)
    assert refused.value.after is None

    for number in range(4):
        await sent(citizens, "c7", f"+861370013700{number}")
    with pytest.raises(CodeRefused):
        await citizens.ask_code("c7", "+8613700137009")

    clock.forward(hours=24)
    assert await citizens.ask_code("c7", PHONE)


async def test_numbers_can_be_given_up(citizens):
    code = await sent(citizens)
    await citizens.check_code("c1", PHONE, code.text)

    assert await citizens.unbind("c1") == 1
    assert await citizens.phones("c1") == []


async def test_a_proof_lapses_and_is_forgotten(citizens, clock):
    code = await sent(citizens)
    await citizens.check_code("c1", PHONE, code.text)
    clock.forward(days=90)

    assert await citizens.phones("c1") == []
    assert await citizens.forget() == 1
    left = await citizens.database.read(lambda connection: connection.execute(select(citizen_codes)).all())
    assert left == []


async def test_a_code_is_right_also_when_the_key_is_changed_before_it_comes_back(database, clock):
    old, new = bytes(range(32)), bytes(range(1, 33))
    before = Citizens.open(Settings(), database, Keyring(old), clock)
    code = await sent(before)
    after = Citizens.open(Settings(), database, Keyring(new, old), clock)

    assert await after.check_code("c1", PHONE, code.text) is Checked.RIGHT
    assert await after.phones("c1") == [PHONE]
