"""Who asks: the key a request shows, whether it still counts, and how often it comes."""

from dataclasses import dataclass
from functools import partial

from channels.api.limits import KeyLimits
from service.clock import Clock
from service.identity.api_keys import ApiKey, key_of, note_use_within, should_note_use
from service.storage import Database


@dataclass(frozen=True, slots=True)
class Access:
    """Knows keys by their text."""

    database: Database
    limits: KeyLimits
    clock: Clock

    async def key(self, text: str) -> ApiKey | None:
        """The key of this text, its use counted and noted; None if it is none, expired or revoked.

        Raises:
            ApiError: it comes too often.
        """
        at = self.clock()
        key = await self.database.read(key_of(text, at))
        if key is None:
            return None
        await self.limits.check(key.id)
        if should_note_use(key, at):
            await self.database.write(partial(note_use_within, key=key, at=at))
        return key
