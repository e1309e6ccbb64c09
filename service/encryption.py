"""Personal data at rest: authenticated encryption by field, and keyed hashes to look values up.

The master key comes from `LTB_SECRET_KEY` or a file only this user can read. Each purpose
(conversations, tickets, session tokens …) derives a key of its own, so a value stored for one
purpose can neither be read nor compared under another.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class Undecipherable(Exception):
    """Stored bytes do not open with this key: another key wrote them, or they were altered."""


class Cipher:
    """Encrypts and hashes under one purpose's key."""

    def __init__(self, master_key: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), 2 * _KEY_BYTES, salt=None, info=purpose.encode()).derive(master_key)
        self._aead = AESGCM(derived[:_KEY_BYTES])
        self._hash_key = derived[_KEY_BYTES:]

    def encrypt(self, plain: bytes) -> bytes:
        """Version byte, random nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, _VERSION)

    def decrypt(self, sealed: bytes) -> bytes:
        """The plain bytes.

        Raises:
            Undecipherable: wrong key, wrong purpose, or altered bytes.
        """
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, body, sealed[:1])
        except (InvalidTag, ValueError) as error:
            raise Undecipherable from error

    def encrypt_text(self, text: str | None) -> bytes | None:
        """A text field's stored form; nothing stays nothing."""
        return None if text is None else self.encrypt(text.encode())

    def decrypt_text(self, sealed: bytes | None) -> str | None:
        """The text of a stored field; nothing stays nothing."""
        return None if sealed is None else self.decrypt(sealed).decode()

    def keyed_hash(self, text: str) -> str:
        """A stable fingerprint to find an encrypted value by, useless without the key (64 hex digits)."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()

    def sign(self, text: str) -> str:
        """A short signature for tokens handed out (url-safe, 22 characters)."""
        digest = hmac.new(self._hash_key, b"sign:" + text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def signature_matches(self, text: str, signature: str) -> bool:
        """Whether `sign(text)` gave this signature, compared in constant time."""
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


class Keyring:
    """The master key and the ciphers derived from it."""

    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key

    def cipher(self, purpose: str) -> Cipher:
        """The cipher for one purpose."""
        return Cipher(self._master_key, purpose)


def open_keyring(secret_key: str, data_dir: Path) -> Keyring:
    """The keyring from the setting, or from `data_dir/secret.key`, which is made at the first start.

    Raises:
        ValueError: the key is not base64 of 32 bytes.
    """
    if secret_key:
        return Keyring(_parse(secret_key, "LTB_SECRET_KEY"))
    path = data_dir / "secret.key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = base64.b64encode(secrets.token_bytes(_KEY_BYTES))
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails where another process was first: its key wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return Keyring(_parse(path.read_text(), str(path)))


def _parse(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        message = f"{where}：密钥应为 32 字节的 base64 文本。"
        raise ValueError(message)
    return key
