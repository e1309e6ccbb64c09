"""The console in a test: served over a database, with members of staff who come and go."""

import asyncio
import io
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest_asyncio
from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from handover_office import chat_desk
from jinja2 import BytecodeCache
from sqlalchemy import insert

from channels.handover.chats import Chats
from channels.hotline.guides import Guides
from channels.sms.ledger import Ledger
from channels.sms.limits import Limits
from channels.sms.quiet_hours import QuietHours
from channels.sms.sending import SmsDesk
from channels.sms.templates import Texts
from channels.wechat.followers import Followers
from channels.wechat.trial import WechatTrial
from console import frame
from console.areas import AREAS
from console.charts.kept import KeptCharts
from console.office import Office
from console.visit import TEMPLATES
from knowledge_base.decision import AnswerSettings
from knowledge_base.knowledge import Knowledge
from knowledge_base.store import EntryStore
from service.changeable import open_changeable
from service.identity import passwords
from service.identity.citizens import Citizens
from service.identity.sessions import Place, begin_within
from service.identity.sign_in import SignIn
from service.identity.tables import staff
from service.jobs import Jobs
from service.settings import Settings
from tickets.attachments.store import Attachments
from tickets.desk import TicketDesk
from tickets.dispatch.live import LiveDispatcher
from tickets.dispatch.model_store import ModelStore
from tickets.recurrence import Recurrence
from tickets.routing import Routing

# The same algorithm with less to do: what it costs is measured nowhere here, and a machine that is busy pays dearly.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Compiled(BytecodeCache):
    """Templates compiled once for all consoles of the process: it takes more time than all else that a page does."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()
HERE = Place("127.0.0.1", "Chrome，Windows")
COOKIE = "ltb_staff"


@dataclass
class Page:
    """What came back."""

    status: int
    url: str  # below the host
    text: str
    headers: dict

    def has(self, *words):
        """Whether these words are there for people to read, in this order."""
        seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))
        at = 0
        for word in words:
            at = seen.find(word, at)
            if at < 0:
                return False
        return True


@dataclass
class Visitor:
    """Somebody at a browser, without scripts."""

    address: str
    session: ClientSession
    form_key: str = ""

    async def get(self, path, **options):
        return await self._done(self.session.get(self.address + path, **options))

    async def post(self, path, /, headers=None, **fields):
        """Send a form as the page would have it: with its key, from our own origin; a list is several values."""
        data = [("form_key", self.form_key)]
        for name, value in fields.items():
            data += [(name, each) for each in (value if isinstance(value, list) else [value])]
        headers = {"Origin": self.address} | (headers or {})
        return await self._done(self.session.post(self.address + path, data=data, headers=headers))

    async def send(self, path, name, content, field="file", **fields):
        """Send a form with a file, under the name it has at the visitor's."""
        form = FormData({"form_key": self.form_key} | fields, quote_fields=False)  # as browsers send names
        form.add_field(field, io.BytesIO(content), filename=name, content_type="application/octet-stream")
        posting = self.session.post(self.address + path, data=form, headers={"Origin": self.address})
        return await self._done(posting)

    async def ended(self, page):
        """What a job's page says once the job has ended."""
        while json.loads((await self.get(f"{page.url}/state")).text)["state"] == "running":
            await asyncio.sleep(0.02)
        return await self.get(page.url)

    async def _done(self, asked):
        async with asked as response:
            page = Page(response.status, response.url.path_qs, await response.text(errors="replace"), response.headers)
            if key := re.search(r'data-form-key="(\w+)"', page.text):
                self.form_key = key[1]
            return page

    def cookie(self, name=COOKIE):
        return next((each.value for each in self.session.cookie_jar if each.key == name), None)


