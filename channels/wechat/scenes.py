"""What a scanned code stands for: a matter, or a ticket."""

from dataclasses import dataclass
from typing import Protocol

from actions.present import ask_about
from actions.reply import Button, button
from knowledge_base.knowledge import Knowledge


class TicketScenes(Protocol):
    """Knows the codes that were made for tickets (`channels.wechat.platform.codes.Codes`)."""

    async def ticket(self, scene: str) -> str | None:
        """The number of the ticket a scene stands for; None where it is none of ours, or no longer good."""


@dataclass(frozen=True, slots=True)
class Scenes:
    """Reads scene values."""

    knowledge: Knowledge
    tickets: TicketScenes | None

    async def button(self, scene: str) -> Button | None:
        """What scanning asks for, as the button that asks the same; None for a code that is none of ours.

        A ticket is shown only to one who may see it: that is for the dialogue to check, not for the code.
        """
        entry = self.knowledge.entry_of_scene(scene)
        if entry is not None:
            return ask_about(entry)
        number = await self.tickets.ticket(scene) if self.tickets else None
        return button(f"看看工单 {number}", "ask_ticket_status", number=number) if number else None
