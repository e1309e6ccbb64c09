"""The half of the platform that calls the account's server: signs, seals, waits five seconds, and asks again.

As https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html tells it. What a
follower does goes out from here, and what the server replies is shown on their phone.
"""

import asyncio
import hashlib
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

import xmltodict
from aiohttp import ClientError, ClientSession, ClientTimeout
from wechatpy.crypto import WeChatCrypto

from simulators.wechat.account import Account, Trigger, Via

WAITS_SECONDS = 5.0
DELIVERIES = 4  # the first, and three more
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"

_TRIGGERS = {"CLICK": Trigger.CLICK, "subscribe": Trigger.FOLLOW, "SCAN": Trigger.SCAN}


class Mode(StrEnum):
    """消息加解密方式."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@dataclass(frozen=True)
class Server:
    """The account's server as it is entered on the platform (服务器配置)."""

    url: str
    token: str
    aes_key: str = ""
    mode: Mode = Mode.PLAIN


@dataclass(frozen=True)
class Pushed:
    """What came of one message or event.

    Attributes:
        deliveries: how often it was sent.
        text: what the follower was shown as the reply; empty: nothing.
        understood: whether the server answered as it should, in time.
        seconds: from the first delivery to the reply that counted.
    """

    deliveries: int
    text: str
    understood: bool
    seconds: float


