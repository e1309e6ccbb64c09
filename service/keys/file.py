"""`secret.key`: the master keys of an installation that sets none, in a file only this user can read.

Its first form is one line, the key. While keys are rotated, and as long as old tokens are recognised, it is JSON.
A change replaces the file as a whole; every process sees it with its next look, which costs one `stat`.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from service.keys.master import MasterKey, MasterKeys, TokenKey


class AlreadyRotating(Exception):
    """Another command is changing the keys right now."""


class KeyFile:
    """The file, and what was last read from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state: tuple[int, ...] = ()
        self._keys: MasterKeys | None = None

    @classmethod
    def open(cls, data_dir: Path) -> "KeyFile":
        """The file of a data directory, made with a fresh key where there is none.

        Raises:
            ValueError: it holds no keys.
        """
        file = cls(data_dir / "secret.key")
        if not file.path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            file._create()
        file.keys()
        return file

    def keys(self) -> MasterKeys:
        """The keys as they are now. A file that has gone leaves those read before.

        Raises:
            ValueError: the file holds no keys.
        """
        try:
            found = self.path.stat()
            state = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._keys is None or state != self._state:
                self._keys = _read(self.path.read_text(), str(self.path))
                self._state = state
        except FileNotFoundError:
            if self._keys is None:
                raise
        return self._keys

    def write(self, keys: MasterKeys) -> None:
        """Put these keys in place of those in the file; durable when it returns. Only within `changing`."""
        temporary = self.path.with_name("secret.key.new")
        _write_durably(temporary, _text(keys))
        temporary.replace(self.path)
        _sync_folder(self.path.parent)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Only one command changes the keys at a time; the system releases the lock of one that was killed.

        Raises:
            AlreadyRotating: another one does.
        """
        lock = self.path.with_name("secret.key.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise AlreadyRotating from error
        finally:
            os.close(descriptor)

    def _create(self) -> None:
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        _write_durably(temporary, MasterKey.new().text)
        try:
            os.link(temporary, self.path)  # fails where another process was first: its key wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        _sync_folder(self.path.parent)


def _read(text: str, where: str) -> MasterKeys:
    if not text.lstrip().startswith("{"):
        return MasterKeys(MasterKey.parse(text, where))
    try:
        held = json.loads(text)
        return MasterKeys(
            current=MasterKey.parse(held["current"], where),
            previous=tuple(MasterKey.parse(key, where) for key in held["previous"]),
            coming=MasterKey.parse(held["coming"], where) if held["coming"] else None,
            tokens=tuple(_token_key(item) for item in held["tokens"]),
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        message = f"{where}：文件不完整或者被改动过，读不出密钥，请从备份恢复。"
        raise ValueError(message) from error


def _token_key(item: dict[str, str]) -> TokenKey:
    return TokenKey(item["purpose"], base64.b64decode(item["key"]), datetime.fromisoformat(item["until"]))


def _text(keys: MasterKeys) -> str:
    if keys == MasterKeys(keys.current):
        return keys.current.text
    tokens = [
        {"purpose": key.purpose, "key": base64.b64encode(key.secret).decode(), "until": key.until.isoformat()}
        for key in keys.tokens
    ]
    held: dict[str, Any] = {
        "current": keys.current.text,
        "previous": [key.text for key in keys.previous],
        "coming": keys.coming.text if keys.coming else None,
        "tokens": tokens,
    }
    return json.dumps(held, indent=1)


def _write_durably(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
