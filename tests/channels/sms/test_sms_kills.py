"""The process is killed for real between writing and sending; everybody gets their message, and nobody twice."""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from channels.sms.gateways.gateway import SmsState
from channels.sms.tables import messages
from simulators.sms.carrier import Fault

SENDING = Path(__file__).with_name("sending_orders.py")
_ROOT = str(Path(__file__).resolve().parents[3])
ORDERS = 40
KILLS = 2
RUNS = 8


async def test_who_is_killed_while_sending_sends_nothing_twice_and_leaves_nothing_out(sms, database, clock, tmp_path):
    url = database._writer.url.render_as_string(hide_password=False)
    names = ("sms_gateways", "sms_aliyun_url", "sms_aliyun_key_id", "sms_aliyun_key_secret", "sms_aliyun_sign")
    given = {name: getattr(sms.settings, name) for name in (*names, "sms_aliyun_templates")} | {
        "data_dir": str(tmp_path)
    }
    chance = random.Random(7)
    sms.carrier.faults.extend(chance.choices([None, Fault.LOST_ANSWER, Fault.LOST_REQUEST], (8, 1, 1), k=24))
    for run in range(RUNS):
        command = [sys.executable, SENDING, url, clock().isoformat(), json.dumps(given)]
        environment = os.environ | {"PYTHONPATH": _ROOT}
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
        if run < KILLS:
            until = chance.randint(8, 14)
            while (said := await process.stdout.readline()) and int(said) < 14 * run + until:
                pass
            process.kill()
        sent = len((await process.communicate())[0].split())
        clock.forward(minutes=15)  # by then it is certain what the gateway took
        if run >= KILLS and sent == ORDERS:
            break

    got = Counter(each.phone for each in sms.carrier.arrived)
    assert len(got) == ORDERS
    assert set(got.values()) == {1}
    rows = await database.read(lambda connection: connection.execute(select(messages.c.state)).scalars().all())
    assert Counter(rows) == {SmsState.SUBMITTED: ORDERS}
