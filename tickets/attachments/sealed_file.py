"""A file encrypted in pieces, so that neither writing nor reading needs all of it in memory.

After a mark come pieces of 64 KB, each sealed with AES-256-GCM. The nonce counts the pieces and says which is the
last, so none can be altered, left out, put elsewhere or cut off (the STREAM construction: Hoang, Reyhanitabar, Rogaway
and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015). A key is for one file only.
"""

from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE_KEY_BYTES = 32
PIECE = 64 * 1024

_MARK = b"LTBF\x01"
_TAG = 16
_SEALED_PIECE = PIECE + _TAG


class Altered(Exception):
    """The file is not what was written, or this is not its key."""


class SealingWriter:
    """Encrypts what is written to it; the file is whole after `finish`."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        self._file = file
        self._aead = AESGCM(key)
        self._waiting = bytearray()
        self._pieces = 0
        file.write(_MARK)

    def write(self, plain: bytes) -> None:
        """Add to the file."""
        self._waiting += plain
        while len(self._waiting) > PIECE:  # what may be the last piece waits
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Write the last piece."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._aead.encrypt(_nonce(self._pieces, last), plain, _MARK))
        self._pieces += 1


def unsealed(file: IO[bytes], key: bytes) -> Iterator[bytes]:
    """The plain pieces of a file, each one checked before it is given.

    Raises:
        Altered: see there; also after some pieces, when it is a later one.
    """
    aead = AESGCM(key)
    if file.read(len(_MARK)) != _MARK:
        raise Altered
    number, piece = 0, file.read(_SEALED_PIECE)
    while True:
        following = file.read(_SEALED_PIECE)
        try:
            yield aead.decrypt(_nonce(number, not following), piece, _MARK)
        except InvalidTag as error:
            raise Altered from error
        if not following:
            return
        number, piece = number + 1, following


def sealed_size(size: int) -> int:
    """How many bytes a file has once it is sealed."""
    return len(_MARK) + size + _TAG * max(1, -(-size // PIECE))


def plain_size(sealed: int) -> int:
    """How many bytes a sealed file has to tell, by its own size."""
    content = sealed - len(_MARK)
    return content - _TAG * -(-content // _SEALED_PIECE)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
