"""How a process follows what staff set: it looks for a new revision, and for what begins by itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from service.clock import Clock, now
from service.kept.kind import Contents
from service.kept.store import KeptSettings
from service.kept.tables import kept_settings
from service.kept.versions import last_revision
from service.storage import Database

_log = logging.getLogger(__name__)

Use = Callable[[Contents], object]
"""Takes over what is set of one kind; quick, since it runs on the event loop."""


@dataclass(slots=True)
class _Follower:
    store: KeptSettings
    use: Use
    last: Contents | None = None


@dataclass(slots=True)
class Following:
    """Gives what is in force to those who use it, in this process."""

    database: Database
    clock: Clock = now
    _followers: list[_Follower] = field(default_factory=list)
    _revision: int = -1
    _next: datetime | None = None

    def add(self, store: KeptSettings, use: Use) -> None:
        """From the next look on, give what is set to somebody: now, and whenever it has changed."""
        self._followers.append(_Follower(store, use))
        self._revision = -1

    async def look(self) -> bool:
        """Take over what has changed; whether something may have.

        It costs one look into two indexes as long as nothing has. What cannot be used, since an older program kept it,
        is logged, and things stay as they were.
        """
        at, known, begins = self.clock(), self._revision, self._next

        def ask(connection: Connection) -> tuple[int, datetime | None, list[Contents]] | None:
            revision = last_revision(connection)
            if revision == known and (begins is None or at < begins):
                return None
            later = (kept_settings.c.effective_from > at, kept_settings.c.withdrawn_at.is_(None))
            soonest = connection.scalar(select(func.min(kept_settings.c.effective_from)).where(*later))
            return revision, soonest, [each.store.contents_within(connection, at) for each in self._followers]

        found = await self.database.read(ask)
        if found is None:
            return False
        self._revision, self._next, contents = found
        for follower, each in zip(self._followers, contents, strict=True):
            _give(follower, each)
        return True


def _give(follower: _Follower, contents: Contents) -> None:
    if contents == follower.last:
        return
    kind = follower.store.kind
    try:
        kind.check(contents, contents)
        follower.use(contents)
    except kind.refused as refused:
        _log.error(
            "what is kept of the settings %s cannot be used, the last that could be stays: %s", kind.name, refused
        )
    follower.last = contents
