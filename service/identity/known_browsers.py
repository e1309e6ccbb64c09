"""Browsers in which somebody has signed in before: what strangers fail at elsewhere does not keep them out there.

Whoever knows a username can have its account paused by failing on purpose. A browser that has signed in to it before
shows a mark, and its failures are counted by that mark alone (the device cookies of OWASP's cheat sheet on
authentication). The mark opens nothing: a password is needed all the same, and guesses
with a stolen one are paused, too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from service.encryption import Cipher

PURPOSE = "known browsers"
"""The purpose of the cipher that signs the marks."""

KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class KnownBrowsers:
    """Gives marks, and knows them again."""

    cipher: Cipher

    def mark(self, username: str, at: datetime) -> str:
        """A mark for a browser in which somebody has just signed in."""
        text = f"{token_hex(8)}.{int((at + KEPT).timestamp())}"
        return f"{text}.{self.cipher.sign(f'{text}.{username}')}"

    def known(self, username: str, mark: str, at: datetime) -> str:
        """By what a browser is counted whose mark was given to this very account; empty where it is no such mark."""
        text, _, signature = mark.rpartition(".")
        if not text or not self.cipher.signature_matches(f"{text}.{username}", signature):
            return ""
        name, _, until = text.partition(".")
        return name if at.timestamp() < int(until) else ""
