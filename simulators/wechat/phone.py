"""A follower's phone in the browser: what they do is pushed to the account's server, what reaches them is shown."""

import asyncio
import base64
import binascii
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from simulators.wechat.account import Account
from simulators.wechat.pushing import Pushed, Pusher
from simulators.wechat.refused import Refused

_PAGE = Path(__file__).with_name("phone.html")
_SPEECH = b"#!AMR\n" + bytes(32)


@dataclass(frozen=True)
class Done:
    """Something a follower did.

    Attributes:
        words: how it looks on their side of the chat.
    """

    at: datetime
    words: str


@dataclass
class Phone:
    """The phones of all followers of one account."""

    account: Account
    pusher: Pusher
    done: defaultdict[str, list[Done]] = field(default_factory=lambda: defaultdict(list))
    pushed: dict[str, Pushed] = field(default_factory=dict)
    _pushing: set[asyncio.Task[None]] = field(default_factory=set)

    def install(self, app: web.Application) -> None:
        """Add the page to the platform's application."""
        app.router.add_get("/", self._page)
        app.router.add_get("/phone/{openid}", self._screen)
        app.router.add_post("/phone/{openid}", self._act)

    def screen(self, openid: str) -> list[dict[str, Any]]:
        """What was said on both sides, the oldest first."""
        own = [{"at": done.at.timestamp(), "own": True, "text": done.words} for done in self.done[openid]]
        others = [
            {"at": arrival.at.timestamp(), "own": False, "via": arrival.via.value, "body": arrival.body}
            for arrival in self.account.arrived_at(openid)
        ]
        return sorted(own + others, key=lambda shown: float(str(shown["at"])))

    async def act(self, openid: str, asked: Mapping[str, str]) -> Pushed:
        """Do what was asked for.

        Raises:
            Refused: the person does not follow, or there is no such thing to do.
        """
        kind, text = asked.get("do", ""), asked.get("text", "")
        if kind == "follow":
            return await self._did(openid, "（关注）", self.pusher.follow(openid))
        if kind == "scan" and not self._follows(openid):
            return await self._did(openid, "（扫码关注）", self.pusher.follow(openid, self._scene(text)))
        if not self._follows(openid):
            raise Refused(43004, "require subscribe")
        if kind == "scan":
            return await self._did(openid, "（扫码）", self.pusher.scan(openid, self._scene(text)))
        if kind == "say":
            return await self._did(openid, text, self.pusher.say(openid, text))
        if kind == "choose":
            return await self._did(openid, text, self.pusher.say(openid, text, bizmsgmenuid=asked.get("id", "")))
        if kind == "click":
            named = f"（菜单：{asked.get('name', '')}）"
            return await self._did(openid, named, self.pusher.click(openid, text))
        if kind == "unfollow":
            return await self._did(openid, "（取消关注）", self.pusher.unfollow(openid))
        return await self._send(openid, kind, asked)

    async def _send(self, openid: str, kind: str, asked: Mapping[str, str]) -> Pushed:
        text = asked.get("text", "")
        if kind == "place":
            fields = {"Location_X": "39.9", "Location_Y": "116.4", "Scale": "16", "Label": text}
            return await self._did(openid, f"（位置：{text}）", self.pusher.message(openid, "location", **fields))
        if kind == "speak":
            media = self.account.media.keep(_SPEECH, "audio/amr")
            spoken = self.pusher.message(openid, "voice", MediaId=media, Format="amr", Recognition="")
            return await self._did(openid, "（语音）", spoken)
        if kind == "picture":
            try:
                content = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise Refused(47001, "data format error") from error
            media = self.account.media.keep(content, asked.get("type", "image/jpeg"))
            sent = self.pusher.message(openid, "image", PicUrl="", MediaId=media)
            return await self._did(openid, "（图片）", sent)
        raise Refused(40008, "invalid message type")

    async def _did(self, openid: str, words: str, pushing: Any) -> Pushed:
        self.done[openid].append(Done(self.account.clock(), words))
        pushed: Pushed = await pushing
        self.pushed[openid] = pushed
        return pushed

    def _follows(self, openid: str) -> bool:
        known = self.account.followers.get(openid)
        return known is not None and known.followed

    def _scene(self, text: str) -> str:
        """A code's address as the platform made it, or a scene typed by hand."""
        return self.account.scan(text) or text

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(_PAGE, headers={"Cache-Control": "no-store"})

    async def _screen(self, request: web.Request) -> web.Response:
        openid = request.match_info["openid"]
        follows = self._follows(openid)
        last = self.pushed.get(openid)
        return web.json_response(
            {
                "shown": self.screen(openid),
                "follows": follows,
                "left": self.account.messages_left(openid) if follows else 0,
                "menu": (self.account.menu or {}).get("button", []),
                "last": last and {"deliveries": last.deliveries, "seconds": round(last.seconds, 3)},
            }
        )

    async def _act(self, request: web.Request) -> web.Response:
        """Begin what was asked for; what comes of it is seen on the screen."""
        asked = await request.json()
        task = asyncio.create_task(self._acted(request.match_info["openid"], asked))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)
        return web.json_response({})

    async def _acted(self, openid: str, asked: Mapping[str, str]) -> None:
        try:
            await self.act(openid, asked)
        except Refused as refused:
            self.done[openid].append(Done(self.account.clock(), f"（没有发出去：{refused.message}）"))
