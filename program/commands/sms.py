"""`liaotianban sms`: texts and templates, trying a message, what was sent and answered, who wants no more."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import open_database, settings, what_is_set
from program.commands.output import AsJson, fail, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from channels.sms.ledger import Kept
    from channels.sms.sending import SmsDesk
    from service.encryption import Cipher, Keyring

sms = typer.Typer(help="短信：文案和模板、试发、发送记录、市民的回复、退订。", no_args_is_help=True)
stop = typer.Typer(help="退订短信的号码：只停通知，验证码和本人工单的短信照发。", no_args_is_help=True)
sms.add_typer(stop, name="stop")

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="最多列多少条。")]


@sms.command("templates")
def templates(as_json: AsJson = False) -> None:
    """每条短信的文案（照各平台的写法）、算几条、变量长度，还缺哪些模板编号。"""
    from channels.sms.checkup import missing
    from channels.sms.parts import parts_of

    async def read() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
        async with _desk() as (desk, _):
            texts = desk.texts
            examples = {name: variable.example for name, variable in texts.variables.items()}
            sign = desk.gateways[0].sign if desk.gateways else "签名"
            wordings = [wording for name in texts.purposes for wording in texts.wordings(name)]
            rows = [
                {
                    "key": wording.key,
                    "example": wording.filled(examples) if wording.complete else None,
                    "parts": parts_of(sign, wording.filled(examples)) if wording.complete else None,
                    "aliyun": wording.for_aliyun(),
                    "tencent": wording.for_tencent(),
                    "longest": max((len(examples[name]) for name in wording.variables), default=0),
                    "ids": {each.name: each.template(wording.key) for each in desk.gateways},
                }
                for wording in wordings
            ]
            return rows, {gateway.name: missing(gateway, texts) for gateway in desk.gateways}

    rows, lacking = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps({"templates": rows, "missing": lacking}, ensure_ascii=False))
        return
    for row in rows:
        if row["example"] is None:
            typer.echo(f"{row['key']}  用不了：文案里有链接，请先设置 LTB_PUBLIC_URL")
            continue
        ids = "  ".join(f"{name}：{known or '没有编号'}" for name, known in row["ids"].items())
        typer.echo(f"{row['key']}  {row['parts']} 条  变量最长 {row['longest']} 字  {ids}".rstrip())
        typer.echo(f"  样子    {row['example']}\n  阿里云  {row['aliyun']}\n  腾讯云  {row['tencent']}")
    for name, problems in lacking.items():
        for problem in problems:
            say(f"{name}：{problem}")


@sms.command("send")
def send(
    to: Annotated[str, typer.Option("--to", help="手机号。")],
    purpose: Annotated[str, typer.Option(help="哪一条文案，看有哪些：sms templates。")],
    value: Annotated[list[str] | None, typer.Option(help="变量，写成 名字=内容；没写的用样子里的。")] = None,
) -> None:
    """试发一条。会真的发出去、真的计费（console 和模拟平台除外）。"""
    from channels.outcomes import SendRefused, SendUnknown
    from channels.sms.trial import trial_order
    from service.clock import now

    given = dict(_pair(each) for each in value or ())

    async def go() -> str:
        async with _desk() as (desk, _):
            sent = await desk.send(trial_order(desk.texts, to, purpose, now(), given))
            return f"{sent.gateway} 已接收，编号 {sent.provider_id}，{sent.parts} 条，{sent.cost_fen} 分。"

    try:
        typer.echo(asyncio.run(go()))
    except (SendRefused, SendUnknown) as error:
        raise fail(f"没有发出：{error.reason}" if isinstance(error, SendRefused) else error.reason) from error


@sms.command("list")
def listed(limit: Limit = 50, as_json: AsJson = False) -> None:
    """发送记录，新的在前；号码只显示头尾，不显示内容。"""
    from sqlalchemy import select

    from channels.sms.tables import messages

    async def read() -> "list[Kept]":
        async with _desk() as (desk, _):
            statement = select(messages).order_by(messages.c.id.desc()).limit(limit)
            rows = await desk.database.read(lambda connection: connection.execute(statement).all())
            return [desk.ledger.kept(row) for row in rows]

    found = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps({"messages": [_row(kept) for kept in found]}, ensure_ascii=False))
        return
    for kept in found:
        row = _row(kept)
        cost = "" if kept.cost_fen is None else f"{kept.parts} 条 {kept.cost_fen} 分"
        told = (row["at"], row["phone"], row["purpose"], kept.state.label, row["gateway"], cost, row["failure"])
        typer.echo("  ".join(filter(None, told)))
    if not found:
        say("还没有发过短信。")


@sms.command("replies")
def unmatched(
    limit: Limit = 50,
    reason: Annotated[
        str, typer.Option(metavar="WHY", help="为什么要看完整的号码和原话；会记入审计。不写就遮住号码。")
    ] = "",
) -> None:
    """市民回复里对不上工单、要人看的，新的在前。内容是给工作人员看的，请勿外传。"""
    from channels.sms.unmatched import looked_at, masked
    from service.clock import now, shown_when
    from service.identity.accounts import COMMAND_LINE

    async def read() -> list[str]:
        async with _desk() as (desk, _):
            cipher = desk.ledger.cipher
            if reason.strip():
                looking = looked_at(cipher, limit, COMMAND_LINE.name, reason.strip(), now())
                found = await desk.database.write(looking)
            else:
                found = await desk.database.read(masked(cipher, limit))
            return [
                f"第{each.id}条  {shown_when(each.said_at)}  {each.phone}  {each.subject or ''}  {each.text}\n"
                f"    {each.problem}"
                for each in found
            ]

    lines = asyncio.run(read())
    for line in lines:
        typer.echo(line)
    if not lines:
        say("没有要看的回复。")


@stop.command("add")
def stop_add(phone: str) -> None:
    """给一个号码退订。"""
    from channels.sms.stops import stop_within
    from service.clock import now

    def work(connection: "Connection", cipher: "Cipher", number: str) -> bool:
        return stop_within(connection, cipher, number, "命令行", now())

    typer.echo("已退订。" if asyncio.run(_change(phone, work)) else "这个号码已经退订过了。")


@stop.command("remove")
def stop_remove(phone: str) -> None:
    """恢复给一个号码发。"""
    from channels.sms.stops import resume_within

    typer.echo("已恢复。" if asyncio.run(_change(phone, resume_within)) else "这个号码没有退订。")


@stop.command("list")
def stop_list(limit: Limit = 50) -> None:
    """退订的号码，新的在前。"""
    from channels.sms.stops import BY_REPLY, stopped
    from service.clock import shown_when

    async def read() -> list[str]:
        async with _desk() as (desk, _):
            found = await desk.database.read(stopped(desk.ledger.cipher, limit))
            how = {BY_REPLY: "短信回复"}
            return [
                f"{shown_when(each.at)}  {_masked(each.phone)}  {how.get(each.source, each.source)}" for each in found
            ]

    lines = asyncio.run(read())
    for line in lines:
        typer.echo(line)
    if not lines:
        say("还没有人退订。")


@asynccontextmanager
async def _desk() -> "AsyncIterator[tuple[SmsDesk, Keyring]]":
    """This installation's desk, and its keys."""
    from channels.sms.misconfigured import SmsMisconfigured
    from channels.sms.opening import open_sms
    from channels.sms.templates import SMS_TEXTS
    from service.encryption import open_keyring

    chosen = settings()
    async with open_database() as database:
        keyring = open_keyring(chosen.secret_key, chosen.data_dir, chosen.previous_secret_keys)
        try:
            changeable = await what_is_set(chosen, database)
            async with open_sms(changeable.running.settings, database, keyring) as desk:
                changeable.follow(SMS_TEXTS, desk.texts.use)
                await changeable.following.look()
                yield desk, keyring
        except SmsMisconfigured as wrong:
            raise fail(str(wrong)) from wrong


async def _change(phone: str, work: "Callable[[Connection, Cipher, str], bool]") -> bool:
    """Do something with a number, as it is written inside."""
    from channels.outcomes import SendRefused
    from channels.sms.numbers import mobile

    try:
        number = mobile(phone)
    except SendRefused as refused:
        raise fail(refused.reason) from refused
    async with _desk() as (desk, _):
        return await desk.database.write(lambda connection: work(connection, desk.ledger.cipher, number))


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise fail(f"变量要写成 名字=内容，“{text}”不是。")
    return name, value


def _row(kept: "Kept") -> dict[str, Any]:
    from service.clock import shown_when

    return {
        "at": shown_when(kept.created_at),
        "phone": _masked(kept.phone),
        "purpose": kept.purpose,
        "subject": kept.subject,
        "state": kept.state.value,
        "gateway": kept.gateway,
        "parts": kept.parts,
        "cost_fen": kept.cost_fen,
        "failure": kept.failure,
    }


def _masked(phone: str | None) -> str:
    from channels.sms.numbers import national
    from service.privacy import mask_personal_data

    return mask_personal_data(national(phone)) if phone else "（已忘记）"
