"""The master keys of an installation: one that writes, others that can still read."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

KEY_BYTES = 32
ID_BYTES = 4


class MasterKey:
    """32 secret bytes, and a short name for them that can be shown and stored."""

    __slots__ = ("id", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.id = hashlib.sha256(b"liaotianban key id:" + secret).digest()[:ID_BYTES]

    @classmethod
    def new(cls) -> "MasterKey":
        """A key nobody has had before."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str, where: str) -> "MasterKey":
        """A key as the operator writes it.

        Args:
            where: named in the complaint.

        Raises:
            ValueError: it is not base64 of 32 bytes.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            message = f"{where}：密钥应为 32 字节的 base64 文本。"
            raise ValueError(message)
        return cls(secret)

    @property
    def text(self) -> str:
        """The key as `parse` reads it."""
        return base64.b64encode(self.secret).decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MasterKey) and self.secret == other.secret

    def __hash__(self) -> int:
        return hash(self.secret)

    def __repr__(self) -> str:  # a key must not reach a log
        return f"MasterKey({self.id.hex()})"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """What is left of a forgotten key: it recognises one purpose's tokens until they expire, and opens nothing."""

    purpose: str
    secret: bytes
    until: datetime

    def __repr__(self) -> str:
        return f"TokenKey({self.purpose})"


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The keys at one moment.

    Attributes:
        current: the one that writes.
        previous: read what has not been rewritten yet.
        coming: will be current; already known to all, so that nobody meets what he cannot read.
        tokens: recognise tokens that were handed out under keys forgotten since.
    """

    current: MasterKey
    previous: tuple[MasterKey, ...] = ()
    coming: MasterKey | None = None
    tokens: tuple[TokenKey, ...] = ()

    @property
    def readable(self) -> tuple[MasterKey, ...]:
        """Every key that can read, the current one first."""
        return (self.current, *self.previous, *((self.coming,) if self.coming else ()))
