"""`liaotianban audit …`: what was done, by whom, and whether anybody has changed the record of it."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import open_database, settings
from program.commands.output import AsJson, fail, show
from service.audit import Deed

if TYPE_CHECKING:
    from service.audit import Line, Verified

audit = typer.Typer(help="审计记录：查看、检查有没有被改过。", no_args_is_help=True)

_NOTED = "以前记下的“行号:校验值”，可以写多个；整段换掉、截掉末尾也能查出来。"
_DAY = ["%Y-%m-%d", "%Y-%m-%d %H:%M"]


@audit.command("verify")
def verify(noted: Annotated[list[str] | None, typer.Option(help=_NOTED)] = None, as_json: AsJson = False) -> None:
    """逐行检查有没有被改、删、插过；有问题说出在哪一行，退出码为 1。"""
    from service.audit import verify as look
    from service.audit_notes import AuditNotes

    expected = {**AuditNotes.of(settings().data_dir).read(), **dict(map(_noted, noted or ()))}
    found: Verified = _read(lambda connection: look(connection, expected))
    if as_json:
        broken = found.broken and {"line": found.broken.number, "what": found.broken.what}
        show({"lines": found.lines, "head": found.head, "broken": broken}, True)
    elif found.broken:
        typer.echo(f"第 {found.broken.number} 行：{found.broken.what}之前的 {found.lines} 行没有问题。")
    else:
        typer.echo(f"{found.lines} 行，都没有被改过。请把最后一行的校验值记在别处，下次加上 --noted 一起查：")
        typer.echo(f"{found.lines}:{found.head}")
    if found.broken:
        raise typer.Exit(1)


def _noted(text: str) -> tuple[int, str]:
    from service.audit_notes import whole

    number, _, written = text.partition(":")
    value = whole(written)
    if not number.isdecimal() or len(value) != 64:
        raise fail(f"“{text}”不对，要写成 行号:64 位校验值，就是上次检查时最后打印的那一行。")
    return int(number), value


@audit.command("list")
def list_lines(
    actor: Annotated[str, typer.Option("--by", help="谁做的（用户名）。")] = "",
    deed: Annotated[Deed | None, typer.Option(help="做了什么。")] = None,
    subject: Annotated[str, typer.Option("--about", help="对谁、对什么：工单编号、用户名、文件名。")] = "",
    since: Annotated[datetime | None, typer.Option(help="从什么时候起。", formats=_DAY)] = None,
    until: Annotated[datetime | None, typer.Option(help="到什么时候为止（不含）。", formats=_DAY)] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多多少行，最近的在前。")] = 50,
    as_json: AsJson = False,
) -> None:
    """谁、什么时候、做了什么、为什么。"""
    from service.audit import Search, found
    from service.clock import CHINA

    search = Search(actor, deed, subject, since and since.replace(tzinfo=CHINA), until and until.replace(tzinfo=CHINA))
    lines: list[Line] = _read(found(search, limit))
    if as_json:
        show({"lines": [_as_dict(line) for line in lines]}, True)
        return
    for line in lines:
        typer.echo(_text(line))


def _as_dict(line: "Line") -> dict[str, Any]:
    done = line.done
    return {
        "line": line.number,
        "at": done.at.isoformat(),
        "actor": done.actor,
        "deed": done.deed,
        "subject": done.subject,
        "reason": done.reason,
        "details": dict(done.details),
        "hash": line.hash,
    }


def _text(line: "Line") -> str:
    from service.clock import shown_when

    done = line.done
    details = "，".join(f"{name} {value}" for name, value in done.details.items())
    told = (str(line.number), shown_when(done.at), done.actor, done.deed.label, done.subject, done.reason, details)
    return "  ".join(filter(None, told))


def _read(work: Any) -> Any:
    async def run() -> Any:
        async with open_database() as database:
            return await database.read(work)

    return asyncio.run(run())