@dataclass
class Console:
    """The console, and who works in it."""

    office: Office
    server: TestServer
    visitors: list = field(default_factory=list)

    @property
    def address(self):
        return str(self.server.make_url("")).rstrip("/")

    def stranger(self):
        """Somebody who is not signed in."""
        visitor = Visitor(self.address, ClientSession(cookie_jar=CookieJar(unsafe=True)))
        self.visitors.append(visitor)
        return visitor

    async def account(self, username, *roles, units=(), **columns):
        """An account nobody has to finish setting up."""
        at = self.office.clock()
        due = at + timedelta(days=7)
        row = {
            "username": username,
            "name": "",
            "password_hash": "none",
            "password_changed_at": at,
            "roles": [role.value for role in roles],
            "units": list(units),
            "must_change_password": False,
            "created_at": at,
            "second_factor_due_at": due,
        } | columns
        await self.office.database.write(lambda connection: connection.execute(insert(staff).values(row)))

    async def token(self, username):
        """The token of a new session, as after signing in."""
        at = self.office.clock()
        until = at + self.office.sign_in.lifetimes.whole
        return await self.office.database.write(
            lambda connection: begin_within(connection, username, HERE, at, until, code_given=True)
        )

    async def staff(self, username, *roles, units=(), **columns):
        """A member of staff who has signed in."""
        await self.account(username, *roles, units=units, **columns)
        return await self.signed_in(username)

    async def signed_in(self, username):
        """Somebody with an account, at another browser."""
        visitor = self.stranger()
        visitor.session.cookie_jar.update_cookies({COOKIE: await self.token(username)}, self.server.make_url("/"))
        await visitor.get("/console/me/password")  # for the key of its forms
        return visitor


def sms_desk(database, keyring, clock, settings, gateways):
    """A desk that sends SMS by these gateways."""
    quiet = QuietHours(settings.sms_quiet_from, settings.sms_quiet_until)
    ledger = Ledger(keyring.cipher("sms"))
    return SmsDesk(database, ledger, gateways, Texts.load(settings), Limits.load(settings), quiet, clock)


@asynccontextmanager
async def open_console(database, keyring, clock, areas=AREAS, guide_sms=None, gateways=(), wechat=None, **settings):
    """The console over a database."""
    chosen = Settings(**settings)
    desk = TicketDesk.open(database, keyring, clock)
    changeable = open_changeable(chosen, database, clock)
    talks = chat_desk(database, keyring, clock, chosen)
    office = Office(
        settings=chosen,
        clock=clock,
        keyring=keyring,
        database=database,
        entries=EntryStore(database, clock),
        knowledge=Knowledge(AnswerSettings(), encoder=False, clock=clock),
        desk=desk,
        routing=Routing(
            desk.lifecycle, LiveDispatcher(database, keyring), ModelStore(database, keyring.cipher("tickets")), None
        ),
        recurrence=Recurrence.open(database, keyring, clock),
        attachments=Attachments.open(chosen, database, keyring, clock),
        categories=changeable.categories,
        sign_in=SignIn.open(chosen, database, keyring, clock),
        jobs=Jobs(database, clock),
        chat_desk=talks,
        chats=Chats(database, talks.assistant.transcript, talks.knowledge, chosen, clock),
        guides=Guides(database, keyring.cipher("citizens"), chosen, clock),
        guide_sms=guide_sms,
        sms=sms_desk(database, keyring, clock, chosen, gateways),
        wechat=wechat,
        wechat_trial=wechat
        and WechatTrial(
            wechat, Followers.open(database, keyring, clock), Citizens.open(chosen, database, keyring, clock)
        ),
        charts=KeptCharts(clock),
        changeable=changeable,
    )
    app = web.Application()
    frame.install(app, office, areas)[TEMPLATES].bytecode_cache = COMPILED
    async with TestServer(app) as server:
        console = Console(office, server)
        yield console
        await asyncio.gather(*(visitor.session.close() for visitor in console.visitors))


@pytest_asyncio.fixture
async def console(database, keyring, clock, tmp_path):
    async with open_console(database, keyring, clock, data_dir=tmp_path) as opened:
        yield opened
