"""A steady stream of WeChat's posts that costs the machine little, and what came of it.

All of WeChat's side that can be done before is: every post is signed, sealed and written down as a request, and every
reply is opened after the last one came. Between them only bytes are moved, over connections that stay open as those of
the nginx before a hotline do. What is on the wire is what the platform sends: each delivery is signed and sealed anew.
"""

import asyncio
import random
import re
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from simulators.wechat.account import Trigger
from simulators.wechat.pushing import DELIVERIES, WAITS_SECONDS, Pusher

_LINES = 128
_HUNG_UP_SECONDS = 0.1
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Question:
    """Something people ask.

    Attributes:
        answer: how its answer begins, by which it is recognised wherever it is shown.
    """

    text: str
    answer: str


@dataclass(slots=True)
class Message:
    """One message and what came of it.

    Attributes:
        posts: its first delivery, those at the same moment, and the one WeChat hangs up on.
        overlapping: how many come at the same moment as the first; nobody hears their responses.
        reply: the response to the last delivery that was waited for; None where none was answered in five seconds.
        seconds: from the first delivery that was waited for to the reply.
        late: how far the stream itself was behind when it was sent, in seconds.
    """

    openid: str
    question: Question
    xml: str
    posts: list[bytes]
    overlapping: int
    hung_up: bool
    deliveries: int = 0
    reply: bytes | None = None
    seconds: float = 0.0
    late: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What came of all messages.

    Attributes:
        passive: messages answered within five seconds in the response to one of their deliveries.
        postponed: messages that were told `success`.
        failed: messages for which the follower was shown an error.
        late: how far the stream was behind at worst, in seconds.
        seconds: of each message, until its reply.
        shown: what each person was shown in replies.
        asked: how often each person asked what has this answer.
    """

    sent: int = 0
    deliveries: int = 0
    passive: int = 0
    postponed: int = 0
    failed: int = 0
    late: float = 0.0
    seconds: list[float] = field(default_factory=list)
    shown: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, Counter[str]] = field(default_factory=dict)


class _Line(asyncio.Protocol):
    """One connection that stays open; one request at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes | None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> "asyncio.Future[bytes | None]":
        """Send a request; the body of the answer, None for an error."""
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_END)
        length = _LENGTH.search(head) if end else None
        if length and len(body) >= int(length[1]):
            self._settle(body if head.startswith(b"HTTP/1.1 200") else None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(None)

    def _settle(self, answer: bytes | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)


class Lines:
    """The connections to a hotline, used in turn."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._free: deque[_Line] = deque()

    async def open(self) -> None:
        """Open them, for the stream not to begin with it."""
        self._free.extend([await self._line() for _ in range(_LINES)])

    def close(self) -> None:
        """Close them."""
        for line in self._free:
            line.transport.close()

    def request(self, params: dict[str, str], body: str) -> bytes:
        """A post, written down."""
        content = body.encode()
        head = (
            f"POST {self._path}?{urlencode(params)} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"User-Agent: Mozilla/4.0\r\nAccept: */*\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    async def ask(self, request: bytes, seconds: float) -> bytes | None:
        """The answer to a post; None where none came in time, or an error."""
        line = self._free.popleft() if self._free else await self._line()
        if line.transport.is_closing():
            line = await self._line()
        try:
            async with asyncio.timeout(seconds):
                answer = await line.ask(request)
        except TimeoutError:
            line.transport.close()
            return None
        self._free.append(line)
        return answer

    async def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(_Line, self._host, self._port)
        return line


def prepared(
    pusher: Pusher, lines: Lines, people: Sequence[str], questions: Sequence[Question], many: int, seed: int
) -> list[Message]:
    """Messages as the platform would send them, signed and sealed.

    One of a hundred is hung up on after a tenth of a second and sent again; one of ten comes twice at the same moment,
    one of fifty three times.
    """
    chance = random.Random(seed)
    messages = []
    for _ in range(many):
        person, question, luck = chance.choice(people), chance.choice(questions), chance.random()
        fields = {"MsgType": "text", "MsgId": str(next(pusher._message_ids)), "Content": question.text}
        overlapping, hung_up = 1 if luck < 0.11 else 2 if luck < 0.13 else 0, luck < 0.01
        xml = pusher.xml(person, fields)
        posts = [lines.request(*pusher.sealed(person, xml)) for _ in range(1 + overlapping + hung_up)]
        messages.append(Message(person, question, xml, posts, overlapping, hung_up))
    return messages


async def stream(pusher: Pusher, lines: Lines, messages: Sequence[Message], rate: int) -> None:
    """Send messages at a steady rate, whether or not answers come; until each has its reply."""
    started = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number, message in enumerate(messages):
            due = started + number / rate
            behind = time.perf_counter() - due
            if behind < 0:
                await asyncio.sleep(-behind)
            message.late = max(behind, 0.0)
            pusher.account.trigger(message.openid, Trigger.MESSAGE)
            sending.create_task(_send(pusher, lines, message))


async def _send(pusher: Pusher, lines: Lines, message: Message) -> None:
    posts = list(message.posts)
    if message.hung_up:
        message.deliveries += 1
        await lines.ask(posts.pop(), _HUNG_UP_SECONDS)
    unheard = [asyncio.create_task(lines.ask(posts.pop(), WAITS_SECONDS)) for _ in range(message.overlapping)]
    started = time.perf_counter()
    for _ in range(DELIVERIES):
        message.deliveries += 1
        post = posts.pop() if posts else lines.request(*pusher.sealed(message.openid, message.xml))
        message.reply = await lines.ask(post, WAITS_SECONDS)
        if message.reply is not None:
            break
    message.seconds = time.perf_counter() - started
    message.deliveries += len(unheard)
    for each in unheard:
        await each


def outcome_of(pusher: Pusher, messages: Sequence[Message]) -> Outcome:
    """Open every reply as the platform does, and count."""
    outcome = Outcome()
    for message in messages:
        text, understood = pusher._read(None if message.reply is None else message.reply.decode())
        outcome.sent += 1
        outcome.deliveries += message.deliveries
        outcome.late = max(outcome.late, message.late)
        outcome.seconds.append(message.seconds)
        outcome.failed += not understood
        outcome.passive += understood and bool(text)
        outcome.postponed += understood and not text
        outcome.asked.setdefault(message.openid, Counter())[message.question.answer] += 1
        if understood and text:
            outcome.shown.setdefault(message.openid, []).append(text)
    return outcome
