"""The document is true: it is valid, and every operation it declares answers as it says."""

import asyncio
import json
import re
from contextlib import suppress

import pytest
from aiohttp.test_utils import TestClient, TestServer
from conftest import FrozenClock
from hotline import UNITS, Hotline
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from multidict import MultiDict
from openapi_spec_validator import OpenAPIV31SpecValidator
from surface import NEW, Surface, bearer, surface_app

from channels.api.door import _parse, _read_query
from channels.api.models import ListQuery, NewMove, NewTicket
from channels.widget.errors import ApiError
from service.identity.api_keys import Scope
from service.identity.roles import Role
from service.migrate import upgrade
from service.settings import Settings
from service.storage import Database
from tickets.desk import TicketDesk
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Need, Verb
from tickets.units import put_within

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ALARMING = NEW | {"description": "再不解决我就从楼上跳楼，真的活不下去了"}
PDF = b"%PDF-1.7\nfile"


async def document_of(surface):
    return await (await surface.client.get("/api/v1/openapi.json")).json()


@ON_SQLITE
async def test_the_document_is_valid_openapi(surface):
    document = await document_of(surface)

    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert used == set(document["components"]["schemas"])


@ON_SQLITE
async def test_every_declared_operation_answers_as_it_is_declared(surface, desk_key):
    document = await document_of(surface)
    number = (await (await surface.post(desk_key, json=ALARMING)).json())["number"]
    await surface.client.app["recurrence"].look()
    alarms = await surface.client.get("/api/v1/alarms", headers=bearer(desk_key))
    alarm = (await alarms.json())["alarms"][0]["id"]
    file = await surface.post(
        desk_key,
        f"/{number}/attachments?name=a.pdf",
        data=PDF,
        headers={"Content-Type": "application/octet-stream"},
    )
    attachment = (await file.json())["id"]
    bodies = {
        "registerTicket": NEW,
        "makeMove": {"verb": "dispatch", "unit": "cg"},
        "closeAlarm": {"outcome": "已派人到现场。"},
    }
    walked = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            url = path.format(number=number, attachment=attachment, alarm=alarm)
            options = {"headers": bearer(desk_key) | {"Idempotency-Key": operation["operationId"]}}
            if operation["operationId"] in bodies:
                options["json"] = bodies[operation["operationId"]]
            elif operation["operationId"] == "addAttachment":
                options |= {"data": PDF + b"2", "params": {"name": "b.pdf"}}
                options["headers"]["Content-Type"] = "application/octet-stream"
            response = await surface.client.request(method, url, **options)
            declared = operation["responses"][str(response.status)]
            assert response.status < 300, await response.text()
            if "application/json" in declared["content"]:
                check(await response.json(), declared, document)
            bare = await surface.client.request(method, url)
            assert bare.status == 401
            check(await bare.json(), operation["responses"]["401"], document)
            walked.add(operation["operationId"])
    served = {
        (route.method, route.resource.canonical)
        for route in surface.client.app.router.routes()
        if route.resource.canonical.startswith(("/api/v1/tickets", "/api/v1/alarms"))
    }
    assert served == {(method.upper(), path) for path, ops in document["paths"].items() for method in ops}
    assert len(walked) == len(served) == 14


def check(body, declared, document):
    schema = declared["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": document["components"]}).validate(body)


def test_what_a_move_can_bring_is_what_the_life_cycle_knows():
    fields = set(NewMove.model_fields) - {"verb", "seen"}

    assert fields == set(Given.__dataclass_fields__)
    assert {need.value for need in Need} <= fields


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def fields_of(model):
    return st.fixed_dictionaries({}, optional=dict.fromkeys(model.model_fields, ANYTHING))


@settings(max_examples=150, deadline=None)
@given(st.one_of(fields_of(NewTicket), fields_of(NewMove), ANYTHING), st.sampled_from([NewTicket, NewMove]))
def test_no_body_breaks_the_reading_of_it(body, model):
    with suppress(ApiError):  # what is wrong is told; anything else would be a 500
        _parse(model, json.dumps(body).encode("utf-8", "surrogatepass"))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*ListQuery.model_fields, "other"]), st.text(max_size=30), max_size=4))
def test_no_address_breaks_the_reading_of_it(query):
    with suppress(ApiError):
        _read_query(ListQuery, MultiDict(query))


@pytest.fixture(scope="module")
def served(tmp_path_factory, keyring):
    """The surface over SQLite in an event loop of its own, for tests that are not asynchronous."""
    folder, loop, clock = tmp_path_factory.mktemp("fuzz"), asyncio.new_event_loop(), FrozenClock()
    settings_here = Settings(data_dir=folder, api_requests_per_minute=10**6)
    database = Database(settings_here.sqlalchemy_url)

    async def opened():
        await upgrade(database)
        await database.write(lambda connection: put_within(connection, UNITS, clock()))
        lifecycle = Lifecycle.open(database, keyring, clock)
        hotline = Hotline(lifecycle, TicketDesk(lifecycle))
        client = TestClient(TestServer(await surface_app(settings_here, hotline, keyring)))
        await client.start_server()
        surface = Surface(client, hotline, client.app["answered"])
        key = await surface.key(Scope.READ, Scope.WRITE, roles=[Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR])
        return surface, key, (await (await surface.post(key, json=NEW)).json())["number"]

    surface, key, number = loop.run_until_complete(opened())
    yield loop, surface, key, number
    loop.run_until_complete(surface.client.close())
    loop.run_until_complete(database.close())
    loop.close()


NEEDED = {
    "reason": st.text(max_size=30),
    "text": st.text(max_size=30),
    "unit": st.sampled_from(["cg", "zj", "none", ""]),
    "units": st.lists(st.sampled_from(["cg", "zj", "sw", "none"]), max_size=3),
    "span": st.sampled_from(["5个工作日", "1天", "永远", ""]) | st.text(max_size=8),
    "other": st.text(max_size=20),
    "until": st.datetimes().map(lambda moment: f"{moment.isoformat()}+08:00"),
    "level": st.text(max_size=10),
    "route": st.sampled_from(["110", "信访", ""]),
    "handler": st.text(max_size=10),
    "solved": st.booleans(),
    "satisfaction": st.integers(0, 6),
    "seen": st.integers(-1, 9),
    "category": st.sampled_from(["旅游/景区服务", "x"]),
    "urgency": st.sampled_from(["normal", "urgent", "x"]),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(Verb)), st.fixed_dictionaries({}, optional=NEEDED))
def test_no_move_breaks_the_server(served, verb, given_with_it):
    loop, surface, key, number = served
    response = loop.run_until_complete(surface.move(key, number, verb, **given_with_it))

    assert response.status in (200, 400, 403, 409, 422)
