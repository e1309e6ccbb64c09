"""Personal data at rest: authenticated encryption by field, and keyed hashes to look values up.

The master key comes from `LTB_SECRET_KEY` or a file only this user can read (`service.keys.file`). Each
purpose (conversations, tickets, session tokens …) derives a key of its own, so a value stored for one
purpose can neither be read nor compared under another.

A stored field says which master key wrote it:

    version 2:  02 | key id (4 bytes) | nonce (12) | AES-256-GCM ciphertext and tag (16)
    version 1:  01 |                    nonce (12) | AES-256-GCM ciphertext and tag (16)

so keys can be rotated while all is in use (docs/keys.md). Version 1 is read, and no longer written.
A column that holds such fields says so beside its table, `info={"cipher": purpose}`, and a keyed hash
`info={"keyed_hash_of": column, "cipher": purpose}`: that is how `service.keys.rotation` finds them.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.clock import Clock, now
from service.keys.file import KeyFile
from service.keys.master import ID_BYTES, KEY_BYTES, MasterKey, MasterKeys

UNMARKED = b"\x01"
"""How fields of version 1 begin: they do not tell their key."""

HEAD_BYTES = 1 + ID_BYTES

SIGNING_PURPOSES = frozenset({"widget", "known browsers"})
"""Purposes under which tokens are signed. When a key is forgotten, a part of it that can only recognise these stays
until they have expired; a purpose missing here would lose its tokens, so `sign` refuses it."""

_VERSION = b"\x02"
_NONCE_BYTES = 12


class Undecipherable(Exception):
    """Stored bytes do not open with our keys: another key wrote them, or they were altered."""


def head_of(key: MasterKey) -> bytes:
    """How every field begins that this key wrote (5 bytes)."""
    return _VERSION + key.id


class _PurposeKey:
    """One master key's keys for one purpose."""

    __slots__ = ("aead", "hash_key", "head")

    def __init__(self, master: MasterKey, purpose: str) -> None:
        derived = HKDF(SHA256(), 2 * KEY_BYTES, salt=None, info=purpose.encode()).derive(master.secret)
        self.aead = AESGCM(derived[:KEY_BYTES])
        self.hash_key = derived[KEY_BYTES:]
        self.head = head_of(master)


class _PurposeKeys:
    """The keys for one purpose at one moment, by how the fields begin that they wrote."""

    __slots__ = ("by_head", "current", "masters")

    def __init__(self, masters: MasterKeys, purpose: str) -> None:
        self.masters = masters
        derived = [_PurposeKey(key, purpose) for key in masters.readable]
        self.current = derived[0]
        self.by_head = {key.head: key for key in derived}


