"""Every route of the console, with every role and with none."""

import re
from pathlib import Path

import pytest

from console.areas import AREAS
from console.rights import Rights, Stage
from console.rights_table import rights_table
from service.identity.roles import Role

ROUTES = [route for area in AREAS for route in area.routes]
DOCUMENT = Path(__file__).parents[2] / "docs" / "console.md"
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_route_declares_who_may_use_it():
    assert [route for route in ROUTES if not isinstance(route.rights, Rights)] == []


@ONE_KIND
async def test_the_console_answers_nothing_that_is_not_declared(console):
    declared = {(route.method, f"/console{route.path}") for route in ROUTES}
    served = {
        (route.method, route.resource.canonical)
        for resource in console.server.app.router.resources()
        for route in resource
        if route.resource.canonical.startswith("/console/")
    }
    served = {(method, path) for method, path in served if method != "HEAD"}

    assert served - declared == {("GET", "/console/static/{version}/{name}")}


@ONE_KIND
async def test_without_signing_in_only_the_way_in_is_open(console):
    open_routes = {route.path for route in ROUTES if route.rights.stage is Stage.NOBODY}
    assert open_routes == {"/sign-in"}
    for route in ROUTES:
        visitor = console.stranger()
        await visitor.get("/console/sign-in")
        answer = await ask(visitor, route)

        if route.rights.stage is Stage.NOBODY:
            assert answer.status in (200, 422), route
        elif route.method == "GET" and not route.watches:
            assert answer.url.startswith("/console/sign-in"), route
        else:
            assert answer.status == 401, route


@ONE_KIND
@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_in_where_it_is_declared_and_nowhere_else(console, role):
    await console.account("somebody", role, units=["cg"])
    visitor = await console.signed_in("somebody")
    for route in ROUTES:
        answer = await ask(visitor, route)
        allowed = route.rights.roles is None or role in route.rights.roles or stands_in(role, route)

        assert (answer.status == 403) == (not allowed), (route, answer.status)
        assert answer.status < 500, (route, answer.text)
        if visitor.cookie() is None or answer.url.startswith("/console/sign-in"):
            visitor = await console.signed_in("somebody")  # they have signed out


def stands_in(role, route):
    return role is Role.ADMINISTRATOR and route.rights.roles != {Role.AUDITOR}


async def ask(visitor, route):
    path = "/console" + re.sub(r"\{\w+\}", "nothing", route.path)
    return await (visitor.get(path) if route.method == "GET" else visitor.post(path))


@ONE_KIND
async def test_a_role_that_is_taken_away_counts_no_more(console):
    administrator = await console.staff("root", Role.ADMINISTRATOR)
    clerk = await console.staff("clerk", Role.ADMINISTRATOR)
    assert (await clerk.get("/console/accounts")).status == 200

    await administrator.post("/console/accounts/clerk", name="小王", roles=["agent"])

    assert (await clerk.get("/console/accounts")).url.startswith("/console/sign-in")
    assert (await (await console.signed_in("clerk")).get("/console/accounts")).status == 403


def test_the_documentation_has_the_table_of_the_routes():
    assert rights_table() in DOCUMENT.read_text("utf-8"), "run: python -m console.rights_table docs/console.md"
