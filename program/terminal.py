"""A conversation in the terminal, with the same assistant the widget talks to."""

import asyncio
from typing import Any

from rich.console import Console

from bot.assistant import Incoming, new_id
from program.assembly import open_parts
from service.settings import Settings


async def chat(settings: Settings) -> None:
    """Talk until the end of input; a number picks a button."""
    console = Console()
    async with open_parts(settings) as parts:
        conversation = new_id()
        console.print("和聊天办说话吧。输入数字可以点按钮，Ctrl+D 结束。", style="dim")
        buttons: list[dict[str, str]] = []
        while True:
            try:
                said = (await asyncio.to_thread(console.input, "[bold]您：[/]")).strip()
            except (EOFError, KeyboardInterrupt):
                console.print()
                return
            if not said:
                continue
            clicked = (
                buttons[int(said) - 1] if said.isascii() and said.isdigit() and 0 < int(said) <= len(buttons) else None
            )
            if clicked and clicked["payload"].startswith("tel:"):
                console.print(f"请用电话拨打 {clicked['payload'].removeprefix('tel:')}。")
                continue
            by = (conversation, "terminal", new_id())
            pressed = clicked and Incoming(*by, payload=clicked["payload"], title=clicked["title"])
            outcome = await parts.assistant.turn(pressed or Incoming(*by, text=said))
            buttons = []
            for message in outcome.replies:
                buttons += _show(console, message.body, len(buttons))


def _show(console: Console, reply: dict[str, Any], before: int) -> list[dict[str, str]]:
    entry = reply.get("entry")
    if entry:
        console.print(f"{entry['matter']} · {entry['unit']}", style="bold", markup=False)
    # The terminal wraps the lines: Rich breaks only at spaces, which Chinese has none of.
    console.print(reply["text"], soft_wrap=True, markup=False, highlight=False)
    shown = list(reply["buttons"])
    if entry:
        shown = [{"title": facet["title"], "payload": facet["payload"]} for facet in entry["facets"]] + shown
    if shown:
        console.print("  ".join(f"[cyan]{before + n}[/] {b['title']}" for n, b in enumerate(shown, 1)), soft_wrap=True)
    return shown
