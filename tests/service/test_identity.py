"""Accounts, pauses and sessions on both databases, many at once."""

import asyncio
from datetime import timedelta

import office as _cheap_passwords  # noqa: F401  # argon2 with less to do
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from service.identity import pauses
from service.identity.accounts import COMMAND_LINE, Wanted, accounts, change_rights_within, count, disable_within, found
from service.identity.passwords import PasswordRefused, check_password, one_time_password
from service.identity.roles import Actor, Role
from service.identity.sessions import Place
from service.identity.sign_in import SignIn, SignInRefused
from service.identity.staff import AccountRefused, actor_of, add_staff, ensure_administrator
from service.identity.tables import sign_in_pauses, staff_sessions
from service.settings import Settings

HERE = Place("192.0.2.1", "Chrome，Windows")


@pytest.fixture
def sign_in(database, keyring, clock):
    return SignIn.open(Settings(), database, keyring, clock)


@given(st.integers(1, 10_000), st.integers(1, 100))
def test_pauses_only_grow_and_never_pass_half_an_hour(failures, free):
    pause = pauses.pause_after(failures, free)
    assert pause <= pauses.pause_after(failures + 1, free) <= timedelta(minutes=30)
    assert (pause == timedelta(0)) == (failures < free)


async def test_many_guesses_at_once_do_not_outrun_the_count(sign_in, database, clock):
    await add_staff(database, "li", [Role.AGENT], "right", clock=clock)

    async def guess(number):
        with pytest.raises(SignInRefused) as refused:
            await sign_in.by_password("li", f"wrong-{number}", HERE)
        return "请等" in str(refused.value)

    paused = await asyncio.gather(*(guess(number) for number in range(20)))
    assert paused.count(False) == 5
    with pytest.raises(SignInRefused, match="请等 1 分钟"):
        await sign_in.by_password("li", "right", HERE)


async def test_a_sign_in_that_succeeds_leaves_nothing_counted(sign_in, database, clock):
    await add_staff(database, "li", [Role.AGENT], "right", clock=clock)
    with pytest.raises(SignInRefused):
        await sign_in.by_password("li", "wrong", HERE)
    await sign_in.by_password(" LI ", "right", HERE)

    left = await database.read(lambda c: c.execute(select(sign_in_pauses.c.subject, sign_in_pauses.c.failures)).all())
    assert list(map(tuple, left)) == [("address 192.0.2.1", 1)]
    clock.forward(days=8)
    assert await database.write(lambda connection: pauses.forget_within(connection, clock())) == 1


async def test_an_office_behind_one_address_is_not_shut_out_by_the_mistakes_of_many_days(database, clock):
    counted = [pauses.address("192.0.2.1")]
    for _ in range(200):
        assert await database.write(
            lambda connection: pauses.attempt_within(connection, counted, clock())
        ) == timedelta(0)
        clock.forward(seconds=119)


async def test_a_guesser_who_waits_for_each_pause_gets_few_guesses_a_day(database, clock):
    counted, guesses, begin = [pauses.account("li")], 0, clock()
    while clock() - begin < timedelta(days=1):
        wait = await database.write(lambda connection: pauses.attempt_within(connection, counted, clock()))
        guesses += not wait
        clock.forward(seconds=max(wait.total_seconds(), 1))
    assert guesses < 80


async def test_two_administrators_cannot_remove_each_other_at_once(database, clock):
    for name in ("a-root", "b-root"):
        await add_staff(database, name, [Role.ADMINISTRATOR], "x", clock=clock)

    def remove(by, other):
        actor = Actor(by, frozenset({Role.ADMINISTRATOR}))
        return database.write(lambda connection: disable_within(connection, actor, other, clock()))

    results = await asyncio.gather(remove("a-root", "b-root"), remove("b-root", "a-root"), return_exceptions=True)
    assert [type(result) for result in results].count(AccountRefused) == 1
    assert [each.disabled_at is None for each in await database.read(accounts)].count(True) == 1


async def test_disabling_ends_the_sessions(sign_in, database, clock):
    await add_staff(database, "li", [Role.AGENT], "right", clock=clock)
    await sign_in.by_password("li", "right", HERE)
    await database.write(lambda connection: disable_within(connection, COMMAND_LINE, "li", clock()))

    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(staff_sessions))) == 0
    with pytest.raises(SignInRefused, match="停用"):
        await sign_in.by_password("li", "right", HERE)


async def test_who_is_no_administrator_manages_no_accounts(database, clock):
    await add_staff(database, "li", [Role.AGENT], "x", clock=clock)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(AccountRefused, match="只有系统管理员"):
            await database.write(
                lambda connection, role=role: change_rights_within(
                    connection, Actor("x", frozenset({role})), "li", clock(), name="x", roles=[role], units=["cg"]
                )
            )
    assert (await actor_of(database, "li")).roles == {Role.AGENT}


async def test_accounts_are_found_by_words_role_and_state(database, clock):
    await add_staff(database, "li.hua", [Role.AGENT, Role.CURATOR], "x", name="李华100%", clock=clock)
    await add_staff(database, "wang", [Role.UNIT_CLERK], "x", units=["cg"], name="王丽", clock=clock)
    await database.write(lambda connection: disable_within(connection, COMMAND_LINE, "wang", clock()))

    async def names(**wanted):
        chosen = Wanted(**wanted)
        fitting = await database.read(found(chosen))
        assert await database.read(count(chosen)) == len(fitting)
        return [account.username for account in fitting]

    assert await names() == ["li.hua", "wang"]
    assert await names(words="LI.") == ["li.hua"]
    assert await names(words="0%") == ["li.hua"]
    assert await names(words="%") == ["li.hua"]
    assert await names(role=Role.CURATOR) == ["li.hua"]
    assert await names(role=Role.AGENT, disabled=True) == []
    assert await names(disabled=True) == ["wang"]


async def test_the_first_administrator_is_made_once(database):
    assert await ensure_administrator(database)
    assert await ensure_administrator(database) is None


def test_an_administrator_stands_in_for_everybody_but_the_auditor():
    root = Actor("root", frozenset({Role.ADMINISTRATOR}))
    assert [role for role in Role if not root.is_any(role)] == [Role.AUDITOR]
    assert root.is_any(Role.AUDITOR, Role.SUPERVISOR)
    assert not Actor("li", frozenset({Role.AGENT})).is_any(Role.AUDITOR)


def test_a_one_time_password_would_itself_be_good_enough():
    check_password(one_time_password(), "li")


@pytest.mark.parametrize("password", ["123456789012345678", "password-password", "admin12345admin", "qwerty-12345-ABC"])
def test_the_passwords_that_are_guessed_first_are_refused(password):
    with pytest.raises(PasswordRefused):
        check_password(password, "li")
