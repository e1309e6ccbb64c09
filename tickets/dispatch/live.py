"""The dispatcher of a running process: follows the list and the model as others change them."""

import asyncio

from service.encryption import Keyring
from service.storage import Database
from tickets.dispatch.dispatcher import Dispatcher
from tickets.dispatch.model_store import ModelStore
from tickets.dispatch.rule_store import RuleStore


class LiveDispatcher:
    """Holds the dispatcher of now; `refresh` from time to time."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.current = Dispatcher()
        self._rules = RuleStore(database)
        self._models = ModelStore(database, keyring.cipher("tickets"))
        self._known = (-1, -1)
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> bool:
        """Read what has changed; whether anything had."""
        async with self._refreshing:
            newest = (await self._rules.revision(), await self._models.current_id())
            if newest == self._known:
                return False
            model = self.current.model
            if newest[1] != self._known[1]:
                stored = await self._models.current()
                model = stored.model if stored else None
            self.current = Dispatcher(await self._rules.all(), model)
            self._known = newest
            return True
