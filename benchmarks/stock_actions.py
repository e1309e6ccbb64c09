"""Rasa's own action server with our actions, for comparison: `python -m benchmarks.stock_actions PORT`."""

import asyncio
import sys

from bot.runtime import prepare
from service.settings import load_settings

settings = load_settings()
prepare(settings.data_dir)


async def _open() -> None:
    from actions import services
    from knowledge_base.answer_log import AnswerLog
    from service.assembly import open_knowledge
    from service.clock import now
    from service.encryption import open_keyring
    from service.migrate import upgrade
    from service.storage import Database
    from tickets.desk import TicketDesk

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings.secret_key, settings.data_dir)
    database = Database(settings.sqlalchemy_url)
    await upgrade(database)
    _, knowledge = await open_knowledge(settings, database)

    async def last_said(_conversation: str) -> list:
        return []

    desk = TicketDesk.open(database, keyring)
    log = AnswerLog(keyring.cipher("conversations"))
    services.use(services.Services(knowledge, log, desk, settings, now, last_said))


if __name__ == "__main__":
    from rasa_sdk.endpoint import run

    asyncio.run(_open())
    run("actions", port=int(sys.argv[1]))
