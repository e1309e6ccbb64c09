"""A hotline that keeps the widget's contract and does what a test tells it: refuse, forget, break off."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from service.look import TOKENS

STATIC = Path(__file__).parents[2] / "channels" / "widget" / "static"
HOTLINE = {"name": "安宁市12345热线", "phone": "12345"}
POPULAR = [{"title": "补办社保卡", "payload": '/ask_policy{"entry": "card"}'}]
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'"
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>某局网站</title><main><h1>某局网站</h1><p>正文</p><a href="#">页内链接</a></main>
<script type="module" src="/widget.js"></script></html>"""
AT = "2026-11-21T10:00:00+08:00"


def reply(text: str, kind: str = "notice", **parts: Any) -> dict[str, Any]:
    """A reply as the contract has it; its id comes when it is said."""
    return {"kind": kind, "text": text, "buttons": [], "entry": None, "ticket": None, "at": AT} | parts


def button(title: str, payload: str) -> dict[str, str]:
    return {"title": title, "payload": payload}


class FakeHotline:
    """State of the fake: what it heard, what it answers, how it misbehaves."""

    def __init__(self) -> None:
        self.conversations: dict[str, list[dict[str, Any]]] = {}
        self.listeners: list[tuple[str, asyncio.Queue[dict[str, Any] | None]]] = []
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.breaks_off = False
        self.loses_the_response = 0
        self.refusals: list[web.Response] = []
        self.streams_open = True
        self.cleans_text = False
        self.last_id = 100
        self.handover: dict[str, Any] | None = None

    def refuse(self, status: int, code: str, message: str, **headers: str) -> None:
        """The next message is refused."""
        body = {"error": {"code": code, "message": message}}
        self.refusals.append(web.json_response(body, status=status, headers=headers))

    def forget_sessions(self) -> None:
        self.conversations.clear()

    async def say(self, answer: dict[str, Any]) -> None:
        """Something new to every open conversation, as when a ticket moves."""
        for session in list(self.conversations):
            await self._assistant(session, answer)

    async def show_handover(self, handover: dict[str, Any] | None) -> None:
        """The way to a person stands elsewhere now."""
        self.handover = handover
        for _, queue in self.listeners:
            await queue.put({"handover": handover})

    async def say_as_agent(self, answer: dict[str, Any], agent: str = "话务员 3 号") -> None:
        """A person says something to every open conversation."""
        for session in list(self.conversations):
            said = answer | {"agent": agent, "id": self._next_id()}
            await self._publish(session, {"id": said["id"], "at": AT, "from": "agent", "reply": said})

    async def cut_streams(self) -> None:
        self.streams_open = False
        for _, queue in self.listeners:
            await queue.put(None)

    def app(self) -> web.Application:
        app = web.Application()
        api = "/api/v1/widget"
        app.router.add_get("/", self._page)
        app.router.add_get("/widget.js", self._script)
        app.router.add_get("/static/tokens.css", self._tokens)
        app.router.add_static("/static", STATIC)
        app.router.add_post(f"{api}/sessions", self._sessions)
        app.router.add_get(f"{api}/history", self._history)
        app.router.add_post(f"{api}/messages", self._messages)
        app.router.add_get(f"{api}/events", self._events)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def _script(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "widget.js")

    async def _tokens(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(TOKENS)

    async def _sessions(self, request: web.Request) -> web.Response:
        session = f"session-{self._next_id()}"
        self.conversations[session] = []
        return web.json_response({"session": session, "expires_at": AT} | self._opening(), status=201)

    async def _history(self, request: web.Request) -> web.Response:
        session = request.query["session"]
        if session not in self.conversations:
            return self._session_gone()
        history = {"messages": self.conversations[session], "handover": self.handover}
        return web.json_response(self._opening() | history)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.heard.append(body)
        if self.breaks_off:
            request.transport.close()
            return web.Response()
        if self.refusals:
            return self.refusals.pop(0)
        if body["session"] not in self.conversations:
            return self._session_gone()
        if body["id"] not in self.results:
            self.results[body["id"]] = await self._turn(body)
        if self.loses_the_response:
            self.loses_the_response -= 1
            request.transport.close()
        return web.json_response(self.results[body["id"]])

    async def _turn(self, body: dict[str, Any]) -> dict[str, Any]:
        session, words = body["session"], body.get("text") or body.get("title")
        kept = words.replace("\u3000", "") if self.cleans_text else words
        citizen = {"id": self._next_id(), "at": AT, "from": "citizen", "text": kept}
        await self._publish(session, citizen)
        answers = self.answers.get(body.get("text") or body["payload"], [reply(f"收到：{words}")])
        said = [await self._assistant(session, answer) for answer in answers]
        return {"replies": said, "citizen_message_id": citizen["id"]}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        session = request.query["session"]
        if not self.streams_open:
            return web.json_response({"error": {"code": "busy", "message": "忙"}}, status=503)
        if session not in self.conversations:
            return self._session_gone()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": open\n\n")
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.listeners.append((session, queue))
        for message in self.conversations[session]:
            if message["id"] > int(request.query["after"] or 0):
                queue.put_nowait(message)
        while (message := await queue.get()) is not None:
            if "handover" in message:
                data = json.dumps(message["handover"], ensure_ascii=False)
                await response.write(f"event: handover\ndata: {data}\n\n".encode())
                continue
            data = json.dumps(message, ensure_ascii=False)
            await response.write(f"event: message\nid: {message['id']}\ndata: {data}\n\n".encode())
        self.listeners.remove((session, queue))
        return response

    async def _assistant(self, session: str, answer: dict[str, Any]) -> dict[str, Any]:
        said = answer | {"id": self._next_id()}
        await self._publish(session, {"id": said["id"], "at": AT, "from": "assistant", "reply": said})
        return said

    async def _publish(self, session: str, message: dict[str, Any]) -> None:
        self.conversations[session].append(message)
        for listening, queue in self.listeners:
            if listening == session:
                await queue.put(message)

    def _opening(self) -> dict[str, Any]:
        return {"hotline": HOTLINE, "popular": POPULAR, "privacy_url": "/privacy"}

    def _session_gone(self) -> web.Response:
        return web.json_response({"error": {"code": "session_invalid", "message": "会话已过期"}}, status=401)

    def _next_id(self) -> int:
        self.last_id += 1
        return self.last_id


