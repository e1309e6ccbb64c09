"""Rasa's own action server with our actions, for comparison: `python -m benchmarks.stock_actions PORT`."""

import asyncio
import sys

from bot.runtime import prepare
from service.settings import load_settings

settings = load_settings()
prepare(settings.data_dir)

if __name__ == "__main__":
    from rasa_sdk.endpoint import run

    from program.assembly import open_actions

    asyncio.run(open_actions(settings))
    run("actions", port=int(sys.argv[1]))
