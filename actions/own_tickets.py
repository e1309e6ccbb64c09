"""Which tickets are the citizen's: those of this conversation, and those made with a phone it has proved."""

from actions.services import services
from tickets.ticket import Ticket


async def own_tickets(conversation: str) -> list[Ticket]:
    """The citizen's tickets, newest first."""
    phones = await services().verification.citizens.phones(conversation)
    return await services().desk.of_citizen(conversation, phones)


async def own_ticket(conversation: str, number: str) -> Ticket | None:
    """The citizen's ticket of this number; another's looks like one that does not exist."""
    desk = services().desk
    if ticket := await desk.find(number, conversation=conversation):
        return ticket
    for phone in await services().verification.citizens.phones(conversation):
        if ticket := await desk.find(number, phone=phone):
            return ticket
    return None


def progress(ticket: Ticket) -> str:
    """Where a ticket stands, in one line."""
    return f"工单 {ticket.number}：{ticket.state.label}。{ticket.state.next_step}"
