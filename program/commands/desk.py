"""What commands about tickets share: acting as a member of staff, and finding a ticket they may see."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from program.commands.installation import open_database, open_keys, settings
from program.commands.output import fail

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.desk import TicketDesk
    from tickets.parties import Party
    from tickets.ticket import Ticket

_Result = TypeVar("_Result")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="工单编号。")]


def run_at_desk(by: str, work: "Callable[[TicketDesk, Actor], Awaitable[_Result]]") -> _Result:
    """Do something with tickets as a member of staff; a refusal ends the command and says what to do."""
    from service.identity.staff import UnknownStaff, actor_of
    from tickets.alarms.store import AlarmRefused
    from tickets.desk import TicketDesk
    from tickets.intake.gazetteer import Gazetteer, GazetteerRefused
    from tickets.lists import ListRefused
    from tickets.refusal import MoveNotAllowed, WordsRefused
    from tickets.replies.finding import stops

    async def run() -> _Result:
        async with open_database() as database:
            desk = TicketDesk.open(database, open_keys(), gazetteer=Gazetteer.load(settings().gazetteer_file))
            return await work(desk, await actor_of(database, by))

    try:
        return asyncio.run(run())
    except WordsRefused as refused:
        told = "\n".join(f"[{finding.code}] {finding.suggestion}" for finding in refused.findings)
        raise fail(told if stops(refused.findings) else f"{told}\n看过仍要这样写的，加 --confirm 代号。") from refused
    except (MoveNotAllowed, ListRefused, AlarmRefused, UnknownStaff, GazetteerRefused) as refused:
        raise fail(str(refused)) from refused


async def find_ticket(desk: "TicketDesk", actor: "Actor", number: str) -> "tuple[Ticket, frozenset[Party]]":
    """A ticket and the parts somebody has in it; what they may not see looks as if it were not there."""
    from tickets.parties import parties_of
    from tickets.records import WITH_INVOLVED, involved_in, ticket_of
    from tickets.refusal import MoveNotAllowed
    from tickets.tables import tickets
    from tickets.views import may_see

    statement = WITH_INVOLVED.where(tickets.c.number == number)
    row = await desk.lifecycle.database.read(lambda connection: connection.execute(statement).one_or_none())
    if row is not None:
        found, involved = ticket_of(row, desk.lifecycle.cipher), involved_in(row)
        if may_see(actor, found, involved):
            return found, parties_of(actor, found, involved)
    raise MoveNotAllowed(f"没有编号为 {number} 的工单，或者不是您单位的。请核对。")
