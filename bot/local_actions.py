"""Custom actions run in this process, through the same JSON contract an action server speaks."""

import json
from types import ModuleType
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection


class LocalActions(EndpointConfig):
    """Stands where Rasa expects the address of an action server."""

    def __init__(self, package: ModuleType) -> None:
        super().__init__(url="local://actions")
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, *_args: Any, **kwargs: Any) -> Any:
        """Run the action that Rasa asks for and give its events and messages."""
        try:
            return await self._executor.run(kwargs["json"])
        except ActionExecutionRejection as rejection:
            body = {"error": rejection.message, "action_name": rejection.action_name}
            raise ClientResponseError(400, rejection.message, json.dumps(body)) from rejection
