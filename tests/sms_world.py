"""SMS in a test: both simulated clouds, the phones behind them, our desk, and the addresses reports are pushed to."""

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.sms.callbacks import Callbacks
from channels.sms.opening import open_sms
from channels.sms.sending import SmsDesk, SmsOrder
from channels.sms.templates import Texts
from channels.sms.unmatched import masked
from program.commands.simulate_sms import Approved
from service.settings import Settings
from simulators.sms.account import Account
from simulators.sms.carrier import Carrier
from simulators.sms.server import SimulatedSms

PHONE = "+8613800138000"
SECRET = "a-secret-of-more-than-24-letters"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what is the same on every database."""

VALUES = {"number": "20261121-00042-0", "promised": "11月27日", "unit": "示例区城市管理局", "code": "482913"}


@dataclass
class SmsWorld:
    """What a test works with."""

    desk: SmsDesk
    simulated: SimulatedSms
    settings: Settings
    callbacks: Callbacks
    address: str
    numbers: count

    @property
    def carrier(self):
        return self.simulated.carrier

    @property
    def phones(self):
        """What arrived, as a phone shows it."""
        return [f"【{each.sign}】{each.text}" for each in self.carrier.arrived]

    def order(self, purpose="ticket_submit", **given):
        order = SmsOrder(f"order-{next(self.numbers)}", PHONE, purpose, VALUES, VALUES["number"])
        return replace(order, **given)

    async def report(self, *messages):
        """Push the reports of what arrived."""
        return await self.simulated.pusher.report(*(messages or self.carrier.arrived))

    async def reply(self, text, gateway="aliyun", phone=PHONE):
        return await self.simulated.pusher.reply(gateway, phone, text)


async def unmatched(sms):
    """The replies nothing could be done with, as staff read them."""
    return await sms.desk.database.read(masked(sms.desk.ledger.cipher, 10))


@pytest.fixture
def sms_settings(tmp_path):
    """Settings of a test's own, beside those that make both clouds work."""
    return {"data_dir": tmp_path, "public_url": "https://12345.example.gov.cn"}


@asynccontextmanager
async def open_world(database, keyring, clock, lifecycle, own):
    """Both clouds as a test wants them."""
    account_changes = {name: own.pop(name) for name in ("variable_length", "echoes_context") if name in own}
    approved = Approved.of(Texts.load(Settings(**own)))
    account = Account(templates=approved.texts, codes=approved.codes, **account_changes)
    simulated = SimulatedSms(account, Carrier(clock), pauses=(0.0, 0.0))
    async with AsyncExitStack() as opened:
        clouds = await opened.enter_async_context(TestServer(simulated.app()))
        base = str(clouds.make_url("/")).rstrip("/")
        keys = {"key_id": account.key_id, "key_secret": account.key_secret, "sign": account.sign}
        given = {f"sms_{cloud}_{name}": value for cloud in ("aliyun", "tencent") for name, value in keys.items()}
        given |= {
            "sms_gateways": ("aliyun",),
            "sms_callback_secret": SECRET,
            "sms_aliyun_url": f"{base}/aliyun",
            "sms_tencent_url": f"{base}/tencent",
            "sms_tencent_app_id": account.app_id,
            "sms_aliyun_templates": dict(approved.aliyun),
            "sms_tencent_templates": dict(approved.tencent),
        }
        settings = Settings(**(given | own))
        desk = await opened.enter_async_context(open_sms(settings, database, keyring, clock))
        callbacks = Callbacks.open(settings, desk, lifecycle)
        app = web.Application()
        app.add_routes(callbacks.routes())
        ours = await opened.enter_async_context(TestServer(app))
        address = str(ours.make_url(f"/sms/{SECRET}"))
        simulated.pusher.callback = address
        yield SmsWorld(desk, simulated, settings, callbacks, address, count(1))


@pytest_asyncio.fixture
async def sms(database, keyring, clock, lifecycle, sms_settings):
    async with open_world(database, keyring, clock, lifecycle, sms_settings) as world:
        yield world
