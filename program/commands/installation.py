"""What commands work on: the settings, the database, the knowledge base of this installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from program.commands.output import say
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from knowledge_base.entry import Entry
    from knowledge_base.knowledge import Knowledge
    from program.changeable import Changeable
    from service.encryption import Cipher, Keyring
    from service.storage import Database

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


async def what_is_set(chosen: Settings, database: "Database") -> "Changeable":
    """What administrators have set over these settings and over the files."""
    from program.changeable import open_changeable

    changeable = open_changeable(chosen.model_copy(), database)
    await changeable.following.look()
    return changeable


def open_keys() -> "Keyring":
    """The keys of this installation."""
    from service.encryption import open_keyring

    chosen = settings()
    return open_keyring(chosen.secret_key, chosen.data_dir, chosen.previous_secret_keys)


def conversation_cipher() -> "Cipher":
    """What encrypts the questions of this installation's citizens."""
    return open_keys().cipher("conversations")


@asynccontextmanager
async def knowledge_of(file: Path | None, *, encoder: bool) -> "AsyncIterator[Knowledge]":
    """The knowledge base of a file, or the one in use; vectors join when they are computed.

    Raises:
        ImportRefused: the file is not taken.
    """
    from knowledge_base.decision import AnswerSettings
    from knowledge_base.formats import read_entries
    from knowledge_base.knowledge import Knowledge
    from knowledge_base.live import open_knowledge

    chosen = settings().model_copy(update={"encoder": encoder})
    if file is None:
        async with open_database() as database:
            changeable = await what_is_set(chosen, database)
            _, knowledge = await open_knowledge(changeable.running.settings, database)
            yield knowledge
        return
    knowledge = Knowledge(
        AnswerSettings(answer_at=chosen.answer_at, offer_at=chosen.offer_at),
        encoder=encoder,
        cache_dir=chosen.data_dir / "cache" / "jieba",
        home=(chosen.district, chosen.city),
    )
    await knowledge.replace(read_entries(file))
    yield knowledge


async def published_entries() -> "list[Entry]":
    """The entries that are published, whether or not their time has come."""
    from knowledge_base.store import EntryStore

    async with open_database() as database:
        changes = await EntryStore(database).changes_since(0)
        return list(changes.put) if changes else []
