"""The dispatcher of a running process: follows the list, the model and the names of units as others change them."""

import asyncio
import logging

from service.encryption import Keyring, Undecipherable
from service.storage import Database
from tickets.dispatch.dispatcher import Dispatcher
from tickets.dispatch.model import Model
from tickets.dispatch.model_file import ModelUnreadable
from tickets.dispatch.model_store import ModelStore
from tickets.dispatch.rule_store import RuleStore
from tickets.unit_history import called_now, last_change

_log = logging.getLogger(__name__)


class LiveDispatcher:
    """Holds the dispatcher of now; `refresh` from time to time."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.current = Dispatcher()
        self._rules = RuleStore(database)
        self._models = ModelStore(database, keyring.cipher("tickets"))
        self._database = database
        self._known = (-1, -1, -1)
        self._refreshing = asyncio.Lock()

    @classmethod
    async def open(cls, database: Database, keyring: Keyring) -> "LiveDispatcher":
        """One that knows the list and the model of now; the first on a database puts the product's list there."""
        await RuleStore(database).seed()
        opened = cls(database, keyring)
        await opened.refresh()
        return opened

    async def refresh(self) -> bool:
        """Read what has changed; whether anything had."""
        async with self._refreshing:
            units = await self._database.read(last_change)
            newest = (await self._rules.revision(), await self._models.current_id(), units)
            if newest == self._known:
                return False
            model = self.current.model
            if newest[1] != self._known[1]:
                model = await self._newest(model)
            called = await self._database.read(called_now)
            self.current = Dispatcher(await self._rules.all(), model, called)
            self._known = newest
            return True

    async def _newest(self, before: Model | None) -> Model | None:
        try:
            stored = await self._models.current()
        except (ModelUnreadable, Undecipherable):
            # The list still works, and dispatchers choose; the next night learns anew.
            _log.exception("the stored dispatch model cannot be read; going on with the one before")
            return before
        return stored.model if stored else None
