"""A command that changes the keys slowly enough to be killed: `python rotating.py DATABASE_URL FOLDER`."""

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import service.migrations.tables  # noqa: F401
from service.encryption import FileKeyring
from service.keys.change import begin, forget_previous, move_all
from service.keys.file import KeyFile
from service.keys.rotation import Mover
from service.storage import Database


async def rotate(url, folder):
    ring = FileKeyring(KeyFile.open(Path(folder)))
    begin(ring.file)
    await move_all(Mover(Database(url), ring, 2), None, lambda done: time.sleep(0.03), timedelta(0))
    forget_previous(ring, None)


asyncio.run(rotate(*sys.argv[1:]))
