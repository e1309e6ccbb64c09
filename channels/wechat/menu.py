"""The account's menu: data a city edits (`menu.yml`), checked before the platform would refuse it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.payloads import PayloadRefused, parse_payload
from channels.wechat.calls import Calls
from service.own_file import read_own

SEED = Path(__file__).with_name("menu.yml")
OWN = "wechat_menu.yml"
"""Its name in the data folder, if the installation has its own."""

Button = dict[str, Any]
"""As the platform takes it."""

_CREATE = "/cgi-bin/menu/create"
_GET = "/cgi-bin/menu/get"
_TOP, _BELOW = 3, 5
_TOP_BYTES, _BELOW_BYTES = 16, 60
_KEY_BYTES = 128
_URL_BYTES = 1024
_ACTIONS = ("send", "url", "miniprogram", "buttons")


class MenuRefused(Exception):
    """The menu cannot be used; the message says why, in Chinese."""


def load_menu(own: Path, site: str) -> list[Button]:
    """The installation's own menu if it is there, else the one that comes with the product.

    Args:
        site: where citizens reach this service, without a slash at the end; pages of ours are below it.

    Raises:
        MenuRefused: see there.
    """
    return read_menu(read_own(own, SEED, MenuRefused), site)


def read_menu(content: Any, site: str) -> list[Button]:
    """A menu as the platform takes it.

    Args:
        content: as the file has it.
        site: see `load_menu`.

    Raises:
        MenuRefused: see there.
    """
    if not isinstance(content, list) or not 1 <= len(content) <= _TOP:
        raise MenuRefused(f"菜单要有 1 到 {_TOP} 个一级按钮。")
    return [_top(given, site) for given in content]


async def push_menu(calls: Calls, menu: list[Button]) -> None:
    """Make this the account's menu; followers see it within five minutes, or after following anew.

    Raises:
        SendRefused: the platform does not take it.
        SendUnknown: it does not answer.
    """
    await calls.ask(_CREATE, {"button": menu})


async def pushed_menu(calls: Calls) -> list[Button]:
    """The menu the account has now; raises as `push_menu`, 46003 where it has none."""
    answer = await calls.ask(_GET)
    return [_without_empty(button) for button in answer["menu"]["button"]]


def _top(given: Any, site: str) -> Button:
    name = _name(given, _TOP_BYTES)
    below = given.get("buttons")
    if below is None:
        return _action(name, given, site)
    if not isinstance(below, list) or not 1 <= len(below) <= _BELOW:
        raise MenuRefused(f"“{name}”下面要有 1 到 {_BELOW} 个按钮。")
    if len(set(given) & set(_ACTIONS)) > 1:
        raise MenuRefused(f"“{name}”下面有按钮，就不能再有 send、url 或 miniprogram。")
    return {"name": name, "sub_button": [_action(_name(each, _BELOW_BYTES), each, site) for each in below]}


def _name(given: Any, limit: int) -> str:
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str) or not given["name"].strip():
        raise MenuRefused("每个按钮都要有 name（显示的名称）。")
    name: str = given["name"].strip()
    if len(name.encode()) > limit:
        raise MenuRefused(f"“{name}”太长，最多 {limit // 3} 个汉字。")
    return name


def _action(name: str, given: Mapping[str, Any], site: str) -> Button:
    if len(set(given) & set(_ACTIONS)) != 1:
        raise MenuRefused(f"“{name}”要写 send、url、miniprogram 中的一个。")
    if "send" in given:
        return {"type": "click", "name": name, "key": _payload(name, str(given["send"]))}
    if "url" in given:
        return {"type": "view", "name": name, "url": _address(name, str(given["url"]), site)}
    if "miniprogram" in given:
        page, url = str(given.get("page", "")), _address(name, str(given.get("url", "/")), site)
        appid = str(given["miniprogram"])
        return {"type": "miniprogram", "name": name, "appid": appid, "pagepath": page, "url": url}
    raise MenuRefused(f"“{name}”是二级按钮，下面不能再有按钮。")


def _payload(name: str, payload: str) -> str:
    if not 1 <= len(payload.encode()) <= _KEY_BYTES:
        raise MenuRefused(f"“{name}”的 send 要有内容，最多 {_KEY_BYTES} 个字节。")
    if not payload.startswith("/"):
        return payload  # as if it were typed
    try:
        parse_payload(payload)
    except PayloadRefused as refused:
        raise MenuRefused(f"“{name}”的 send “{payload}”不是助手认识的按钮，例如 /ask_for_person。") from refused
    return payload


def _address(name: str, url: str, site: str) -> str:
    if url.startswith("/"):
        if not site:
            raise MenuRefused(f"“{name}”打开的是本服务的网页，请先设置 LTB_PUBLIC_URL（市民打开本服务的网址）。")
        url = site.rstrip("/") + url
    if not url.startswith(("https://", "http://")) or len(url.encode()) > _URL_BYTES:
        raise MenuRefused(f"“{name}”的网址“{url}”不对：要以 https:// 或 / 开头，最多 {_URL_BYTES} 个字节。")
    return url


def _without_empty(button: Button) -> Button:
    """As we write it: the platform gives every button an empty list below."""
    kept = {key: value for key, value in button.items() if value}
    if "sub_button" in kept:
        kept["sub_button"] = [_without_empty(each) for each in kept["sub_button"]]
    return kept
