"""What no page of ours sends: old links, cut-off ones, forms made up. They are told so, and nothing falls over."""

import asyncio
from urllib.parse import urlencode

import pytest

from service.identity.roles import Role

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HUGE = "9" * 30
ENDLESS = "9" * 5_000  # more digits than Python makes a number of


@pytest.fixture
async def everybody(console):
    roles = [role for role in Role if role is not Role.ADMINISTRATOR]
    return await console.staff("shen", *roles, units=["cg"])


@ONE_KIND
@pytest.mark.parametrize(
    "path",
    [
        "/tickets?after=x",
        "/tickets?view=overdue&after=fDE",  # a place in the list of all
        "/tickets?since=0001-01-01",
        "/tickets?until=9999-12-31",
        "/tickets?view=to_check&state=nothing&kind=&unit=%00&street=%27",
        "/dispatching?after=fDE",
        f"/alarms?close={ENDLESS}",
        f"/audit?after={HUGE}",
        "/audit?since=0001-01-01&until=9999-12-31",
        f"/reply-templates?edit={HUGE}",
        f"/knowledge/gaps?state={HUGE}",
        f"/jobs/{HUGE}",
        "/knowledge?state=draft&after=2026-01-01T00:00:00%2B08:00~" + HUGE,
        "/knowledge?state=draft&after=0001-01-01T00:00:00%2B08:00~1",
        "/charts?from=0001-01-01&to=0001-01-02",
    ],
)
async def test_an_odd_address_shows_a_page(console, everybody, path):
    assert (await everybody.get(f"/console{path}")).status in (200, 404)


@ONE_KIND
async def test_a_session_that_cannot_be_is_not_there(console, everybody):
    assert (await everybody.post(f"/console/me/sessions/{HUGE}/end")).status == 404


@pytest.mark.parametrize("path", ["/tickets?category=%00", "/knowledge/entries/%00", "/knowledge/try?q=%00&draft=%00"])
async def test_no_address_has_a_nul(console, everybody, path):
    assert (await everybody.get(f"/console{path}")).status == 404


async def test_a_nul_in_a_form_is_left_out(console, everybody):
    page = await everybody.post("/console/tickets/filters", name="我\0的", query="view=all\0")
    assert page.has("已存为“我的”")


@ONE_KIND
async def test_half_a_character_in_a_form_is_left_out(console, everybody):
    kind = "application/x-www-form-urlencoded; charset=unicode-escape"  # which browsers never send
    headers = {"Origin": console.address, "Content-Type": kind}
    fields = {"form_key": everybody.form_key, "name": "a\\ud800b", "query": "view=all"}
    address = f"{console.address}/console/tickets/filters"
    async with everybody.session.post(address, data=urlencode(fields), headers=headers) as sent:
        assert "已存为“ab”" in await sent.text()


@ONE_KIND
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--\r\n',
        ),
        ("multipart/form-data", b"nothing"),
        ("application/x-www-form-urlencoded; charset=nothing", b"name=x"),
        ("application/x-www-form-urlencoded", b"name=%ff%fe"),
    ],
)
async def test_a_form_that_is_none_is_refused(console, everybody, kind, body):
    headers = {"Origin": console.address, "Content-Type": kind}
    async with everybody.session.post(f"{console.address}/console/tickets/filters", data=body, headers=headers) as sent:
        assert sent.status in (400, 403)


@ONE_KIND
@pytest.mark.parametrize("name", ["Cookie", "X-Form-Key", "User-Agent", "X-Forwarded-For"])
async def test_headers_that_are_no_text_let_nobody_in_and_break_nothing(console, name):
    reader, writer = await asyncio.open_connection(console.server.host, console.server.port)
    value = "ltb_staff=\udcff; ltb_flash=\udcff.x" if name == "Cookie" else "\udcff"
    request = f"POST /console/stay HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{name}: {value}\r\n\r\n"
    writer.write(request.encode("utf-8", "surrogateescape"))
    status = int((await reader.readline()).split()[1])
    writer.close()
    assert 400 <= status < 500