class Pusher:
    """Pushes what followers do."""

    def __init__(
        self, account: Account, server: Server, http: ClientSession, waits_seconds: float = WAITS_SECONDS
    ) -> None:
        self.account = account
        self.server = server
        self._http = http
        self._waits = ClientTimeout(total=waits_seconds)
        self._message_ids = count(int(time.time()) * 10_000_000_000)
        self._pushing: set[asyncio.Task[Pushed]] = set()
        account.listeners.append(self._announced)

    async def verify(self) -> bool:
        """Ask the server whether it is the account's, as saving the configuration does."""
        echo = str(random.randrange(10**19))  # noqa: S311  # nothing secret
        params = self.signed() | {"echostr": echo}
        async with self._http.get(self.server.url, params=params, timeout=self._waits) as response:
            return response.status == 200 and await response.text() == echo

    async def say(self, openid: str, text: str, **fields: Any) -> Pushed:
        """A follower types a text."""
        return await self.message(openid, "text", Content=text, **fields)

    async def message(self, openid: str, kind: str, **fields: Any) -> Pushed:
        """A follower sends a message."""
        self.account.trigger(openid, Trigger.MESSAGE)
        return await self.push(openid, {"MsgType": kind, "MsgId": str(next(self._message_ids)), **fields})

    async def follow(self, openid: str, scene: str = "") -> Pushed:
        """Somebody begins to follow, perhaps by scanning a code."""
        self.account.follow(openid)
        key = f"qrscene_{scene}" if scene else ""
        return await self.event(openid, "subscribe", EventKey=key, **({"Ticket": "gQ"} if scene else {}))

    async def unfollow(self, openid: str) -> Pushed:
        """Somebody leaves."""
        self.account.unfollow(openid)
        return await self.event(openid, "unsubscribe", EventKey="")

    async def scan(self, openid: str, scene: str) -> Pushed:
        """A follower scans one of the account's codes."""
        return await self.event(openid, "SCAN", EventKey=scene, Ticket="gQ")

    async def click(self, openid: str, key: str) -> Pushed:
        """A follower taps the menu."""
        return await self.event(openid, "CLICK", EventKey=key)

    async def event(self, openid: str, name: str, **fields: Any) -> Pushed:
        """A follower does something that is no message."""
        if name in _TRIGGERS:
            self.account.trigger(openid, _TRIGGERS[name])
        return await self.push(openid, {"MsgType": "event", "Event": name, **fields})

    async def push(self, openid: str, fields: Mapping[str, Any], overlapping: int = 0) -> Pushed:
        """Push something until the server answers, and show its reply.

        Args:
            overlapping: so many deliveries more at the same moment, of which nobody hears the answer.
        """
        xml = self.xml(openid, fields)
        unheard = [asyncio.create_task(self.deliver(openid, xml)) for _ in range(overlapping)]
        started = time.perf_counter()
        delivery, answer = 0, None
        while delivery < DELIVERIES and answer is None:
            delivery += 1
            answer = await self.deliver(openid, xml)
        seconds = time.perf_counter() - started
        await asyncio.gather(*unheard)
        text, understood = self._read(answer)
        if text:
            self.account.arrive(openid, Via.PASSIVE, {"msgtype": "text", "text": {"content": text}})
        return Pushed(delivery + overlapping, text, understood, seconds)

    def xml(self, openid: str, fields: Mapping[str, Any]) -> str:
        """A message as XML."""
        common = {
            "ToUserName": self.account.original_id,
            "FromUserName": openid,
            "CreateTime": str(int(self.account.clock().timestamp())),
        }
        return f"<xml>{_nodes(common | dict(fields))}</xml>"

    async def deliver(self, openid: str, xml: str) -> str | None:
        """One delivery; the server's answer, None where there is none in time or it is an error."""
        params, body = self.sealed(openid, xml)
        try:
            async with self._http.post(
                self.server.url, params=params, data=body.encode(), headers={"Content-Type": "text/xml"},
                timeout=self._waits,
            ) as response:  # fmt: skip
                text = await response.text()
                return text if response.status == 200 else None
        except (ClientError, TimeoutError):
            return None

    def sealed(self, openid: str, xml: str) -> tuple[dict[str, str], str]:
        """Parameters and body of a delivery, in the server's mode."""
        params = self.signed() | {"openid": openid}
        if self.server.mode is Mode.PLAIN:
            return params, xml
        crypto = WeChatCrypto(self.server.token, self.server.aes_key, self.account.appid)
        envelope = xmltodict.parse(crypto.encrypt_message(xml, params["nonce"], params["timestamp"]))["xml"]
        params |= {"encrypt_type": "aes", "msg_signature": envelope["MsgSignature"]}
        encrypted = f"<Encrypt><![CDATA[{envelope['Encrypt']}]]></Encrypt>"
        if self.server.mode is Mode.COMPATIBLE:
            return params, xml.replace("</xml>", f"{encrypted}</xml>")
        return params, f"<xml><ToUserName><![CDATA[{self.account.original_id}]]></ToUserName>{encrypted}</xml>"

    def signed(self) -> dict[str, str]:
        """Parameters as the platform signs them, each time anew."""
        timestamp = str(int(self.account.clock().timestamp()))
        nonce = str(secrets.randbelow(10**10))
        joined = "".join(sorted((self.server.token, timestamp, nonce)))
        signature = hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    async def drain(self) -> None:
        """Wait for the events that were announced."""
        while self._pushing:
            await asyncio.gather(*self._pushing)

    def _announced(self, openid: str, event: dict[str, Any]) -> None:
        task = asyncio.create_task(self.push(openid, {"MsgType": "event", **event}))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    def _read(self, answer: str | None) -> tuple[str, bool]:
        """What the follower sees of an answer, and whether it is one."""
        if answer in ("", "success"):
            return "", True
        if answer is None:
            return UNAVAILABLE, False
        try:
            fields = xmltodict.parse(answer)["xml"]
            if "Encrypt" in fields:
                crypto = WeChatCrypto(self.server.token, self.server.aes_key, self.account.appid)
                signed = (fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
                fields = xmltodict.parse(crypto.decrypt_message(answer, *signed))["xml"]
            elif self.server.mode is Mode.SAFE:
                return UNAVAILABLE, False
            content = fields["Content"]
        except Exception:  # noqa: BLE001  # whatever the server got wrong, this is what the follower sees
            return UNAVAILABLE, False
        return (content, True) if content and len(content.encode()) < 2048 else (UNAVAILABLE, False)


def _nodes(fields: Mapping[str, Any]) -> str:
    return "".join(_node(name, value) for name, value in fields.items())


def _node(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_nodes(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_node(name, each) for each in value)
    return f"<{name}>{escape(str(value))}</{name}>"
