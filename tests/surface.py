"""What other systems use, served over a hotline in a test."""

from dataclasses import dataclass, field
from itertools import count

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hotline import Hotline

from channels.api import serving
from channels.api.answered import AnsweredRequests
from channels.open311 import serving as open311
from service.identity.api_keys import NewKey, Scope, add_within
from service.identity.roles import Role
from service.settings import Settings
from tickets.attachments.store import Attachments
from tickets.categories.tree import Categories
from tickets.recurrence import Recurrence
from tickets.routing import Routing

TICKETS = "/api/v1/tickets"
NEW = {
    "kind": "complaint",
    "description": "阳光小区3号楼电梯坏了半个月，打我电话13800138000",
    "place": "阳光小区3号楼",
    "name": "王女士",
    "phone": "138 0013 8000",
}


@dataclass
class Surface:
    """The surface in a test: keys, and requests with them."""

    client: TestClient
    hotline: Hotline
    answered: AnsweredRequests
    numbers: count = field(default_factory=count)

    async def key(self, *scopes, roles=(), units=(), name=None):
        wanted = NewKey(name or f"key-{next(self.numbers)}", frozenset(scopes), frozenset(roles), frozenset(units))
        database, at = self.hotline.lifecycle.database, self.hotline.lifecycle.clock()
        return await database.write(lambda connection: add_within(connection, wanted, at))

    async def get(self, key, path="", **params):
        return await self.client.get(TICKETS + path, params=params, headers=bearer(key))

    async def post(self, key, path="", *, once=None, **options):
        headers = bearer(key) | {"Idempotency-Key": once or f"once-{next(self.numbers)}"} | options.pop("headers", {})
        return await self.client.post(TICKETS + path, headers=headers, **options)

    async def move(self, key, number, verb, **given):
        return await self.post(key, f"/{number}/moves", json={"verb": verb} | given)


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


async def error_of(response):
    body = await response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() - {"findings"} == {"code", "message"}
    return response.status, body["error"]["code"]


@pytest.fixture
def surface_settings(tmp_path):
    return Settings(data_dir=tmp_path)


@pytest_asyncio.fixture
async def surface(hotline, database, keyring, clock, surface_settings):
    app = await surface_app(surface_settings, hotline, keyring)
    async with TestClient(TestServer(app)) as client:
        yield Surface(client, hotline, client.app["answered"])


async def surface_app(settings, hotline, keyring):
    lifecycle = hotline.lifecycle
    database, clock = lifecycle.database, lifecycle.clock
    app = web.Application()
    access = serving.open_access(settings, database, clock)
    answered = AnsweredRequests(database, keyring.cipher("api"), clock)
    attachments = Attachments.open(settings, database, keyring, clock)
    routing = await Routing.open(lifecycle, keyring, None)
    recurrence = app["recurrence"] = Recurrence.open(database, keyring, clock)
    serving.install(app, settings, lifecycle, access, answered, attachments, routing, recurrence, Categories.load())
    open311.install(app, settings, lifecycle, access, answered, Categories.load())
    app["answered"] = answered
    return app


@pytest_asyncio.fixture
async def agent_key(surface):
    return await surface.key(Scope.READ, Scope.WRITE, roles=[Role.AGENT])


@pytest_asyncio.fixture
async def desk_key(surface):
    return await surface.key(Scope.READ, Scope.WRITE, Scope.PERSONAL, roles=[Role.AGENT, Role.DISPATCHER])


@pytest_asyncio.fixture
async def unit_key(surface):
    return await surface.key(Scope.READ, Scope.WRITE, Scope.PERSONAL, roles=[Role.UNIT_HEAD], units=["cg"])
