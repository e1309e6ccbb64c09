"""Bring the database to the newest schema (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from service.storage import Database

_LOCK = 0x6C7462  # any number of our own: one migrating process at a time


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    command.upgrade(alembic_config(connection), "head")


async def upgrade(database: Database) -> None:
    """Apply every migration that is missing, in one transaction; several processes may try at once."""
    await database.write(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether the database has the newest schema."""

    def heads(connection: Connection) -> bool:
        script = ScriptDirectory.from_config(alembic_config())
        return set(MigrationContext.configure(connection).get_current_heads()) == set(script.get_heads())

    return await database.read(heads)
