"""What “?” says of a page."""

import pytest

from console.areas import AREAS
from console.help import every_help, help_for
from service.identity.roles import Role


def test_help_is_given_of_pages_there_are():
    pages = {route.path for area in AREAS for route in area.routes if route.method == "GET"}
    assert every_help().keys() <= pages


def test_every_page_of_settings_and_notices_has_help_of_its_own():
    pages = {route.path for area in AREAS for route in area.routes if route.method == "GET"}
    theirs = {path for path in pages if path.startswith(("/settings/", "/notices")) and not path.endswith("{file}")}
    assert theirs <= every_help().keys()


def test_a_page_below_has_the_help_of_the_one_above():
    assert help_for("/knowledge/entries/{slug}/{number}/gate") is help_for("/knowledge")
    assert help_for("/nothing") is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_dialog_tells_the_keys_of_the_page(console):
    dispatcher = await console.staff("liu", Role.DISPATCHER)
    assert (await dispatcher.get("/console/dispatching")).has(
        "帮助", "一张一张派", "这一页的按键", "先放一放", "每一页的按键"
    )
    assert not (await dispatcher.get("/console/messages")).has("这一页的按键")
