"""Media as the platform keeps them: for three days."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.clock import Clock
from simulators.wechat.refused import Refused

KEPT = timedelta(days=3)


@dataclass(frozen=True)
class Medium:
    """A file on the platform."""

    content: bytes
    content_type: str
    kept_until: datetime


class MediaShelf:
    """The temporary media of one account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._media: dict[str, Medium] = {}

    def keep(self, content: bytes, content_type: str) -> str:
        """Keep a file; its media id."""
        media_id = secrets.token_urlsafe(48)
        self._media[media_id] = Medium(content, content_type, self._clock() + KEPT)
        return media_id

    def get(self, media_id: str) -> Medium:
        """A file that is still there.

        Raises:
            Refused: 40007.
        """
        medium = self._media.get(media_id)
        if medium is None or self._clock() >= medium.kept_until:
            raise Refused(40007, "invalid media_id")
        return medium
