"""What a newcomer sees: the settings, the phone in the browser, one sentence on the terminal."""

import asyncio
import shlex

import pytest
from aiohttp import web
from pushed_wechat import TOKEN, Mode, platform, shown

from program.commands.exported import exported
from service.settings import Settings
from simulators.wechat.account import Account
from simulators.wechat.phone import Phone
from simulators.wechat.pushing import DELIVERIES, UNAVAILABLE, Pusher, Server
from simulators.wechat.refused import Refused


def test_the_printed_settings_are_settings(monkeypatch):
    from channels.wechat.templates import Templates
    from program.commands.simulate import _approve, simulated_settings

    account = Account()
    _approve(account, Templates.load())
    for line in shlex.split(exported(simulated_settings(account, 8090, "safe"))):
        if line != "export":
            monkeypatch.setenv(*line.split("=", 1))
    chosen = Settings()

    assert chosen.wechat_appid == account.appid
    assert set(chosen.wechat_templates.values()) <= set(account.templates)
    assert set(chosen.wechat_subscriptions.values()) <= set(account.templates)


def test_a_wrong_mode_and_a_silent_hotline_are_told(run):
    assert "加解密" in run("simulate", "wechat", "--mode", "other", code=1).stderr
    silent = run("simulate", "wechat", "--hotline", "http://127.0.0.1:9", "--port", "0", "--once", "你好", code=1)
    assert "没有像微信要求的那样回答" in silent.stderr


class Hotline:
    """A server that answers as the test says."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.posts = 0

    async def handle(self, request):
        await request.read()
        self.posts += 1
        answer = self.answers.pop(0)
        if answer is None:
            await asyncio.sleep(1)
        return web.Response(text=answer or "")


async def pushed_to(hotline, mode=Mode.PLAIN):
    app = web.Application()
    app.router.add_post("/wechat", hotline.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    from aiohttp import ClientSession

    try:
        async with ClientSession() as http:
            account = Account()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}/wechat"
            pusher = Pusher(account, Server(address, TOKEN, "", mode), http, waits_seconds=0.2)
            person = account.follow().openid
            return await pusher.say(person, "你好"), shown(account, person)
    finally:
        await runner.cleanup()


async def test_the_platform_asks_again_as_the_real_one_does():
    late = Hotline(None, None, "<xml><Content>好</Content></xml>")
    pushed, seen = await pushed_to(late)
    assert (pushed.deliveries, seen) == (3, ["好"])

    never = Hotline(None, None, None, None)
    pushed, seen = await pushed_to(never)
    assert (never.posts, pushed.understood, seen) == (DELIVERIES, False, [UNAVAILABLE])


@pytest.mark.parametrize(
    "answer", ["<xml>", "{}", "<xml><Content></Content></xml>", "<xml><a>" + "好" * 700 + "</a></xml>"]
)
async def test_what_is_no_answer_is_an_error_to_the_follower(answer):
    pushed, seen = await pushed_to(Hotline(answer))

    assert (pushed.understood, seen) == (False, [UNAVAILABLE])


async def test_nothing_may_be_said_without_following(parts):
    async with platform(parts) as wechat:
        phone = Phone(wechat.account, wechat)
        with pytest.raises(Refused):
            await phone.act("o" * 28, {"do": "say", "text": "你好"})
        await phone.act("o" * 28, {"do": "follow"})
        await phone.act("o" * 28, {"do": "say", "text": "你好"})

    assert [entry["own"] for entry in phone.screen("o" * 28)] == [True, False, True, False]
