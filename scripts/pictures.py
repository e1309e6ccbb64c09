"""Take the pictures of docs/images anew, from the made-up day: `make pictures`, or some by name.

A picture is a page of the console as somebody sees it, at 1366×768, as a small PNG.
"""

import asyncio
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from bot import runtime

runtime.prepare(Path(tempfile.mkdtemp(prefix="ltb-pictures-")))  # before anything imports Rasa

from program.app import build_app  # noqa: E402
from scripts.sample_day import SampleDay, sample_day  # noqa: E402
from service.logs import configure_logging  # noqa: E402
from tickets.states import State  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
LARGEST = 120_000  # bytes
_COLOURS = 128
_MODELS = Path(__file__).resolve().parent.parent / "models"

Prepare = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        who: an account of the made-up day.
        path: below /console; `{replied}` is the number of a ticket in that state.
        prepare: what is done on the page before.
    """

    who: str
    path: str
    prepare: Prepare | None = None


async def _call_comes_in(page: Page) -> None:
    await page.get_by_label("来电人怎么说").fill("社保卡丢了怎么补")
    await expect(page.get_by_role("main").get_by_text("社会保障卡").first).to_be_visible()


async def _reply_is_written(page: Page) -> None:
    await page.get_by_label("给诉求人的答复").fill("已收到，正在处理中。")
    await expect(page.get_by_text("没有实质内容")).to_be_visible()


PICTURES = {
    "console-start": Picture("liu", "/"),
    "console-first-start": Picture("zhang", "/first-start"),
    "console-desk": Picture("wang", "/desk", _call_comes_in),
    "console-dispatching": Picture("liu", "/dispatching"),
    "console-tickets": Picture("liu", "/tickets?view=all"),
    "console-ticket": Picture("chen", "/tickets/{accepted}", _reply_is_written),
    "console-knowledge": Picture("li", "/knowledge"),
    "console-editor": Picture("li", "/knowledge/entries/id-card/edit"),
    "console-charts": Picture("sun", "/charts"),
}


async def take(names: list[str]) -> None:
    """Take these pictures."""
    with tempfile.TemporaryDirectory(prefix="ltb-pictures-") as folder:
        async with sample_day(Path(folder), _MODELS) as day, async_playwright() as playwright:
            found = os.environ.get("LTB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            async with TestServer(build_app(day.parts)) as server:
                for name in names:
                    await _take(name, day, browser, str(server.make_url("/console")))
            await browser.close()


async def _take(name: str, day: SampleDay, browser: Browser, console: str) -> None:
    picture = PICTURES[name]
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    await context.add_cookies([{"name": "ltb_staff", "value": await day.token(picture.who), "url": console}])
    page = await context.new_page()
    await page.goto(console + picture.path.format(**_numbers(day)))
    await expect(page.get_by_role("main")).to_be_visible()
    if picture.prepare:
        await picture.prepare(page)
    await page.wait_for_load_state("networkidle")
    written = _small(await page.screenshot())
    await context.close()
    if len(written) > LARGEST:
        message = f"{name} has {len(written)} bytes, more than {LARGEST}"
        raise ValueError(message)
    (FOLDER / f"{name}.png").write_bytes(written)
    print(f"{name}: {len(written) // 1000} KB")  # noqa: T201  # a script tells what it did


def _numbers(day: SampleDay) -> dict[str, str]:
    """A ticket of 城市管理局, or of nobody yet, in each state."""
    theirs = [ticket for ticket in day.tickets if ticket.called in (None, "cg")]
    return {state.value: ticket.number for state in State for ticket in theirs if ticket.state is state}


def _small(png: bytes) -> bytes:
    """The same picture in few colours, which text on plain ground does not miss."""
    written = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS).save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    configure_logging(logging.WARNING)
    asyncio.run(take(sys.argv[1:] or list(PICTURES)))
