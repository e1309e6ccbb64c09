"""`liaotianban alarm …`: what must not wait, for those it is told to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.desk import run_at_desk
from program.commands.installation import As
from program.commands.output import AsJson, say, show

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.alarms.store import OpenAlarm
    from tickets.desk import TicketDesk
    from tickets.ticket import Ticket

alarm = typer.Typer(help="预警：集中反映、屡办不成、风险用语。", no_args_is_help=True)

Which = Annotated[int, typer.Argument(metavar="ALARM", help="预警的编号，见 alarm list。")]


@alarm.command("list")
def alarm_list(by: As, as_json: AsJson = False) -> None:
    """还没关闭的预警，最急的在前。"""
    from tickets.alarms.store import open_alarms

    async def read(desk: "TicketDesk", actor: "Actor") -> "list[OpenAlarm]":
        found: list[OpenAlarm] = await desk.lifecycle.database.read(open_alarms(actor))
        return found

    found = run_at_desk(by, read)
    if as_json:
        show({"alarms": [_plain(each) for each in found]}, True)
        return
    for each in found:
        typer.echo(_line(each))
    if not found:
        say("没有要处理的预警。")


@alarm.command("show")
def alarm_show(which: Which, by: As, as_json: AsJson = False) -> None:
    """一条预警和它背后的工单。"""
    from tickets.alarms.store import open_alarm
    from tickets.lists import by_id
    from tickets.masking import seen_by

    async def read(desk: "TicketDesk", actor: "Actor") -> "tuple[OpenAlarm, list[Ticket]]":
        database, cipher = desk.lifecycle.database, desk.lifecycle.cipher
        found = await database.read(lambda connection: open_alarm(connection, actor, which))
        tickets = await database.read(by_id(found.tickets, cipher))
        return found, [seen_by(actor, each) for each in tickets]

    found, tickets = run_at_desk(by, read)
    if as_json:
        rows = [{"number": each.number, "state": each.state.value, "description": each.description} for each in tickets]
        show(_plain(found) | {"tickets": rows}, True)
        return
    typer.echo(_line(found))
    for each in tickets:
        typer.echo(f"{each.number}  {each.state.staff_label}  {each.description}")


@alarm.command("ack")
def alarm_ack(which: Which, by: As) -> None:
    """看到了，我来处理。"""
    from tickets.alarms.store import acknowledge_within

    async def acknowledge(desk: "TicketDesk", actor: "Actor") -> None:
        lifecycle = desk.lifecycle
        await lifecycle.database.write(
            lambda connection: acknowledge_within(connection, actor, which, lifecycle.clock())
        )

    run_at_desk(by, acknowledge)
    say(f"已记下：预警 {which} 有人在处理。")


@alarm.command("close")
def alarm_close(which: Which, by: As, outcome: Annotated[str, typer.Option(help="怎么处理的。")]) -> None:
    """处理好了，写一句怎么处理的。"""
    from tickets.alarms.store import close_within

    async def close(desk: "TicketDesk", actor: "Actor") -> None:
        lifecycle = desk.lifecycle
        await lifecycle.database.write(
            lambda connection: close_within(connection, lifecycle.cipher, actor, which, outcome, lifecycle.clock())
        )

    run_at_desk(by, close)
    say(f"已关闭预警 {which}。")


def _plain(found: "OpenAlarm") -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind.value,
        "grade": found.grade.name.lower(),
        "title": found.title,
        "count": len(found.tickets),
        "raised_at": found.raised_at.isoformat(),
        "acknowledged_by": found.acknowledged_by,
    }


def _line(found: "OpenAlarm") -> str:
    from service.clock import shown_when

    care = f"{found.acknowledged_by} 在处理" if found.acknowledged_by else "还没有人处理"
    return f"{found.id}  {found.grade.label}  {found.kind.label}  {found.title}  {shown_when(found.raised_at)}  {care}"
