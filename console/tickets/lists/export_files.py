"""Files somebody has asked for. On the disk they are only ever encrypted, for an hour, and nobody else's to fetch.

A file is sealed piece by piece while it is written, under a key of its own; that key lies before it, sealed by the
installation's. Neither writing nor reading needs the whole of it in memory.
"""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from service.encryption import Cipher
from tickets.attachments.sealed_file import FILE_KEY_BYTES, SealingWriter, plain_size, unsealed

KEPT = timedelta(hours=1)

_LENGTH = 2  # bytes that tell how long the sealed key is
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The files of an installation; every process has the same.

    Attributes:
        folder: where they lie; a folder a person in it, by a hash, as names may be anything.
    """

    folder: Path
    cipher: Cipher

    @contextmanager
    def writing(self, owner: str, name: str) -> Iterator[IO[bytes]]:
        """A file to be written; it is there whole or not at all."""
        place = self._of(owner)
        place.mkdir(parents=True, exist_ok=True)
        part, key = place / f"{name}.part", os.urandom(FILE_KEY_BYTES)
        try:
            with part.open("wb") as file:
                head = self.cipher.encrypt(key)
                file.write(len(head).to_bytes(_LENGTH, "big") + head)
                sealing = SealingWriter(file, key)
                with io.BufferedWriter(_Sealed(sealing), _BUFFER) as plain:
                    yield plain
                sealing.finish()
            part.replace(place / name)
        finally:
            part.unlink(missing_ok=True)

    def reading(self, owner: str, name: str) -> tuple[int, Iterator[bytes]] | None:
        """How many bytes a file has, and its pieces; None where this person has none of that name."""
        place = self._of(owner)
        path = next((each for each in place.glob("*") if each.name == name and each.suffix != ".part"), None)
        if path is None:
            return None
        file = path.open("rb")
        key = self.cipher.decrypt(file.read(int.from_bytes(file.read(_LENGTH), "big")))
        return plain_size(path.stat().st_size - file.tell()), _pieces(file, key)

    def sweep(self, at: datetime) -> int:
        """Delete what is older than an hour, and what a crash left half written; how many went."""
        old = [path for path in self.folder.glob("*/*") if path.stat().st_mtime < (at - KEPT).timestamp()]
        for path in old:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return len(old)

    def _of(self, owner: str) -> Path:
        return self.folder / sha256(owner.encode()).hexdigest()[:24]


class _Sealed(io.RawIOBase):
    """What is written to it is sealed; it cannot go back."""

    def __init__(self, sealing: SealingWriter) -> None:
        self._sealing = sealing

    def writable(self) -> bool:
        return True

    def write(self, plain: Any) -> int:
        self._sealing.write(bytes(plain))
        return len(plain)


def _pieces(file: IO[bytes], key: bytes) -> Iterator[bytes]:
    with file:
        yield from unsealed(file, key)
