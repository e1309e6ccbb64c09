"""`liaotianban kb sheet …`: sheets with codes, for the service window and the counter."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.installation import published_entries, settings
from program.commands.output import fail, say

if TYPE_CHECKING:
    from knowledge_base.entry import Entry


def kb_sheet(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="SLUG…", help="条目编号；不写就是全部。")] = None,
    out: Annotated[Path, typer.Option(help="写到这个 HTML 文件，用浏览器打开打印。")] = Path("sheets.html"),
    categories: Annotated[list[str] | None, typer.Option("--category", help="只要这个分类的，可以写多个。")] = None,
    counter: Annotated[bool, typer.Option("--counter", help="柜台用：按分类，一页十二个小码。")] = False,
) -> None:
    """印窗口用的二维码：一个事项一张 A4，或者一页十二个小码。"""
    from channels.widget.sheets import Sheets

    chosen = settings()
    told = _chosen(slugs or [], categories or [])
    site, note = chosen.public_url.rstrip("/"), ""
    if not site:
        site = f"http://{chosen.host}:{chosen.port}"
        note = f"还没有设置 LTB_PUBLIC_URL，码里的网址是 {site}，市民的手机打不开。设置好再印。"
        say(note)
    sheets = Sheets(chosen, site)
    out.write_text(sheets.counter(told, note=note) if counter else sheets.many(told, note=note), "utf-8")
    say(f"{len(told)} 个事项的二维码已写到 {out}，请用浏览器打开，按 A4、不缩放打印。")


def _chosen(slugs: list[str], categories: list[str]) -> "list[Entry]":
    """The entries that were asked for, as far as citizens may be told them.

    Raises:
        typer.Exit: one is not there, or not for citizens.
    """
    from service.clock import now

    moment = now()
    published = asyncio.run(published_entries())
    live = {entry.slug: entry for entry in published if entry.live_at(moment)}
    for slug in slugs:
        if slug not in live:
            raise fail(f"{slug} 没有发布，或者不是给市民看的，不能印。用 kb entry list 看有哪些。")
    told = [live[slug] for slug in slugs] if slugs else list(live.values())
    told = [entry for entry in told if not categories or entry.category in categories]
    if not told:
        raise fail("没有可以印的条目，请核对分类。")
    return told
