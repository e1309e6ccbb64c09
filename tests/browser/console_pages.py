"""Staff in front of pages of the console, in a real browser."""

from contextlib import asynccontextmanager

from axe_core_python.async_playwright import Axe
from office import COOKIE

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
    opened = await browser.new_context(**({"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN"} | context))
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
    found = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]


async def too_wide(page):
    """Whether the page scrolls sideways."""
    return await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
