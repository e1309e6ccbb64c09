"""The link check against a real server that misbehaves in every way sites do."""

import asyncio
import ssl
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge_base import links as module
from knowledge_base.check import Problem
from knowledge_base.entry import Attachment, Entry, Facets
from knowledge_base.links import LinkCheck, LinkState, is_inner, links_of


class Site:
    """What it was asked, how much at once."""

    def __init__(self):
        self.asked = Counter()
        self.now = self.most = 0

    def app(self):
        app = web.Application()
        app.router.add_route("*", "/{what:.*}", self.answer)
        return app

    async def answer(self, request):
        what = request.match_info["what"]
        self.asked[f"{request.method} {what}"] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(5 if what == "slow" else 0.02)
        self.now -= 1
        if what == "loop":
            raise web.HTTPFound("/loop")
        if what == "moved":
            raise web.HTTPMovedPermanently("/fine")
        if what == "inside":
            raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")
        if what == "script":
            raise web.HTTPFound("file:///etc/passwd")
        if what == "no-head" and request.method == "HEAD":
            return web.Response(status=405)
        if what == "tired" and self.asked["GET tired"] < 2:
            return web.Response(status=503)
        return web.Response(status={"gone": 410, "missing": 404, "forbidden": 403, "broken": 500}.get(what, 200))


@pytest_asyncio.fixture(loop_scope="session")
async def site():
    answering = Site()
    async with TestServer(answering.app()) as server:
        answering.address = f"http://127.0.0.1:{server.port}"
        yield answering


@pytest.fixture
def certificate(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


async def test_what_becomes_of_each_link(site, monkeypatch, unused_tcp_port):
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.5)
    wanted = {
        "fine": LinkState.REACHABLE,
        "moved": LinkState.REACHABLE,
        "no-head": LinkState.REACHABLE,
        "tired": LinkState.REACHABLE,
        "missing": LinkState.GONE,
        "gone": LinkState.GONE,
        "forbidden": LinkState.REFUSED,
        "broken": LinkState.REFUSED,
        "loop": LinkState.REFUSED,
        "script": LinkState.REFUSED,
        "slow": LinkState.TIMEOUT,
    }
    nobody = f"http://127.0.0.1:{unused_tcp_port}/"
    seen = []
    links = [f"{site.address}/{what}" for what in wanted] + [nobody]

    states = await LinkCheck(inner_allowed=True).states(links, lambda done, every: seen.append((done, every)))
    assert {link.removeprefix(f"{site.address}/"): state for link, state in states.items()} == wanted | {
        nobody: LinkState.REFUSED
    }
    assert seen[-1] == (12, 12)
    assert site.asked["HEAD loop"] == 6
    assert site.asked["HEAD slow"] == 2  # once more, and no more
    assert site.asked["GET broken"] == 2
    assert site.asked["GET forbidden"] == 1
    assert site.asked["GET fine"] == 0


async def test_a_site_is_asked_no_more_than_twice_at_once(site):
    await LinkCheck(inner_allowed=True).states(f"{site.address}/page{n}" for n in range(12))

    assert site.most == 2
    assert sum(site.asked.values()) == 12


async def test_a_certificate_nobody_vouches_for(certificate):
    async with TestServer(Site().app()) as server:
        await server.close()
    server = TestServer(Site().app(), scheme="https")
    await server.start_server(ssl=certificate)
    link = f"https://127.0.0.1:{server.port}/"

    assert await LinkCheck(inner_allowed=True).states([link]) == {link: LinkState.CERTIFICATE}
    await server.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_no_link_leads_into_this_machine(site, host):
    link = f"http://{host}:{site.address.rsplit(':', 1)[1]}/fine"

    assert await LinkCheck().states([link]) == {link: LinkState.INNER}
    assert site.asked == {}


async def test_no_redirect_leads_inside(site, monkeypatch):
    monkeypatch.setattr(module, "is_inner", lambda address: not address.startswith("127."))
    link = f"{site.address}/inside"

    assert await LinkCheck().states([link]) == {link: LinkState.INNER}


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("8.8.8.8", False),
        ("2400:3200::1", False),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("172.16.0.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("224.0.0.1", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::a00:1", True),
        ("2002:a00:1::", True),
    ],
)
def test_which_addresses_are_inside(address, inner):
    assert is_inner(address) is inner


def test_links_are_found_where_citizens_see_them():
    entry = Entry(
        slug="a",
        question="甲",
        answer="见 https://a.example/x?y=1。（网址：http://b.example/路）",
        facets=Facets(online="https://a.example/x?y=1，或者 https://c.example/z."),
        attachments=(Attachment(title="表", url="/files/a.pdf"), Attachment(title="图", url="https://d.example/")),
    )

    assert links_of(entry) == [
        "https://a.example/x?y=1",
        "http://b.example/",
        "https://c.example/z",
        "/files/a.pdf",
        "https://d.example/",
    ]


async def test_findings_name_entry_link_and_remedy(site, tmp_path):
    (tmp_path / "there.pdf").write_bytes(b"%PDF")
    files = (Attachment(title="一", url="/files/there.pdf"), Attachment(title="二", url="/files/lost.pdf"))
    entries = [
        Entry(slug="a", question="甲", answer=f"{site.address}/fine {site.address}/gone", attachments=files),
        Entry(slug="b", question="乙", answer=f"{site.address}/gone"),
    ]

    found = await LinkCheck(tmp_path, inner_allowed=True).findings(entries)
    assert [(item.problem, item.slug) for item in found] == [
        (Problem.UNREACHABLE, "a"),
        (Problem.UNREACHABLE, "a"),
        (Problem.UNREACHABLE, "b"),
    ]
    assert [item.message.split()[0] for item in found] == [
        f"{site.address}/gone",
        "/files/lost.pdf",
        f"{site.address}/gone",
    ]
