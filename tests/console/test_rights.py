"""Every route of the console, with every role and with none."""

import re
from pathlib import Path

import pytest
from hotline import UNITS

from console.areas import AREAS
from console.rights import Rights, Stage
from console.rights_table import rights_table
from knowledge_base.entry import Entry
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.store import EntryStore
from knowledge_base.versions import VersionState
from service.identity.roles import Actor, Role
from tickets.units import put_within

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
async def test_a_unit_sees_and_changes_no_draft_of_another_unit(console, database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    desk = EntryLifecycle(database, EntryStore(database, clock), clock)
    entry = Entry(slug="pipe", question="水管爆了找谁", answer="还没定下来的答复。", issuing_unit="示例区水务局")
    await desk.save_draft(Actor("li", frozenset({Role.CURATOR})), entry)
    clerk, found = await console.staff("clerk", Role.UNIT_CLERK, Role.UNIT_HEAD, units=["cg"]), []
    fields = {"question": "水管爆了找谁", "answer": "找我们。", "reason": "看看", "issuing_unit": "示例区水务局"}
    for route in [route for route in ROUTES if route.path.startswith("/knowledge")]:
        path = "/console" + route.path.format_map(AnyOf({"slug": "pipe", "number": "1"}))
        if route.method == "GET":
            found += [await clerk.get(path + query) for query in ("", "?state=draft&draft=pipe&q=水管&new=1")]
        else:
            found.append(await clerk.post(path, **fields))

    assert [page.url for page in found if "还没定下来" in page.text] == []
    (version,) = await desk.versions("pipe")
    assert (version.entry.answer, version.state) == ("还没定下来的答复。", VersionState.DRAFT)
    assert len(await desk.history("pipe")) == 1


@ONE_KIND
async def test_a_unit_writes_entries_of_its_own(console, database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    clerk = await console.staff("clerk", Role.UNIT_CLERK, units=["cg"])
    colleague = await console.staff("colleague", Role.UNIT_HEAD, units=["cg"])
    page = await clerk.get("/console/knowledge/new")
    form = page.url.partition("?")[0]
    assert 'value="示例区城市管理局"' in page.text

    page = await clerk.post(form, question="摊位怎么申请", answer="找我们。", issuing_unit="示例区水务局", seen="")
    assert (page.status, page.has("只能写本单位的条目")) == (422, True)
    assert (await clerk.post(form, question="摊位怎么申请", answer="找我们。", seen="")).has("草稿已保存")
    assert (await colleague.get("/console/knowledge?state=draft")).has("摊位怎么申请")
    assert (await colleague.get(form)).has("找我们。")


class AnyOf(dict):
    """Something for every variable part of an address."""

    def __missing__(self, name):
        return "nothing"


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
