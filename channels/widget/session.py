"""Widget sessions: a signed token that names a conversation, kept by the browser."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.assistant import new_id
from service.clock import Clock
from service.encryption import Cipher


class SessionInvalid(Exception):
    """The token is not ours, or has expired."""


@dataclass(slots=True)
class WidgetSessions:
    """Issues and reads tokens; nothing is stored for a session that says nothing.

    Attributes:
        lifetime: of tokens issued from now on.
    """

    cipher: Cipher
    lifetime: timedelta
    clock: Clock

    def issue(self) -> tuple[str, datetime]:
        """A new conversation's token, and when it ends."""
        expires = self.clock() + self.lifetime
        text = f"{new_id()}.{int(expires.timestamp())}"
        return f"{text}.{self.cipher.sign(text)}", expires

    def conversation(self, token: str) -> str:
        """The conversation a token names.

        Raises:
            SessionInvalid: forged, malformed or expired.
        """
        text, _, signature = token.rpartition(".")
        conversation, _, expires = text.partition(".")
        if not text or not self.cipher.signature_matches(text, signature):
            raise SessionInvalid
        if datetime.fromtimestamp(int(expires), UTC) < self.clock():
            raise SessionInvalid
        return conversation