class Cipher:
    """Encrypts and hashes under one purpose's key; always the current one, also when it changes meanwhile."""

    def __init__(self, keyring: "Keyring", purpose: str) -> None:
        self._keyring = keyring
        self._purpose = purpose
        self._derived = _PurposeKeys(keyring.keys(), purpose)

    def encrypt(self, plain: bytes) -> bytes:
        """Version byte, key id, random nonce, ciphertext and tag."""
        key = self._keys().current
        nonce = os.urandom(_NONCE_BYTES)
        return key.head + nonce + key.aead.encrypt(nonce, plain, key.head)

    def decrypt(self, sealed: bytes) -> bytes:
        """The plain bytes.

        Raises:
            Undecipherable: wrong key, wrong purpose, or altered bytes.
        """
        if sealed[:1] == UNMARKED:
            for key in self._keys().by_head.values():
                try:
                    return _open(key, UNMARKED, sealed)
                except Undecipherable:
                    continue
            raise Undecipherable
        head = sealed[:HEAD_BYTES]
        known = self._derived.by_head.get(head) or self._keys().by_head.get(head)  # it may be newer than our last look
        if known is None:
            raise Undecipherable
        return _open(known, head, sealed)

    def encrypt_text(self, text: str | None) -> bytes | None:
        """A text field's stored form; nothing stays nothing."""
        return None if text is None else self.encrypt(text.encode())

    def decrypt_text(self, sealed: bytes | None) -> str | None:
        """The text of a stored field; nothing stays nothing."""
        return None if sealed is None else self.decrypt(sealed).decode()

    def keyed_hash(self, text: str) -> str:
        """A stable fingerprint to store beside an encrypted value, useless without the key (64 hex digits).

        Look up by `keyed_hashes`: while keys are rotated some rows still have the old key's.
        """
        return _keyed_hash(self._keys().current, text)

    def keyed_hashes(self, text: str) -> Sequence[str]:
        """Every fingerprint a stored value may have at present, the current key's first: `column.in_(…)`."""
        return [_keyed_hash(key, text) for key in self._keys().by_head.values()]

    def sign(self, text: str) -> str:
        """A short signature for tokens handed out (url-safe, 22 characters).

        Raises:
            ValueError: tokens of this purpose would not outlive a change of keys.
        """
        if self._purpose not in SIGNING_PURPOSES:
            message = f"add {self._purpose!r} to SIGNING_PURPOSES"
            raise ValueError(message)
        return _signature(self._keys().current.hash_key, text)

    def signature_matches(self, text: str, signature: str) -> bool:
        """Whether `sign(text)` gave this signature, compared in constant time for each key."""
        keys = self._keys()
        recognised = [key.hash_key for key in keys.by_head.values()]
        at = self._keyring.clock()
        recognised += [key.secret for key in keys.masters.tokens if key.purpose == self._purpose and at < key.until]
        return any(hmac.compare_digest(_signature(key, text).encode(), signature.encode()) for key in recognised)

    def token_key_of(self, master: MasterKey) -> bytes:
        """The part of a master key that recognises this purpose's tokens and opens nothing."""
        return self._keys().by_head[head_of(master)].hash_key

    def _keys(self) -> _PurposeKeys:
        """The keys as they are now; derived anew only when they have changed."""
        newest = self._keyring.keys()
        derived = self._derived
        if derived.masters is not newest:
            derived = self._derived = _PurposeKeys(newest, self._purpose)
        return derived


class Keyring:
    """The master keys and the ciphers derived from them."""

    def __init__(self, master_key: bytes, *previous: bytes, clock: Clock = now) -> None:
        self.clock = clock
        self._keys = MasterKeys(MasterKey(master_key), tuple(MasterKey(key) for key in previous))

    def keys(self) -> MasterKeys:
        """The keys as they are now; the very same object as long as nothing has changed."""
        return self._keys

    def cipher(self, purpose: str) -> Cipher:
        """The cipher for one purpose."""
        return Cipher(self, purpose)


class FileKeyring(Keyring):
    """Follows a key file: what a command writes there is used from the next field on, without a restart."""

    def __init__(self, file: KeyFile, clock: Clock = now) -> None:
        self.clock = clock  # and no keys of its own: one that is forgotten stays nowhere
        self.file = file

    def keys(self) -> MasterKeys:
        """The keys as they are in the file now."""
        return self.file.keys()


def open_keyring(secret_key: str, data_dir: Path, previous: str = "", clock: Clock = now) -> Keyring:
    """The keyring from the settings, or from `data_dir/secret.key`, which is made at the first start.

    Args:
        previous: keys that are only read with, beside `secret_key`; commas between them.

    Raises:
        ValueError: a key is not base64 of 32 bytes, or there are previous keys without a current one.
    """
    if secret_key:
        current = MasterKey.parse(secret_key, "LTB_SECRET_KEY")
        written = [key for key in previous.split(",") if key.strip()]
        others = [MasterKey.parse(key, "LTB_PREVIOUS_SECRET_KEYS").secret for key in written]
        return Keyring(current.secret, *(key for key in others if key != current.secret), clock=clock)
    if previous:
        message = "LTB_PREVIOUS_SECRET_KEYS 要和 LTB_SECRET_KEY 一起设置；密钥在 secret.key 文件里时不用设置它。"
        raise ValueError(message)
    return FileKeyring(KeyFile.open(data_dir), clock)


def _open(key: _PurposeKey, head: bytes, sealed: bytes) -> bytes:
    start = len(head) + _NONCE_BYTES
    try:
        return key.aead.decrypt(sealed[len(head) : start], sealed[start:], head)
    except (InvalidTag, ValueError) as error:
        raise Undecipherable from error


def _keyed_hash(key: _PurposeKey, text: str) -> str:
    return hmac.new(key.hash_key, text.encode(), hashlib.sha256).hexdigest()


def _signature(hash_key: bytes, text: str) -> str:
    digest = hmac.new(hash_key, b"sign:" + text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
