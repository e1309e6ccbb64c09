"""Sends forty SMS one after the other, as a process of its own that can be killed; says which are sent."""

import asyncio
import json
import sys
from contextlib import suppress
from datetime import datetime

from channels.outcomes import SendRefused, SendUnknown
from channels.sms.opening import open_sms
from channels.sms.sending import SmsOrder
from service.encryption import Keyring
from service.settings import Settings
from service.storage import Database

ORDERS = 40


async def main(url: str, moment: str, settings: str) -> None:
    database, at = Database(url), datetime.fromisoformat(moment)
    async with open_sms(Settings(**json.loads(settings)), database, Keyring(bytes(range(32))), lambda: at) as desk:
        for number in range(ORDERS):
            values = {"number": f"20261121-{number:05d}-0", "promised": "11月27日"}
            with suppress(SendUnknown, SendRefused):
                await desk.send(SmsOrder(f"order {number}", f"+86138001380{number:02d}", "ticket_submit", values))
                print(number, flush=True)  # noqa: T201
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
