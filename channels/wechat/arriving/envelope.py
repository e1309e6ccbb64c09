"""What WeChat posts, opened, and what it is answered, sealed: signatures, the three modes, two keys.

Signature and encryption are those of https://developers.weixin.qq.com/doc/service/guide/dev/push/encryption.html
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException

from channels.wechat.misconfigured import WechatMisconfigured
from service.clock import Clock

_WINDOW = timedelta(minutes=5)  # between WeChat's clock and ours, WeChat's retries within
_LONGEST_TIMESTAMP = 12  # digits
_KEY_CHARACTERS = 43


class Mode(StrEnum):
    """How the account is set up on WeChat's side (消息加解密方式)."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class EnvelopeRefused(Exception):
    """It does not come from WeChat, or not now."""


class Malformed(Exception):
    """It is signed, and yet cannot be read."""


class _Prp(PrpCrypto):
    """wechatpy's, with random bytes nobody can foretell."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened post.

    Attributes:
        nonce: of this post; with the timestamp it is used once.
        key: the EncodingAESKey it was sealed with, empty where it came in plain.
    """

    xml: str = field(repr=False)
    nonce: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Seals:
    """What the account shares with WeChat.

    Attributes:
        keys: EncodingAESKeys, the current one first.

    Raises:
        WechatMisconfigured: a key is none, or is missing.
    """

    app_id: str
    token: str = field(repr=False)
    mode: Mode
    keys: tuple[str, ...] = field(repr=False)
    clock: Clock

    def __post_init__(self) -> None:
        for key in self.keys:
            if len(key) != _KEY_CHARACTERS or not key.isalnum() or not key.isascii():
                message = f"LTB_WECHAT_AES_KEY 应是公众号后台里的 EncodingAESKey：{_KEY_CHARACTERS} 个字母或数字。"
                raise WechatMisconfigured(message)
        if self.mode is not Mode.PLAIN and not self.keys:
            message = "LTB_WECHAT_MODE 是 compatible 或 safe 时，要设置 LTB_WECHAT_AES_KEY。"
            raise WechatMisconfigured(message)

    def check(self, query: Mapping[str, str]) -> None:
        """Check that WeChat signed these parameters just now.

        Raises:
            EnvelopeRefused: it did not.
        """
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        self._check_signature(query.get("signature", ""), timestamp, nonce)
        self._check_time(timestamp)

    def open(self, query: Mapping[str, str], body: bytes) -> Envelope:
        """Open a post.

        Raises:
            EnvelopeRefused: see there.
            Malformed: see there.
        """
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        sealed = query.get("encrypt_type", "raw") == "aes"
        if not sealed:
            if self.mode is Mode.SAFE:
                message = "plain, and only sealed posts are taken"
                raise EnvelopeRefused(message)
            self.check(query)
            return Envelope(_text(body), f"{timestamp}.{nonce}")
        encrypted = _encrypted(body)
        self._check_signature(query.get("msg_signature", ""), timestamp, nonce, encrypted)
        self._check_time(timestamp)
        for key in self.keys:
            xml = _decrypted(encrypted, WeChatCrypto(self.token, key, self.app_id).key, self.app_id)
            if xml is not None:
                return Envelope(xml, f"{timestamp}.{nonce}", key)
        message = "no key opens it"
        raise Malformed(message)

    def seal(self, envelope: Envelope, xml: str) -> str:
        """A reply in the form the post had: sealed with the key that opened it, or plain."""
        if not envelope.key:
            return xml
        crypto = WeChatCrypto(self.token, envelope.key, self.app_id)
        at = str(int(self.clock().timestamp()))
        sealed: str = crypto._encrypt_message(xml, secrets.token_hex(8), at, _Prp)  # no other way in
        return sealed

    def _check_signature(self, signature: str, *parts: str) -> None:
        joined = "".join(sorted((self.token, *parts))).encode(errors="surrogatepass")
        expected = hashlib.sha1(joined, usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass")):
            message = "wrong signature"
            raise EnvelopeRefused(message)

    def _check_time(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > _LONGEST_TIMESTAMP:
            message = "no timestamp"
            raise EnvelopeRefused(message)
        now = self.clock()
        if abs(int(timestamp) - now.timestamp()) > _WINDOW.total_seconds():
            message = "signed at another time"
            raise EnvelopeRefused(message)


def within_window(at: datetime) -> datetime:
    """Before this moment no post can have been signed that would be taken at `at`."""
    return at - 2 * _WINDOW


def parsed(xml: str) -> dict[str, object]:
    """The fields of WeChat's XML.

    Raises:
        Malformed: it is no XML, or not of WeChat's form.
    """
    try:
        document = xmltodict.parse(xml)
    except (ExpatError, ValueError, RecursionError) as error:  # ValueError: entities, characters that are none
        message = "no XML"
        raise Malformed(message) from error
    fields = document.get("xml") if isinstance(document, dict) else None
    if not isinstance(fields, dict):
        message = "not of WeChat's form"
        raise Malformed(message)
    return fields


def _encrypted(body: bytes) -> str:
    encrypted = parsed(_text(body)).get("Encrypt")
    if not isinstance(encrypted, str):
        message = "nothing encrypted in it"
        raise Malformed(message)
    return encrypted


def _decrypted(encrypted: str, key: bytes, app_id: str) -> str | None:
    """The message; None where this key does not open it."""
    try:
        xml: str = _Prp(key).decrypt(encrypted, app_id)
    # What wechatpy lets through on bytes that are none of ours; ValueError is base64's, the cipher's and UTF-8's.
    except (ValueError, IndexError, TypeError, struct.error, InvalidAppIdException):
        return None
    return xml


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        message = "no UTF-8"
        raise Malformed(message) from error
