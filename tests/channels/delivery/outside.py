"""A gateway outside this process that citizens' messages go through; it fails now and then, and loses answers.

It answers two questions on a local socket: `send ID` (taken, refused, or nothing, with or without having taken it) and
`ask ID` (yes or no). What citizens saw is what it took.
"""

import asyncio
import random
from collections import Counter
from contextlib import asynccontextmanager, suppress

from channels.delivery.attempts import Handed
from channels.outcomes import Remedy, SendRefused, SendUnknown


class Gateway:
    """The gateway.

    Attributes:
        seen: how often citizens saw each message.
    """

    def __init__(self, failures, seed=1):
        self.seen = Counter()
        self.order = []
        self.failures = failures
        self.chance = random.Random(seed)

    @asynccontextmanager
    async def open(self):
        """Listen; the port."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        with suppress(ConnectionError):
            verb, message = (await reader.readline()).decode().split()
            writer.write((self.answer(verb, message)).encode())
            await writer.drain()
        writer.close()

    def answer(self, verb, message):
        if verb == "ask":
            return "yes\n" if message in self.seen else "no\n"
        luck = self.chance.random()
        if luck < self.failures / 2:
            return "refused\n"
        if luck < self.failures * 3 / 4:
            return ""  # lost on the way there
        self.seen[message] += 1
        self.order.append(message)
        return "" if luck < self.failures else "taken\n"  # lost on the way back


class OutsideRung:
    """A way through it."""

    def __init__(self, port):
        self.port = port

    def reaches(self, recipient):
        return True

    async def send(self, parcel):
        answer = await self.say("send", parcel.id)
        if answer == "refused":
            raise SendRefused("outside", "busy", "对方忙", Remedy.RETRY)
        return Handed(parcel.id)

    async def settle(self, parcel, since):
        return Handed(parcel.id) if await self.say("ask", parcel.id) == "yes" else None

    async def receipt(self, parcel_id, provider_id):
        return None

    async def say(self, verb, message):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"{verb} {message}\n".encode())
            answer = (await reader.readline()).decode().strip()
            writer.close()
        except OSError as error:
            raise SendUnknown("outside", "连不上") from error
        if not answer:
            raise SendUnknown("outside", "没有应答")
        return answer
