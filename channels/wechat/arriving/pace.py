"""How many turns run at once, and which goes first when more come than can be run."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_AT_ONCE = 8  # more would not be done sooner: one process computes one thing at a time
_WAITED_FOR_IN_A_ROW = 7
_NEWEST = 0.1  # how much the newest turn says of how long one takes

_Place = tuple[str, "asyncio.Future[None]"]


class Pace:
    """Turns WeChat waits for go first, as long as it does.

    Those it was told to hear of later run in their order, one of eight while others wait, so that they are never
    forgotten. A conversation is waited for or put off as a whole: nothing overtakes what the same person said before.
    """

    def __init__(self) -> None:
        self._running = 0
        self._waited_for: deque[_Place] = deque()
        self._behind: deque[_Place] = deque()
        self._put_off: Counter[str] = Counter()
        self._seconds = 0.0
        self._in_a_row = 0

    def seconds_to_wait(self) -> float:
        """How long a turn that comes now would wait for its place, as turns have lately taken."""
        return len(self._waited_for) * self._seconds / _AT_ONCE

    def is_put_off(self, conversation: str) -> bool:
        """Whether an answer in this conversation comes later."""
        return self._put_off[conversation] > 0

    def put_off(self, conversation: str) -> None:
        """WeChat waits no longer for an answer in this conversation."""
        self._put_off[conversation] += 1
        moved = [place for place in self._waited_for if place[0] == conversation]
        if moved:
            self._behind.extend(moved)
            self._waited_for = deque(place for place in self._waited_for if place[0] != conversation)

    def caught_up(self, conversation: str) -> None:
        """An answer that was put off is there, or has come to nothing."""
        self._put_off[conversation] -= 1
        if not self._put_off[conversation]:
            del self._put_off[conversation]

    def end(self) -> None:
        """Begin no more of the turns that were put off: their callers are cancelled."""
        while self._behind:
            self._behind.popleft()[1].cancel()

    @asynccontextmanager
    async def turn(self, conversation: str) -> AsyncIterator[None]:
        """Wait for a place, and keep it."""
        if self._running < _AT_ONCE:
            self._running += 1
        else:
            await self._place(conversation)
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        finally:
            self._seconds += _NEWEST * (clock() - began - self._seconds)
            self._pass_on()

    async def _place(self, conversation: str) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._behind if self.is_put_off(conversation) else self._waited_for).append((conversation, place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was given at the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give a place to who is next."""
        while self._waited_for or self._behind:
            _, place = self._next().popleft()
            if not place.done():
                place.set_result(None)
                return
        self._running -= 1

    def _next(self) -> deque[_Place]:
        if self._waited_for and (not self._behind or self._in_a_row < _WAITED_FOR_IN_A_ROW):
            self._in_a_row += 1
            return self._waited_for
        self._in_a_row = 0
        return self._behind
