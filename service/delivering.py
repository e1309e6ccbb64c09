"""Puts the delivery of notices together: the ways that are set up in this installation."""

from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladders
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipients
from channels.delivery.rungs.rung import Rung
from channels.delivery.rungs.widget import Telling, WidgetRung
from channels.delivery.wording import NoticeWording
from channels.delivery.worker import Worker
from channels.widget.arrivals import Arrivals
from service.assembly import Parts


def open_worker(parts: Parts, arrivals: Arrivals) -> Worker:
    """The worker of this process.

    Raises:
        LaddersRefused: the installation's own ladders cannot be used.
    """
    rungs: dict[str, Rung] = {"widget": WidgetRung(Telling(parts.assistant), arrivals)}
    courier = Courier(
        parts.database,
        rungs,
        Ladders.load(parts.settings.ladders_file),
        NoticeWording(parts.knowledge, parts.keyring),
        Recipients(parts.database, parts.keyring.cipher("tickets")),
        parts.clock,
    )
    return Worker(courier, Receipts(parts.database, rungs, parts.clock), parts.settings.redis_url)
