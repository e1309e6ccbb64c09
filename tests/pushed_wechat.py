"""A hotline with a public account, and the platform that calls it."""

from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import ClientSession, web

from channels.wechat.arriving import webhook
from program.app import build_app
from simulators.wechat.account import Account, Via
from simulators.wechat.pushing import Mode, Pusher, Server

TOKEN = "hotline-token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = KEY[::-1]

PATIENT = webhook.PASSIVE_SECONDS = 50.0  # and the platform waits longer: a busy machine is no defect of the hotline


def settings_of(parts, account, **changes):
    values = {"wechat_appid": account.appid, "wechat_token": TOKEN, "wechat_mode": "safe", "wechat_aes_key": KEY}
    return parts.settings.model_copy(update=values | changes)


@asynccontextmanager
async def platform(parts, account=None, mode=Mode.SAFE, key=KEY, waits=90.0, **changes):
    """A running hotline and a platform that pushes to it."""
    account = account or Account()
    chosen = replace(parts, settings=settings_of(parts, account, wechat_mode=mode.value, **changes))
    async with served(chosen) as address, ClientSession() as http:
        yield Pusher(account, Server(f"{address}/wechat", TOKEN, key, mode), http, waits)


@asynccontextmanager
async def served(parts):
    """The hotline's address, served as it is in a process of its own."""
    runner = web.AppRunner(build_app(parts))  # aiohttp's own for tests ends a handler when its caller hangs up
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def shown(account, openid, via=None):
    """What is on a follower's screen."""
    arrived = account.arrived_at(openid)
    return [each.words for each in arrived if via in (None, each.via)]


__all__ = ["KEY", "OTHER_KEY", "PATIENT", "TOKEN", "Mode", "Via", "platform", "settings_of", "shown"]
