"""One token for all processes: fetched once, renewed in time, replaced when it is refused."""

import asyncio

import pytest
import pytest_asyncio

from channels.outcomes import Remedy, SendRefused
from simulators.wechat.account import Trigger
from simulators.wechat.api import STABLE_TOKEN
from simulators.wechat.faults import answers, refuses, stumbles

MENU = {"button": [{"type": "click", "name": "转人工", "key": "/ask_for_person"}]}


@pytest.fixture(autouse=True)
def _menu(wechat):
    wechat.account.menu = MENU  # something harmless to ask for


@pytest_asyncio.fixture
async def client(wechat, database, keyring):
    async with wechat.client(database, keyring) as opened:
        yield opened


async def ask(client):
    return await client.calls.ask("/cgi-bin/menu/get")


async def test_two_processes_fetch_one_token(wechat, database, keyring):
    async with wechat.client(database, keyring) as one, wechat.client(database, keyring) as other:
        await asyncio.gather(*(ask(client) for client in (one, other) for _ in range(5)))
        assert wechat.account.tokens.fetched == 1


async def test_a_token_is_renewed_before_its_end_and_once(wechat, database, keyring, clock):
    async with wechat.client(database, keyring) as one, wechat.client(database, keyring) as other:
        await ask(one)
        clock.forward(minutes=115)
        await ask(other)
        assert wechat.account.tokens.fetched == 1  # five minutes are left
        clock.forward(minutes=1)
        await asyncio.gather(ask(one), ask(other), ask(one))
        assert wechat.account.tokens.fetched == 2


async def test_the_old_token_serves_while_the_platform_gives_no_new_one(wechat, client, clock):
    await ask(client)
    clock.forward(minutes=117)
    wechat.api.faults.plan(STABLE_TOKEN, stumbles, times=5)
    assert await ask(client) == {"menu": MENU}
    clock.forward(minutes=3)
    with pytest.raises(SendRefused) as refused:  # never unknown: nobody was written to
        await client.send_text(wechat.openid, "您好")
    assert (refused.value.remedy, wechat.texts) == (Remedy.RETRY, [])
    wechat.account.trigger(wechat.openid, Trigger.MESSAGE)
    await client.send_text(wechat.openid, "您好")
    assert wechat.texts == ["您好"]


async def test_a_secret_the_platform_does_not_know_is_an_alarm(wechat, client):
    wechat.api.faults.plan(STABLE_TOKEN, refuses(40001, "invalid credential"))
    with pytest.raises(SendRefused) as refused:
        await ask(client)
    assert refused.value.remedy is Remedy.ALARM
    assert "LTB_WECHAT_SECRET" in refused.value.reason


async def test_a_token_that_ended_early_is_replaced_unnoticed(wechat, client):
    await ask(client)
    wechat.account.tokens.expire()
    assert await ask(client) == {"menu": MENU}
    assert wechat.account.tokens.fetched == 2


async def test_a_token_another_process_replaced_is_not_fetched_again(wechat, database, keyring):
    async with wechat.client(database, keyring) as one, wechat.client(database, keyring) as other:
        await asyncio.gather(ask(one), ask(other))
        wechat.account.tokens.spoil()
        await ask(one)
        await ask(other)
        assert wechat.account.tokens.fetched == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_though_it_is_the_newest_is_forced_out(wechat, client, code):
    await ask(client)
    before = wechat.account.tokens.stable()[0]
    wechat.api.faults.plan("/cgi-bin/menu/get", refuses(code))
    assert await ask(client) == {"menu": MENU}
    assert wechat.account.tokens.stable()[0] != before


async def test_after_twenty_forced_tokens_a_day_somebody_has_to_look(wechat, client, clock):
    wechat.api.faults.plan("/cgi-bin/menu/get", refuses(40001), times=1000)
    for _ in range(21):
        with pytest.raises(SendRefused) as refused:
            await ask(client)
        clock.forward(seconds=31)
    assert refused.value.remedy is Remedy.ALARM
    assert "今天强制更换的次数用完了" in refused.value.reason


async def test_a_second_force_waits_half_a_minute(wechat, client):
    wechat.api.faults.plan("/cgi-bin/menu/get", refuses(40001), times=1000)
    with pytest.raises(SendRefused):
        await ask(client)
    with pytest.raises(SendRefused) as refused:
        await ask(client)
    assert (refused.value.remedy, refused.value.after.total_seconds()) == (Remedy.DELAY, 30)


async def test_an_address_outside_the_whitelist_says_which_and_where_to_enter_it(wechat, client):
    wechat.account.tokens.allowed_ips = {"203.0.113.9"}
    with pytest.raises(SendRefused) as refused:
        await ask(client)
    assert refused.value.remedy is Remedy.ALARM
    assert "127.0.0.1" in refused.value.reason
    assert "IP 白名单" in refused.value.reason


async def test_a_process_that_died_while_renewing_holds_nobody_up(wechat, database, keyring, clock):
    async with wechat.client(database, keyring) as dead, wechat.client(database, keyring) as other:
        assert await database.write(dead.calls.tokens._leasing(0))
        clock.forward(seconds=30)
        assert await ask(other) == {"menu": MENU}


async def test_the_token_is_kept_encrypted(wechat, client, database):
    await ask(client)
    token = wechat.account.tokens.stable()[0]
    rows = await database.read(lambda connection: connection.exec_driver_sql("select * from wechat_tokens").all())
    assert token.encode() not in b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert token not in str(rows)


async def test_an_answer_of_something_else_is_an_alarm(wechat, client):
    wechat.api.faults.plan(STABLE_TOKEN, answers(hello="world"))
    with pytest.raises(SendRefused):
        await ask(client)
