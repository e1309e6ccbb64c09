"""`liaotianban wechat …`: the menu, QR codes and templates of the public account."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.commands.installation import open_database, published_entries, settings
from service.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from channels.wechat.client import WechatClient
    from channels.wechat.codes import Code, Codes
    from channels.wechat.menu import Button
    from channels.wechat.templates import Purpose
    from service.settings import Settings
    from service.storage import Database

wechat = typer.Typer(help="微信公众号：菜单、二维码、模板。", no_args_is_help=True)
menu = typer.Typer(help="公众号的菜单。", no_args_is_help=True)
wechat.add_typer(menu, name="menu")

_Result = TypeVar("_Result")


@menu.command("show")
def menu_show(as_json: AsJson = False) -> None:
    """看菜单：管理台里设的；没有设，就是数据目录里的 wechat_menu.yml 或者自带的。"""
    buttons = _menu()
    if as_json:
        show({"button": buttons}, True)
        return
    for button in buttons:
        typer.echo(_line(button))
        for below in button.get("sub_button", ()):
            typer.echo("  " + _line(below))


@menu.command("push")
def menu_push() -> None:
    """把菜单换到公众号上。"""
    from channels.wechat.menu import push_menu

    buttons = _menu()

    async def push(client: "WechatClient", _database: "Database") -> None:
        await push_menu(client.calls, buttons)

    _on_account(push)
    say("菜单已换上，关注的人五分钟内能看到；想马上看到，取消关注再关注一次。")


@wechat.command("qr")
def qr(
    output: Annotated[Path, typer.Option("--output", "-o", help="写到这个 PNG 文件。")],
    entry: Annotated[str, typer.Argument(help="知识条目的代码；扫码就打开这件事。")] = "",
    ticket: Annotated[str, typer.Option(help="工单编号；扫码就接着办这张工单。30 天有效。")] = "",
    days: Annotated[int, typer.Option(min=0, max=30, help="条目的码几天有效；不写就永久有效（最多 100000 个）。")] = 0,
    as_json: AsJson = False,
) -> None:
    """生成公众号的带参数二维码，印在窗口、告知单上。"""
    from channels.widget.codes import qr_png
    from service.clock import now

    if bool(entry) == bool(ticket):
        raise fail("请写条目的代码，或者用 --ticket 写工单编号，二选一。")

    async def make(client: "WechatClient", database: "Database") -> "Code":
        from channels.wechat.codes import Codes

        codes = Codes(client.calls, database, now)
        return await (_ticket_code(codes, database, ticket) if ticket else _entry_code(codes, entry, days))

    code = _on_account(make)
    try:
        output.write_bytes(qr_png(code.url))
    except OSError as error:
        raise fail(f"写不了 {output}：{error.strerror}。") from error
    until = f"{code.expires_at:%Y-%m-%d}" if code.expires_at else None
    if as_json:
        show({"file": str(output), "url": code.url, "scene": code.scene, "until": until}, True)
    else:
        say(f"已写好 {output}，{f'{until} 前有效' if until else '永久有效'}。")


@wechat.command("templates")
def templates(as_json: AsJson = False) -> None:
    """预览每种通知在模板消息里的样子，标出还没有设置模板 ID 的。"""
    from channels.wechat.templates import KNOWN, OWN, Templates, TemplatesRefused

    chosen = settings()
    own = chosen.data_dir / OWN
    try:
        loaded = Templates.load(own)
    except TemplatesRefused as refused:
        raise fail(f"{refused}请改正 {own}。") from refused
    if as_json:
        show({each.name: _preview(each, chosen) for each in loaded.purposes.values()}, True)
        return
    for purpose in loaded.purposes.values():
        without = "、".join(_without_id(purpose, chosen))
        typer.echo(f"{purpose.name}  {purpose.template.title}{f'  （没有模板 ID：{without}）' if without else ''}")
        for field, value in purpose.lines(KNOWN).items():
            typer.echo(f"  {field}：{value}")


def _preview(purpose: "Purpose", chosen: "Settings") -> dict[str, Any]:
    from channels.wechat.templates import KNOWN

    told = {"template": purpose.template.name, "title": purpose.template.title, "lines": purpose.lines(KNOWN)}
    return told | {"without_id": _without_id(purpose, chosen)}


def _without_id(purpose: "Purpose", chosen: "Settings") -> list[str]:
    ways = (("模板消息", chosen.wechat_templates), ("订阅通知", chosen.wechat_subscriptions))
    return [way for way, ids in ways if not ids.get(purpose.template.name)]


def _menu() -> "list[Button]":
    from channels.wechat.menu import OWN, MenuRefused, load_menu, read_menu
    from channels.wechat.menu_kind import MENU, WECHAT_MENU
    from service.clock import now
    from service.kept.versions import contents_at

    chosen = settings()

    async def read() -> dict[str, Any]:
        async with open_database() as database:
            kept: dict[str, Any] = await database.read(lambda connection: contents_at(connection, WECHAT_MENU, now()))
            return kept

    kept = asyncio.run(read())
    try:
        if MENU in kept:
            return read_menu(kept[MENU], chosen.public_url)
        return load_menu(chosen.data_dir / OWN, chosen.public_url)
    except MenuRefused as refused:
        raise fail(str(refused)) from refused


def _line(button: "Button") -> str:
    does = button.get("key") or button.get("url") or ""
    return f"{button['name']}  {does}".rstrip()


async def _entry_code(codes: "Codes", slug: str, days: int) -> "Code":
    if slug not in {entry.slug for entry in await published_entries()}:
        raise fail(f"没有发布代码为“{slug}”的条目。查代码：liaotianban kb search 关键词")
    return await (codes.temporary(slug, timedelta(days=days)) if days else codes.permanent(slug))


async def _ticket_code(codes: "Codes", database: "Database", number: str) -> "Code":
    from sqlalchemy import select

    from tickets.tables import tickets

    known = select(tickets.c.id).where(tickets.c.number == number)
    if await database.read(lambda connection: connection.execute(known).first()) is None:
        raise fail(f"没有编号为 {number} 的工单。")
    return await codes.of_ticket(number)


def _on_account(work: "Callable[[WechatClient, Database], Awaitable[_Result]]") -> _Result:
    """Do something with the account of the settings."""
    from channels.outcomes import SendRefused, SendUnknown
    from channels.wechat.client import open_client
    from channels.wechat.templates import TemplatesRefused
    from service.clock import now
    from service.encryption import open_keyring

    chosen = settings()
    if not chosen.wechat_appid or not chosen.wechat_secret:
        raise fail("还没有设置公众号：请先设置 LTB_WECHAT_APPID 和 LTB_WECHAT_SECRET，见 docs/wechat.md。")

    async def run() -> _Result:
        keyring = open_keyring(chosen.secret_key, chosen.data_dir, chosen.previous_secret_keys)
        async with open_database() as database, open_client(chosen, database, keyring, now) as client:
            return await work(client, database)

    try:
        return asyncio.run(run())
    except (SendRefused, SendUnknown) as error:
        raise fail(error.reason) from error
    except TemplatesRefused as refused:
        raise fail(str(refused)) from refused
