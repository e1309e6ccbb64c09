"""Codes, sheets, what a scanned code opens, attachments; and that none of it tells what is for staff."""

import html
import json
import re
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from channels.widget.sheets import Sheets
from knowledge_base.entry import Attachment, Entry
from knowledge_base.scene import scene_of
from program.app import build_app
from service.settings import Settings

FORM = Entry(
    slug="领表",
    matter='领"表"<b>',
    question="养蜂登记表去哪里拿呢",
    answer="下载就行。",
    category="养蜂",
    attachments=(
        Attachment(title="登记表", url="/files/forms/登记表.pdf"),
        Attachment(title="网上填", url="https://a.example/x?y=1&z=2"),
    ),
)
SECRET = Entry(
    slug="secret-script", matter="绝密口径事项", question="绝密口径怎么答", answer="绝密口径。", visibility="staff"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(parts):
    await parts.knowledge.apply([FORM, SECRET], ())
    files = parts.settings.files_dir
    (files / "forms").mkdir(parents=True)
    (files / "forms" / "登记表.pdf").write_bytes(b"%PDF-1.7")
    (files / "page.html").write_text("<script>alert(1)</script>")
    (files / ".hidden").write_text("x")
    (files / "out.txt").symlink_to("/etc/hostname")
    settings = parts.settings.model_copy(update={"public_url": "https://12345.example.gov.cn/"})
    async with TestClient(TestServer(build_app(replace(parts, settings=settings)))) as opened:
        yield opened
    await parts.knowledge.apply((), [FORM.slug, SECRET.slug])


async def test_a_code_is_drawn_once_and_kept(client):
    for kind, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        response = await client.get(f"/guide/id-card/qr.{kind}")
        body = await response.read()
        assert (response.status, body[:4]) == (200, begins)
        assert response.headers["Cache-Control"] == "public, max-age=86400"
        assert f"id-card.{kind}" in response.headers["Content-Disposition"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        again = await client.get(f"/guide/id-card/qr.{kind}", headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status, await again.read()) == (304, b"")
    assert (await client.get("/guide/id-card/qr.gif")).status == 404


async def test_without_a_set_address_no_shared_cache_keeps_a_code(parts):
    async with TestClient(TestServer(build_app(parts))) as plain:
        response = await plain.get("/guide/id-card/qr.svg")
        assert response.headers["Cache-Control"].startswith("private")


async def test_a_sheet_tells_what_it_is_for_and_loads_nothing_from_outside(client):
    page = await (await client.get("/guide/id-card/sheet")).text()

    for told in (
        "居民身份证申领换领补领",
        "https://12345.example.gov.cn/s/kb.id-card",
        "12345",
        "示例市公安局",
        "材料",
        "2026-01-01",
    ):
        assert told in page
    addresses = set(re.findall(r"""(?:src|href)=["']?([^"' >]+)""", page))
    assert all(address.startswith(("/", "data:,")) for address in addresses), addresses


async def test_text_of_an_entry_is_never_markup(client):
    for path in ("/guide/领表/sheet", "/guide/领表", f"/s/{scene_of('领表')}"):
        page = await (await client.get(path)).text()
        assert "领&#34;表&#34;&lt;b&gt;" in page, path
        assert "<b>" not in page, path


@pytest.mark.parametrize("path", ["/s/kb.id-card", "/?scene=kb.id-card"])
async def test_a_scanned_code_opens_the_front_page_on_its_matter(client, path):
    response = await client.get(path)
    page = await response.text()

    assert response.status == 200
    payload = re.search(r'data-arrival-payload="([^"]+)"', page)[1].replace("&#34;", '"')
    assert payload == '/ask_policy{"entry": "id-card"}'
    assert 'href="/guide/id-card"' in page


async def test_the_matter_of_a_code_is_answered_as_if_it_had_been_chosen(client):
    page = await (await client.get(f"/s/{scene_of('领表')}")).text()
    payload = re.search(r'data-arrival-payload="([^"]+)"', page)[1].replace("&#34;", '"')
    session = (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]
    body = {"session": session, "payload": payload, "title": "领表"}
    reply = (await (await client.post("/api/v1/widget/messages", json=body)).json())["replies"][0]

    assert (reply["kind"], reply["text"]) == ("answer", "下载就行。")
    assert reply["entry"]["attachments"] == [item.model_dump() for item in FORM.attachments]


async def test_a_code_whose_matter_is_gone_is_told_kindly(client):
    assert (await client.get("/s/kb.nothing")).status == 404
    assert (await client.get("/s/%3Cscript%3E")).status == 404
    page = await (await client.get("/?scene=kb.nothing")).text()
    assert "已经撤下或者换了" in page
    assert "已经撤下或者换了" not in await (await client.get("/")).text()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?scene=kb.secret-script",
        "/s/kb.secret-script",
        "/guide/secret-script",
        "/guide/secret-script/sheet",
        "/guide/secret-script/qr.svg",
        "/guide/secret-script/qr.png",
        "/api/v1/widget/sessions",
    ],
)
async def test_nothing_public_tells_of_an_entry_for_staff(client, path):
    response = await (client.post(path, json={}) if path.startswith("/api") else client.get(path))
    text = await response.text()

    assert "绝密" not in text
    if "secret-script" in path and "?" not in path:
        assert response.status == 404


