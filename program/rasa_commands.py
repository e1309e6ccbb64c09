"""Rasa's own commands, with the actions run in their process so that no action server is needed."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from rasa.__main__ import main
from rasa.core.utils import AvailableEndpoints

import actions
from bot.local_actions import LocalActions
from program.assembly import open_actions
from service.settings import Settings


class _OwnActions(LocalActions):
    """Opens what the actions need when the first one runs, in the event loop it runs in."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(actions)
        self._settings = settings
        self._opened: asyncio.Task[None] | None = None

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        if self._opened is None:
            self._opened = asyncio.create_task(open_actions(self._settings))
        await self._opened
        return await super().request(*args, **kwargs)


def run(settings: Settings, arguments: list[str]) -> None:
    """Run `rasa ARGUMENTS`. With `--endpoints`, that file says where the actions are, as ever."""
    if "--endpoints" not in arguments:
        read = AvailableEndpoints.read_endpoints

        def with_own_actions(endpoint_file: str) -> AvailableEndpoints:
            endpoints = read(endpoint_file)
            endpoints.action = _OwnActions(settings)
            return endpoints

        AvailableEndpoints.read_endpoints = with_own_actions
    sys.path.insert(0, str(Path.cwd()))
    sys.argv = ["rasa", *arguments]
    main()
    if arguments[:2] == ["data", "validate"]:  # Rasa itself says nothing when all is well
        print("检查过了，没有发现问题。", file=sys.stderr)  # noqa: T201