def chromium_path() -> str | None:
    """The browser of this machine; None: Playwright's own."""
    # The first draws no window, and takes less than half of the others' time for a page.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("LTB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = [
            "--no-sandbox",
            "--disable-quic",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-gpu",
        ]
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        yield browser
        await browser.close()


class Visitor:
    """A citizen in front of a page with the widget."""

    def __init__(self, page: Page, hotline: FakeHotline) -> None:
        self.page = page
        self.hotline = hotline
        self.launcher = page.locator("ltb-chat .launcher")
        self.panel = page.locator("ltb-chat dialog")
        self.input = page.locator("ltb-chat textarea")
        self.state = page.locator("ltb-chat .state")
        self.problem = page.locator("ltb-chat .problem")
        self.citizen = page.locator("ltb-chat .bubble.citizen > p:first-of-type")
        self.assistant = page.locator("ltb-chat .bubble.assistant")

    async def open(self) -> None:
        await self.launcher.click()
        await self.page.locator("ltb-chat .welcome .hello").wait_for()

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    def button(self, title: str):
        return self.page.locator("ltb-chat").get_by_role("button", name=title, exact=True)


@asynccontextmanager
async def visitor(browser: Browser, **context: Any) -> AsyncIterator[Visitor]:
    """A fresh visitor of a fresh fake hotline; an error of the page's script fails the test."""
    hotline = FakeHotline()
    async with TestServer(hotline.app()) as server:
        settings = {"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN"} | context
        opened = await browser.new_context(**settings)
        page = await opened.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(str(server.make_url("/")))
        await page.locator("ltb-chat .launcher").wait_for()
        yield Visitor(page, hotline)
        await opened.close()
        await hotline.cut_streams()
    assert errors == []
