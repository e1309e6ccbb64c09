"""`liaotianban inbox`: what somebody has not read yet."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.installation import As, open_database
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from service.inbox import Line


def inbox(
    by: As,
    read: Annotated[bool, typer.Option("--read", help="看过了：您和同一角色、同一单位的人都不再看到。")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多列多少条。")] = 50,
    as_json: AsJson = False,
) -> None:
    """还没看的消息，新的在前：给本人的、给单位的、给角色的。"""
    from service.identity.staff import UnknownStaff

    try:
        lines = asyncio.run(_unread(by, read, limit))
    except UnknownStaff as unknown:
        raise fail(str(unknown)) from unknown
    if as_json:
        rows = [{"at": each.at.isoformat(), "kind": each.kind, "subject": each.subject} for each in lines]
        show({"unread": rows, "read": read}, True)
        return
    for each in lines:
        typer.echo(_told(each))
    if not lines:
        say("没有没看的消息。")


async def _unread(by: str, read: bool, limit: int) -> "list[Line]":
    from service.clock import now
    from service.identity.staff import actor_of
    from service.inbox import read_within, unread

    async with open_database() as database:
        actor = await actor_of(database, by)
        lines: list[Line] = await database.read(unread(actor, limit))
        if read:
            ids = [each.id for each in lines]
            await database.write(lambda connection: read_within(connection, actor, ids, now()))
        return lines


def _told(line: "Line") -> str:
    from channels.delivery.staff import UNDELIVERED, WAY_DOWN
    from channels.sms.replies import SMS_REPLY
    from handover.due import LATE
    from service.clock import shown_when
    from tickets.deadlines.standing import Standing
    from tickets.moves import Verb
    from tickets.recurrence import ALARM

    told = {
        ALARM: "预警",
        LATE: "转人工超过承诺时间",
        SMS_REPLY: "短信回复",
        UNDELIVERED: "通知没有送到诉求人",
        WAY_DOWN: "一种通知方式停了",
    }
    told |= {each.value: each.label for names in (Verb, Standing) for each in names}
    return f"{shown_when(line.at)}  {told[line.kind]}  {line.subject}"
