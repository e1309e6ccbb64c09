"""A worker as a process of its own: `killed_worker.py DATABASE PORT [REDIS]`; it delivers until it is killed."""

import asyncio
import sys
from datetime import timedelta
from types import SimpleNamespace

from delivering import Words
from outside import OutsideRung

from channels.delivery import remedies
from channels.delivery.courier import Courier
from channels.delivery.ladder import Ladder, Step
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipient
from channels.delivery.worker import Worker
from service.clock import now
from service.storage import Database

LEASE = timedelta(seconds=2)


async def main(url, port, redis_url=""):
    remedies._FIRST_PAUSE = timedelta(milliseconds=200)  # a test does not wait as long as a gateway
    steps = [Step("sms", None, timedelta(days=3), 1000)]

    async def of(_notice):
        return Recipient(phone="+8613800138000")

    database = Database(url)
    rungs = {"sms": OutsideRung(int(port))}
    ladders = SimpleNamespace(of=lambda *_: Ladder(steps))
    courier = Courier(database, rungs, ladders, Words(), SimpleNamespace(of=of), now, lease=LEASE, call=LEASE / 4)
    await Worker(courier, Receipts(database, rungs, now), redis_url).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
