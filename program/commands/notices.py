"""`liaotianban notices …`: what citizens were told, and what did not reach them (docs/delivery.md)."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from channels.delivery.ladder import RUNG_LABELS
from program.commands.installation import open_database, open_keys, settings, what_is_set
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from channels.delivery.attempts import Attempt
    from channels.delivery.breaker import Breaker
    from service.outbox import Kept

notices = typer.Typer(help="给诉求人的通知：看送到没有、重送、取消、看每种通知怎么说。", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="通知的号，见 notices list。")]


@notices.command("list")
def notices_list(
    state: Annotated[
        str | None, typer.Option(help="只看一种：waiting、sent、undelivered、unreachable、cancelled。")
    ] = None,
    about: Annotated[str | None, typer.Option(metavar="NUMBER", help="只看这张工单的。")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列多少条。")] = 50,
    as_json: AsJson = False,
) -> None:
    """通知，新的在前；不显示内容和联系方式。"""
    from channels.delivery.care import newest
    from service.outbox import NoticeState

    if state is not None and state not in {each.value for each in NoticeState}:
        raise fail(f"没有“{state}”这种状态。有：{'、'.join(each.value for each in NoticeState)}。")
    wanted = None if state is None else NoticeState(state)
    found: list[Kept] = _do(newest(wanted, about, limit), writes=False)
    if as_json:
        show({"notices": [_plain(each) for each in found]}, True)
        return
    for each in found:
        typer.echo(_line(each))
    if not found:
        say("没有这样的通知。")


@notices.command("show")
def notices_show(notice: Id, as_json: AsJson = False) -> None:
    """一条通知怎么送的：每次用什么方式、结果、为什么。"""
    from channels.delivery.care import one

    found: tuple[Kept, list[Attempt]] | None = _do(one(notice), writes=False)
    if found is None:
        raise fail(f"没有 {notice} 号通知。")
    kept, attempts = found
    if as_json:
        show({"notice": _plain(kept), "attempts": [_plain_attempt(each) for each in attempts]}, True)
        return
    typer.echo(_line(kept))
    for each in attempts:
        typer.echo(f"  {_attempt_line(each)}")


@notices.command("retry")
def notices_retry(
    notice: Id,
    phone: Annotated[str, typer.Option(help="只把这一条用短信发到另一个手机号，不用工单上的。")] = "",
    reason: Annotated[str, typer.Option(help="另一个号码是谁的、怎么知道的；会记入审计。")] = "",
) -> None:
    """从头再送一次。已经送到过的会再送一遍，先用 notices show 看清楚。"""
    from channels.delivery.care import retry
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE

    if phone and not reason.strip():
        raise fail("请用 --reason 写明这个号码是谁的、怎么知道的。")
    sealed = _sealed(phone) if phone else None
    if not _do(retry(notice, now(), COMMAND_LINE.name, phone=sealed, reason=reason), writes=True):
        raise fail(f"{notice} 号通知还在送，或者没有这条。看它：liaotianban notices show {notice}")
    say(f"{notice} 号通知马上从头再送。")


@notices.command("cancel")
def notices_cancel(notice: Id, reason: Annotated[str, typer.Option(help="为什么不送了。")] = "工作人员取消") -> None:
    """不送了；没有送到、已经打电话说了的，也用它销掉。正在发的那一次收不回来。"""
    from channels.delivery.care import cancel
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE

    if not _do(cancel(notice, reason, now(), COMMAND_LINE.name), writes=True):
        raise fail(f"{notice} 号通知已经结束，或者没有这条。")
    say(f"{notice} 号通知不送了。")


@notices.command("ways")
def notices_ways(
    mended: Annotated[str | None, typer.Option(metavar="WAY", help="这种方式修好了，马上恢复。")] = None,
    as_json: AsJson = False,
) -> None:
    """哪些方式出了问题、停着没有、什么时候再试。"""
    from channels.delivery.breaker import all_breakers
    from channels.delivery.care import try_now
    from service.clock import now
    from service.identity.accounts import COMMAND_LINE

    if mended is not None and not _do(try_now(mended, now(), COMMAND_LINE.name), writes=True):
        raise fail(f"{mended} 没有停。")
    known: dict[str, Breaker] = _do(all_breakers, writes=False)
    if as_json:
        rows = [{"way": each.rung, "state": each.state.value, "reason": each.reason} for each in known.values()]
        show({"ways": rows}, True)
        return
    for each in known.values():
        typer.echo(_way_line(each))
    if not known:
        say("各种方式都正常。")


@notices.command("preview")
def notices_preview(as_json: AsJson = False) -> None:
    """每种通知怎么说、依次用哪些方式；用的是示例内容。"""
    from channels.delivery.ladder import LaddersRefused
    from channels.delivery.preview import Preview, previews

    async def look() -> list[Preview]:
        async with open_database() as database:
            return list(previews((await what_is_set(settings(), database)).ladders))

    try:
        found = asyncio.run(look())
    except LaddersRefused as refused:
        raise fail(str(refused)) from refused
    if as_json:
        rows = [
            {"kind": each.kind, "verb": each.letter.verb, "reply": dict(each.letter.reply), "ways": each.ways}
            | {"purpose": each.letter.purpose, "values": dict(each.letter.values)}
            for each in found
        ]
        show({"notices": rows}, True)
        return
    for each in found:
        typer.echo(f"{each.letter.purpose}")
        typer.echo(f"  对话里：{each.letter.reply['text']}")
        buttons = "、".join(button["title"] for button in each.letter.reply["buttons"])
        typer.echo(f"  按钮：{buttons}")
        values = "，".join(f"{name}={value}" for name, value in each.letter.values.items())
        typer.echo(f"  模板和短信里能填的：{values}")
        for channel, ways in each.ways.items():
            typer.echo(f"  {channel}：{' → '.join(RUNG_LABELS[way] for way in ways) or '不通知'}")


def _sealed(phone: str) -> bytes | None:
    """A mobile number as a notice holds it."""
    from channels.sms.numbers import NotMobile, mobile

    try:
        return open_keys().cipher("tickets").encrypt_text(mobile(phone))
    except NotMobile as refused:
        raise fail(refused.reason) from refused


def _do(work: Any, *, writes: bool) -> Any:
    async def run() -> Any:
        async with open_database() as database:
            return await (database.write(work) if writes else database.read(work))

    return asyncio.run(run())


def _plain(kept: "Kept") -> dict[str, Any]:
    told = kept.notice
    return {
        "id": kept.id,
        "kind": told.kind,
        "subject": told.subject,
        "channel": told.channel,
        "state": kept.state.value,
        "created_at": kept.created_at.isoformat(),
        "due_at": kept.due_at.isoformat(),
        "sent_at": kept.sent_at and kept.sent_at.isoformat(),
        "way": kept.rung,
        "failure": kept.failure,
    }


def _plain_attempt(attempt: "Attempt") -> dict[str, Any]:
    return {
        "way": attempt.rung,
        "state": attempt.state.value,
        "round": attempt.round,
        "started_at": attempt.started_at.isoformat(),
        "ended_at": attempt.ended_at and attempt.ended_at.isoformat(),
        "received_at": attempt.received_at and attempt.received_at.isoformat(),
        "provider_id": attempt.provider_id,
        "code": attempt.code,
        "reason": attempt.reason,
        "cost_fen": attempt.cost_fen,
    }


def _line(kept: "Kept") -> str:
    from service.clock import shown_when

    way = f"  {RUNG_LABELS.get(kept.rung, kept.rung)}" if kept.rung else ""
    why = f"  {kept.failure}" if kept.failure else ""
    return f"{kept.id}  {shown_when(kept.created_at)}  {kept.notice.subject}  {kept.state.label}{way}{why}"


def _attempt_line(attempt: "Attempt") -> str:
    from service.clock import shown_when

    told = [shown_when(attempt.started_at), RUNG_LABELS.get(attempt.rung, attempt.rung), attempt.state.label]
    if attempt.reason:
        told.append(attempt.reason)
    if attempt.cost_fen:
        told.append(f"{attempt.cost_fen / 100:.3f} 元")
    return "  ".join(told)


def _way_line(breaker: "Breaker") -> str:
    from service.clock import shown_when

    when = f"{shown_when(breaker.next_at)} 再试" if breaker.state != "closed" else f"连续失败 {breaker.failures} 次"
    return f"{RUNG_LABELS.get(breaker.rung, breaker.rung)}  {breaker.state.label}  {when}  {breaker.reason or ''}"
