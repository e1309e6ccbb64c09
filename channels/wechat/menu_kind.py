"""The account's menu as a setting over the file: changed in the console, put on the account by itself."""

from pathlib import Path
from typing import Any

from channels.wechat.menu import SEED, MenuRefused, read_menu
from service.kept.kind import Contents, Kind
from service.own_file import read_own

WECHAT_MENU = "wechat_menu"
"""The kind's name."""

MENU = "menu"
"""Its only part."""

_NAMES = {
    "name": "名称",
    "send": "对助手说",
    "url": "打开网页",
    "miniprogram": "打开小程序",
    "page": "小程序的页面",
    "buttons": "下面的按钮",
}


def menu_kind(own: Path, site: str) -> Kind:
    """The kind over the installation's file, or the product's.

    Args:
        site: where citizens reach this service, for buttons that open its pages.
    """

    def check(_before: Contents, after: Contents) -> None:
        read_menu(after[MENU], site)

    return Kind(
        WECHAT_MENU,
        "公众号菜单",
        lambda: {MENU: _content(own)},
        check,
        refused=MenuRefused,
        called=lambda _part: "公众号菜单",
        names=_NAMES,
    )


def _content(own: Path) -> Any:
    """What the file says. One that cannot be read is told by `doctor`; until it is mended, the product's counts."""
    try:
        return read_own(own, SEED, MenuRefused)
    except MenuRefused:
        return read_own(None, SEED, MenuRefused)
