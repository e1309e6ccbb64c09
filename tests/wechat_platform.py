"""A simulated platform on a port of its own, and clients of it."""

import shutil
from contextlib import asynccontextmanager

import pytest_asyncio
from aiohttp import ClientSession, web

from channels.wechat.platform.calls import Calls
from channels.wechat.platform.client import WechatClient
from channels.wechat.platform.stable_token import StableToken
from channels.wechat.platform.token import AccessTokens
from channels.wechat.platform.transport import Transport
from channels.wechat.templates import Templates
from service.settings import Settings
from service.storage import Database
from simulators.wechat.account import Account, Template, Trigger, Via
from simulators.wechat.api import PlatformApi

PROGRESS = {"character_string1": "编号", "phrase2": "进度", "thing3": "单位", "thing4": "说明", "time5": "时间"}
ANSWERED = {"thing1": "问题", "phrase2": "进度", "thing3": "说明", "time4": "时间"}


class Platform:
    """The platform with one account and one follower who has just written."""

    def __init__(self, api, address):
        self.api = api
        self.account = api.account
        self.address = address
        self.menu_messages = True
        self.subscriptions = {"progress": "S-progress", "answered": "S-answered"}
        self.openid = self.account.follow().openid
        self.account.trigger(self.openid, Trigger.MESSAGE)
        for name, fields, subscription in (
            ("T-progress", PROGRESS, False),
            ("T-answered", ANSWERED, False),
            ("S-progress", PROGRESS, True),
            ("S-answered", ANSWERED, True),
        ):
            self.account.templates[name] = Template(name, "诉求办理进度通知", dict(fields), subscription)

    @property
    def settings(self):
        return Settings(
            wechat_appid=self.account.appid,
            wechat_secret=self.account.secret,
            wechat_api_url=self.address,
            wechat_templates={"progress": "T-progress", "answered": "T-answered"},
            wechat_subscriptions=self.subscriptions,
            wechat_menu_messages=self.menu_messages,
        )

    @property
    def texts(self):
        """What the follower read, as text."""
        return [arrival.words for arrival in self.account.arrived_at(self.openid)]

    @property
    def texts_by_chat(self):
        """The same, without what came by templates."""
        return [arrival.words for arrival in self.account.arrived_at(self.openid) if arrival.via is Via.CUSTOM]

    @asynccontextmanager
    async def client(self, database, keyring):
        """A client as another process would have it; without pauses between its tries."""
        async with ClientSession() as http:
            clock = self.account.clock
            transport = Transport(http, self.address)
            source = StableToken(transport, self.account.appid, self.account.secret, clock)
            tokens = AccessTokens(self.account.appid, database, keyring.cipher("wechat"), source, clock)
            yield WechatClient(Calls(transport, tokens, clock, pauses=(0, 0)), Templates.load(), self.settings, clock)


@asynccontextmanager
async def served(app):
    """The address of an application on a port of its own."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def wechat(clock):
    api = PlatformApi(Account(clock=clock))
    async with served(api.app()) as address:
        yield Platform(api, address)


@pytest_asyncio.fixture
async def wechat_client(wechat, keyring, migrated_file, tmp_path):
    """A client for what has nothing to do with the kind of database."""
    database = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'wechat.db')}")
    async with wechat.client(database, keyring) as opened:
        yield opened
    await database.close()
