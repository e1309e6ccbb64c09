"""Turns per second, and what the thousandth turn costs, against stock Rasa with the same model.

Both answer the same knowledge questions: known wordings, which the cascade settles without the
encoder, so that it is switched off on both sides. Ours stores the dialogue and the transcript,
encrypted, in SQLite; stock Rasa runs as `rasa run` beside its action server and keeps its trackers
in memory, which favours it.
The two take turns within one run, for machines drift.
"""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp

from bot.model import model_path
from knowledge_base.sample import sample_entries
from service.settings import PROJECT, load_settings

_CONVERSATIONS = 20
_ROUNDS = 3
_OURS_TURNS = 1500
_STOCK_TURNS = 300
_LONG = 1000

Ask = Callable[[aiohttp.ClientSession, str, str], Awaitable[str]]


def main() -> None:
    """Print both sides and the ratios."""
    settings = load_settings()
    questions = [question for entry in sample_entries() for question in entry.similar_questions]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(_ours(folder, settings.model_dir))
        stock = stack.enter_context(_stock(folder, model_path(settings.model_dir)))
        asyncio.run(_compare(ours, stock, questions))


async def _compare(ours: str, stock: str, questions: list[str]) -> None:
    connector = aiohttp.TCPConnector(limit=_CONVERSATIONS)
    async with aiohttp.ClientSession(connector=connector) as http:
        ask_ours, ask_stock = _asking_ours(ours), _asking_stock(stock)
        # Some wordings tell of trouble and open the ticket form, or sound like something else to the plain classifier.
        for ask in (ask_ours, ask_stock):
            kinds = [await ask(http, uuid.uuid4().hex, question) for question in questions]
            questions = [question for question, kind in zip(questions, kinds, strict=True) if kind == "answer"]
        print(f"{len(questions)} known wordings, {_CONVERSATIONS} conversations at once")
        await _load(http, ask_ours, questions, 100)
        await _load(http, ask_stock, questions, 40)
        ratios = []
        for _ in range(_ROUNDS):
            here = await _load(http, ask_ours, questions, _OURS_TURNS)
            there = await _load(http, ask_stock, questions, _STOCK_TURNS)
            ratios.append(here["rate"] / there["rate"])
            print(f"ours  {_row(here)}")
            print(f"stock {_row(there)}   ratio {ratios[-1]:.1f}", flush=True)
        print(f"ratio, median of {_ROUNDS}: {statistics.median(ratios):.1f}")
        await _long_conversation(http, ask_ours, questions)


async def _load(http: aiohttp.ClientSession, ask: Ask, questions: list[str], turns: int) -> dict[str, float]:
    """Ask from several conversations at once; turns per second and milliseconds a turn."""
    times: list[float] = []

    async def talk(number: int) -> None:
        conversation = uuid.uuid4().hex
        for turn in range(turns // _CONVERSATIONS):
            started = time.perf_counter()
            kind = await ask(http, conversation, questions[(number * 37 + turn) % len(questions)])
            times.append((time.perf_counter() - started) * 1000)
            assert kind == "answer", kind

    started = time.perf_counter()
    await asyncio.gather(*(talk(number) for number in range(_CONVERSATIONS)))
    seconds = time.perf_counter() - started
    times.sort()
    return {"rate": len(times) / seconds, "p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)]}


def _row(figures: dict[str, float]) -> str:
    return f"{figures['rate']:7.1f} turns/s   p50 {figures['p50']:6.1f} ms   p95 {figures['p95']:6.1f} ms"


async def _long_conversation(http: aiohttp.ClientSession, ask: Ask, questions: list[str]) -> None:
    conversation = uuid.uuid4().hex
    times = []
    for turn in range(_LONG + 10):
        started = time.perf_counter()
        await ask(http, conversation, questions[turn % 50])
        times.append((time.perf_counter() - started) * 1000)
    early, late = statistics.median(times[5:25]), statistics.median(times[-20:])
    print(f"one conversation: turn 10 {early:.2f} ms, turn {_LONG} {late:.2f} ms, ratio {late / early:.2f}")


def _asking_ours(address: str) -> Ask:
    tokens: dict[str, str] = {}

    async def ask(http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        if conversation not in tokens:
            async with http.post(f"{address}/api/v1/widget/sessions", json={}) as response:
                tokens[conversation] = (await response.json())["session"]
        body = {"session": tokens[conversation], "text": text}
        async with http.post(f"{address}/api/v1/widget/messages", json=body) as response:
            return (await response.json())["replies"][0]["kind"]

    return ask


def _asking_stock(address: str) -> Ask:
    async def ask(http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        body = {"sender": conversation, "message": text}
        async with http.post(f"{address}/webhooks/rest/webhook", json=body) as response:
            return (await response.json())[0]["custom"]["kind"]

    return ask


@contextmanager
def _ours(folder: Path, model_dir: Path) -> Iterator[str]:
    port = free_port()
    environment = {
        "LTB_PORT": str(port),
        "LTB_DATA_DIR": str(folder / "ours"),
        "LTB_MODEL_DIR": str(model_dir.resolve()),
        "LTB_ENCODER": "false",
        "LTB_MESSAGES_PER_MINUTE": "1000000",
        "LTB_SESSIONS_PER_MINUTE": "1000000",
    }
    with running(["program.cli", "serve"], environment, f"http://127.0.0.1:{port}/readyz"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _stock(folder: Path, model: Path) -> Iterator[str]:
    port, actions = free_port(), free_port()
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n")
    (folder / "credentials.yml").write_text("rest:\n")
    environment = {"LTB_DATA_DIR": str(folder / "stock"), "LTB_ENCODER": "false", "SANIC_HOST": "127.0.0.1"}
    server = ["benchmarks.stock_actions", str(actions)]
    rasa = ["program.cli", "rasa", "run", "--model", str(model), "-i", "127.0.0.1"]
    rasa += ["-p", str(port), "--endpoints", str(folder / "endpoints.yml")]
    rasa += ["--credentials", str(folder / "credentials.yml")]
    with (
        running(server, environment, f"http://127.0.0.1:{actions}/health"),
        running(rasa, environment, f"http://127.0.0.1:{port}/"),
    ):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: list[str], environment: dict[str, str], probe: str) -> Iterator[None]:
    """`python -m COMMAND` as a process of its own, from when its probe answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        asyncio.run(_until_ready(probe, process))
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


async def _until_ready(probe: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                async with http.get(probe) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{json.dumps(process.args)} did not become ready")


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
