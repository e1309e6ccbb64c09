"""What commands work on: the settings, the database, the knowledge base of this installation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from service.commands.output import say
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from knowledge_base.entry import Entry

As = Annotated[str, typer.Option("--as", metavar="USERNAME", help="以哪个工作人员账号来做；能做什么看账号的角色。")]


def settings() -> Settings:
    """The settings, with a readable complaint about a wrong one."""
    try:
        return load_settings()
    except ValidationError as error:
        for item in error.errors():
            name = "_".join(str(part) for part in item["loc"]).upper()
            say(f"设置 LTB_{name} 不对：{item['msg']}")
        raise typer.Exit(2) from error


def open_database() -> Any:
    """An open, migrated database, as a context."""
    from contextlib import asynccontextmanager

    from service.migrate import upgrade
    from service.storage import Database

    @asynccontextmanager
    async def opened() -> Any:
        chosen = settings()
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(chosen.sqlalchemy_url)
        try:
            await upgrade(database)
            yield database
        finally:
            await database.close()

    return opened()


async def entries_of(file: Path | None) -> "list[Entry]":
    """The entries of a file, or those that are published."""
    from knowledge_base.formats import read_entries
    from knowledge_base.store import EntryStore
    from knowledge_base.synonyms import use

    if file is not None:
        return read_entries(file)
    async with open_database() as database:
        changes = await EntryStore(database).changes_since(0)
        if changes and changes.synonyms:
            use(changes.synonyms)  # its own entries are understood by its own words
        return list(changes.put) if changes else []
