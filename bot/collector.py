"""Gathers what Rasa utters in one turn."""

from typing import Any

from rasa.core.channels.channel import OutputChannel

from actions.reply import Reply, ReplyKind
from actions.wording import spoken


class ReplyCollector(OutputChannel):
    """An output channel that keeps the replies for whoever ran the turn."""

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name within Rasa."""
        return "collector"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take one message: an action's complete reply, or a response of domain.yml."""
        custom = message.get("custom") or {}
        if "kind" in custom and "text" in custom:
            self.replies.append(custom)
        elif message.get("text"):
            buttons = [{"title": b["title"], "payload": b["payload"]} for b in message.get("buttons") or []]
            kind = (message.get("metadata") or {}).get("kind", ReplyKind.NOTICE)
            text = spoken.now.get(message.get("utter_action", ""), message["text"])
            self.replies.append(Reply(ReplyKind(kind), text, buttons).as_dict())
