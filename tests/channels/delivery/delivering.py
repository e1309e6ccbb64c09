"""A worker in a test: ways that do as they are told, and citizens who remember what they saw."""

from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace

from channels.delivery.attempts import Handed
from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladder, Ladders, Step
from channels.delivery.letter import Letter
from channels.delivery.recipient import Recipient
from channels.outcomes import Remedy, SendRefused, SendUnknown
from service.outbox import Notice, put_within


class Way:
    """A way to a citizen. What it is told to do, it does call by call: refuse, lose the answer, be killed."""

    def __init__(self):
        self.seen = []  # by citizens
        self.calls = []
        self.script = []
        self.receipts = {}

    def reaches(self, recipient):
        return recipient.phone != "none"

    async def send(self, parcel):
        self.calls.append(("send", parcel.id))
        step = self.script.pop(0) if self.script else None
        if isinstance(step, SendRefused):
            raise step
        if step != "lost before":
            self.seen.append((parcel.id, parcel.letter.reply["text"]))
        if isinstance(step, BaseException):
            raise step
        if step in ("lost before", "lost after"):
            raise SendUnknown("test", "没有应答")
        return Handed(f"at-{parcel.id}", 4.5, reports=True)

    async def settle(self, parcel, since):
        self.calls.append(("ask", parcel.id))
        if self.script and isinstance(self.script[0], SendUnknown):
            raise self.script.pop(0)
        return Handed(f"at-{parcel.id}", 4.5) if any(seen == parcel.id for seen, _ in self.seen) else None

    async def receipt(self, parcel_id, provider_id):
        return self.receipts.get(parcel_id)


class Words:
    """Says what stands in the notice's key."""

    def letter(self, notice):
        return Letter("approve", "ticket_approve", {"text": notice.key, "buttons": []}, {"number": notice.subject})


def refusal(remedy, after=None):
    return SendRefused("test", "code", "对方说不行", remedy, after)


class Killed(BaseException):
    """The worker is gone: nothing more is written."""


@dataclass
class World:
    """The delivery of an installation with these ways, on a database."""

    database: object
    clock: object
    steps: list[Step]
    ways: dict[str, Way] = field(default_factory=lambda: defaultdict(Way))
    recipient: Recipient = field(default_factory=lambda: Recipient("one", None, "+8613800138000"))
    opt_out: bool = False
    staff: bool = True

    def __post_init__(self):
        for step in self.steps:
            self.ways[step.rung]
        self.courier = self.worker()

    def worker(self):
        """One more worker."""

        async def of(_notice):
            return self.recipient

        ladders = SimpleNamespace(of=lambda *_: Ladder(self.steps, self.opt_out, self.staff))
        return Courier(self.database, self.ways, ladders, Words(), SimpleNamespace(of=of), self.clock)

    async def put(self, *keys, subject="20261121-00001-1", conversation="one"):
        notices = [Notice(key, "ticket", subject, conversation, "phone") for key in keys]
        await self.database.write(lambda connection: put_within(connection, notices, self.clock()))

    async def put_each(self, keys):
        """Notices of many tickets: what is told, by ticket."""
        notices = [Notice(key, "ticket", subject, "one", "phone") for subject, key in keys.items()]
        await self.database.write(lambda connection: put_within(connection, notices, self.clock()))

    async def deliver(self, courier=None):
        """Carry what is due, until nothing more is."""
        while await self.round(courier or self.courier):
            pass

    @staticmethod
    async def round(courier):
        holder, ids = await courier.claim()
        await courier.carry(holder, ids)
        return len(ids)

    def seen(self, rung):
        return [text for _, text in self.ways[rung].seen]


def shipped():
    return Ladders.load()


__all__ = ["Killed", "Remedy", "Way", "World", "refusal", "shipped"]
