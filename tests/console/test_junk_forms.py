"""Every form of the console, filled with what no page of ours sends: it is refused in words, and nothing breaks."""

import asyncio
import io
import random
import re
import sqlite3
from contextlib import closing
from urllib.parse import quote

import pytest
from aiohttp.web_request import FileField
from hotline import clerk_of
from multidict import CIMultiDict, CIMultiDictProxy

from console.areas import AREAS
from console.cookies import csrf_of
from console.forms import Form
from console.visit import Visit
from knowledge_base.entry import Entry
from knowledge_base.lifecycle import EntryLifecycle
from service.identity.roles import Actor, Role
from tickets.moves import Verb

FORMS = [route for area in AREAS for route in area.routes if route.method == "POST"]
SIGNING_IN = ("/sign-in", "/sign-in/code", "/me/password", "/me/second-factor", "/me/recovery-codes")
"""A try is kept, whatever came of it."""
NOT_LOOKED_AT = ("staff_sessions", "jobs")

NUMBERS = ("0", "1", "-1", "3", "007", "1.5", "1e9", "9" * 30, "9" * 5_000, "٣", "½")
TEXTS = (
    "",
    " ",
    "x",
    "电梯坏了半个月没人修",
    "\0",
    "\ud800",
    "长" * 30_000,
    "<b>{{x}}{",
    "'--",
    "=1+1",
    "\u202e\u200b",
)
TIMES = ("2026-11-21", "2026-11-21T10:00", "0001-01-01", "9999-12-31T23:59", "2026-02-30", "25:99", "08:30-12:00")
NAMES = ("id-card", "cg", "li", "draft-1", "1", "投诉", "sms", "telephone", "office", "agent", "complaint")
PHONES = ("13800138000", "+8613800138000", "110101199003074258")
POOLS = (NUMBERS, TEXTS, TIMES, NAMES, PHONES)
FILES = (
    b"",
    b"\0" * 20,
    b"PK\x03\x04junk",
    b"question,answer\n\xff\xfe",
    "问题,答案\na,b\n".encode(),
    b"\xff\xd8\xff\xe0",
)
FILE_NAMES = ("x.csv", "x.xlsx", "x.pdf", "x", "../../etc/passwd.docx", "长" * 200 + ".jsonl", "\0.yml")


class Junk:
    """Fields of any name, each with some junk in it."""

    def __init__(self, chance, known):
        self.chance = chance
        self.pools = (*POOLS, known)
        self.filled = {}

    def get(self, name, default=None):
        if name not in self.filled:
            self.filled[name] = self.file(name) if name in ("file", "document") else self.text()
        return self.filled[name]

    def getall(self, name, default=None):
        return [self.get(name)] + [self.text() for _ in range(self.chance.randrange(3))]

    def items(self):
        return self.filled.items()

    def text(self):
        return self.chance.choice(self.chance.choice(self.pools))

    def file(self, name):
        content = io.BytesIO(self.chance.choice(FILES))
        headers = CIMultiDictProxy(CIMultiDict())
        return FileField(name, self.chance.choice(FILE_NAMES), content, "application/octet-stream", headers)


class JunkForm(Form):
    """A form of junk in which a choice is often one that exists, so that what stands behind it is reached."""

    def choice(self, name, allowed, *, missing):
        chance = self._sent.chance
        if allowed and name not in self._sent.filled and chance.random() < 0.7:
            self._sent.filled[name] = chance.choice(sorted(allowed))
        return super().choice(name, allowed, missing=missing)


@pytest.fixture
async def known(console, hotline, database, clock):
    """What there is to be broken: tickets at several steps, an entry; the names it all goes by."""
    desk = EntryLifecycle(database, console.office.entries, clock)
    await desk.save_draft(Actor("li", frozenset({Role.CURATOR})), Entry(slug="id-card", question="身份证", answer="…"))
    await console.office.desk.lifecycle.time.seed()
    first = await hotline.dispatched("cg")
    await hotline.do(clerk_of("cg"), first, Verb.ACCEPT)
    await console.account("root", Role.ADMINISTRATOR)
    await console.account("shen", *(role for role in Role if role is not Role.ADMINISTRATOR), units=["cg"])
    return (first.number,)


def everything(console):
    """All that is kept, but who is signed in and how far long work is."""
    with closing(sqlite3.connect(console.office.database._writer.url.database)) as kept:
        names = kept.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: kept.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names if name not in NOT_LOOKED_AT
        }


def address(route, chance, known):
    pool = (*NUMBERS[:-3], *NAMES, *known, *known, "%20", "x" * 500)
    verbs = [verb.value for verb in Verb]
    named = {"verb": verbs, "way": ["sms", "widget", "x"], "kind": ["sms", "templates", "x"]}
    return "/console" + re.sub(
        r"\{(\w+)\}", lambda part: quote(chance.choice(named.get(part[1], pool)), safe="%"), route.path
    )


async def sent(console, visitors, name, path):
    """What came of a form; a form before may have signed its sender out."""
    for _ in range(2):
        if name not in visitors or visitors[name].cookie() is None:
            visitors[name] = await console.signed_in(name)
        page = await visitors[name].post(path, headers={"X-Form-Key": csrf_of(visitors[name].cookie())})
        if page.status != 401:
            break
        del visitors[name]
    return page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_form_whatever_it_holds_is_a_failure_of_ours(console, known, monkeypatch, caplog):
    chance = random.Random(11)

    async def junk(visit):
        visit._form = visit._form or JunkForm(Junk(chance, known))
        return visit._form

    monkeypatch.setattr(Visit, "form", junk)
    visitors, failed, half_done, before = {}, [], [], everything(console)
    for route in FORMS:
        name = "root" if route.rights.roles == {Role.ADMINISTRATOR} else "shen"
        path = address(route, chance, known)
        page = await sent(console, visitors, name, path)
        await asyncio.gather(*console.office.jobs._running)
        after = everything(console)
        if page.status in (401, 403, 405) or page.status >= 500:
            failed.append((page.status, path))
        elif page.status >= 400 and after != before and route.path not in SIGNING_IN:
            half_done.append((page.status, path, [name for name in after if after[name] != before[name]]))
        before = after

    assert (failed, half_done) == ([], [])
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
