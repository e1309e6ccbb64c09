"""Staff in front of pages of the console, in a real browser."""

import os
from contextlib import asynccontextmanager
from pathlib import Path

from axe_core_python.async_playwright import Axe
from office import COOKIE

PICTURES = os.environ.get("TEST_PICTURES", "")
"""A folder for pictures of the pages that are looked at; empty: none are taken."""

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
DARK_PHONE = {"viewport": PHONE, "color_scheme": "dark"}
LOOKS = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "more contrast": {"contrast": "more"},
    "forced colours": {"forced_colors": "active"},
}


@asynccontextmanager
async def browser_page(browser, **context):
    """A page of a fresh browser; an error of a script, or something the policy blocks, fails the test."""
    opened = await browser.new_context(**({"viewport": DESK, "locale": "zh-CN"} | context))
    page = await opened.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    await opened.close()
    assert errors == []


@asynccontextmanager
async def staff_page(browser, console, username, **context):
    """The same, with somebody who has an account and is signed in."""
    async with browser_page(browser, **context) as page:
        await page.context.add_cookies(
            [{"name": COOKIE, "value": await console.token(username), "url": console.address}]
        )
        yield page


async def findings(page):
    """What axe finds on a page, with the element it found it at."""
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    # To describe each element that is right as well takes axe three times as long as to look.
    found = await Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]


async def too_wide(page):
    """Whether the page scrolls sideways."""
    return await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


async def look_at(page, name=""):
    """Nothing for axe to find, nothing that scrolls sideways; a picture where somebody wants one."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    seen = (await findings(page), await too_wide(page))
    assert seen == ([], False), f"{name or page.url}: {seen}"


async def look_at_both_sizes(page, name):
    """The same on a phone, and nothing scrolls sideways on a desk either."""
    await page.set_viewport_size(PHONE)
    await look_at(page, name)
    await page.set_viewport_size(DESK)
    assert not await too_wide(page), name