@pytest.mark.parametrize(
    "said",
    [
        {"text": "绝密口径怎么答"},
        {"text": "绝密口径事项"},
        {"payload": '/ask_policy{"entry": "secret-script"}', "title": "…"},
        {"payload": '/ask_materials{"entry": "secret-script"}', "title": "…"},
        {"payload": "/list_matters", "title": "…"},
    ],
)
async def test_nothing_said_brings_out_an_entry_for_staff(client, said):
    session = (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]
    response = await client.post("/api/v1/widget/messages", json={"session": session} | said)

    assert response.status == 200
    told = json.dumps((await response.json())["replies"], ensure_ascii=False)
    assert "绝密" not in told
    assert "secret-script" not in told


async def test_attachments_are_links_on_the_guide(client):
    page = await (await client.get("/guide/领表")).text()

    assert '<a href="/files/forms/登记表.pdf" rel="noopener noreferrer">登记表</a>' in page
    assert 'href="https://a.example/x?y=1&amp;z=2"' in page


async def test_files_are_served_and_never_run(client):
    shown = await client.get("/files/forms/登记表.pdf")
    assert (shown.status, shown.content_type, await shown.read()) == (200, "application/pdf", b"%PDF-1.7")
    assert shown.headers["Content-Disposition"].startswith("inline")

    page = await client.get("/files/page.html")
    assert page.content_type == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    ["nothing.pdf", ".hidden", "forms", "out.txt", "..%2fsecret.key", "%2e%2e/secret.key", "a%00b", "long" * 1000],
)
async def test_no_other_file_is_served(client, name):
    assert (await client.get(f"/files/{name}")).status in (404, 400)


def test_many_sheets_stand_in_one_file_by_itself():
    sheets = Sheets(Settings(), "https://12345.example.gov.cn")
    entries = [FORM.model_copy(update={"slug": f"e{n}", "category": f"类{n // 20}"}) for n in range(30)]

    printed = sheets.many(entries, note="还没有设置")
    assert printed.count('<article class="sheet"') == 30
    assert "/static/" not in printed
    assert "还没有设置" in printed
    assert len(sheets.many([FORM.model_copy(update={"matter": "很长" * 5000})])) < len(sheets.many([FORM])) + 500
    counter = sheets.counter(entries)
    assert counter.count('class="sheet counter') == 3  # twenty in two pages of twelve at most, ten in one
    assert counter.count('role="img"') == 30


async def test_quotes_in_a_slug_break_no_button(client, parts):
    odd = Entry(slug='a"b?c/d', question="养蜂的引号怎么写", answer="照写。")
    await parts.knowledge.put(odd)
    before = parts.knowledge._asked.copy()
    parts.knowledge._asked[odd.slug] = 1_000_000
    try:
        page = html.unescape(await (await client.get("/")).text())
        opened = await (await client.post("/api/v1/widget/sessions", json={})).json()
        payload = opened["popular"][0]["payload"]
        body = {"session": opened["session"], "payload": payload, "title": "养蜂"}
        reply = (await (await client.post("/api/v1/widget/messages", json=body)).json())["replies"][0]

        assert f'data-ltb-payload="{payload}"' in page
        assert reply["text"] == "照写。"
        assert (await client.get(URL(reply["entry"]["guide_url"], encoded=True))).status == 200
    finally:
        parts.knowledge._asked = before
        await parts.knowledge.remove(odd.slug)
