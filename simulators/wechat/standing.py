"""The interfaces that change or tell how the account stands: its menu, codes, templates and files."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from simulators.wechat.account import Account, QrCode, Template
from simulators.wechat.refused import Refused

_PERMANENT_CODES = 100_000
_LONGEST = 2_592_000
_USUAL_LIFE = 30
_CLICKED = {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "location_select"}


def create_code(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`qrcode/create`, by text only."""
    scene = str(posted.get("action_info", {}).get("scene", {}).get("scene_str", ""))
    if not 1 <= len(scene) <= 64:
        raise Refused(40053, "invalid action info")
    action = posted.get("action_name")
    url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
    ticket = {"ticket": secrets.token_urlsafe(60), "url": url}
    if action == "QR_LIMIT_STR_SCENE":
        if sum(code.until is None for code in account.codes.values()) >= _PERMANENT_CODES:
            raise Refused(45029, "qrcode count out of limit")
        account.codes[url] = QrCode(url, scene, None)
        return ticket
    if action != "QR_STR_SCENE":
        raise Refused(40053, "invalid action info")
    seconds = int(posted.get("expire_seconds", _USUAL_LIFE))
    if not 1 <= seconds <= _LONGEST:
        raise Refused(40097, "invalid args")
    account.codes[url] = QrCode(url, scene, account.clock() + timedelta(seconds=seconds))
    return ticket | {"expire_seconds": seconds}


def create_menu(account: Account, posted: Mapping[str, Any]) -> dict[str, Any]:
    """`menu/create`."""
    buttons = posted.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016, "invalid button size")
    for button in buttons:
        _check_button(button, name_bytes=16, refused=(40018, 40017, 40019, 40020))
        for below in _below(button):
            _check_button(below, name_bytes=60, refused=(40025, 40024, 40026, 40027))
    account.menu = {"button": [_complete(button) for button in buttons]}
    return {}


def menu(account: Account) -> dict[str, Any]:
    """`menu/get`."""
    if account.menu is None:
        raise Refused(46003, "menu no exist")
    return {"menu": account.menu}


def templates(account: Account) -> dict[str, Any]:
    """`template/get_all_private_template`."""
    listed = [each for each in account.templates.values() if not each.subscription]
    return {
        "template_list": [{"template_id": each.id, "title": each.title, "content": _content(each)} for each in listed]
    }


def subscription_templates(account: Account) -> dict[str, Any]:
    """`wxaapi/newtmpl/gettemplate`."""
    listed = [each for each in account.templates.values() if each.subscription]
    told = [{"priTmplId": each.id, "title": each.title, "content": _content(each), "type": 2} for each in listed]
    return {"errcode": 0, "errmsg": "ok", "data": told}


def callback_addresses(_account: Account) -> dict[str, Any]:
    """`getcallbackip`."""
    return {"ip_list": ["127.0.0.1"]}


def _content(template: Template) -> str:
    return "\n".join(f"{name}:{{{{{key}.DATA}}}}" for key, name in template.fields.items())


def _below(button: Mapping[str, Any]) -> list[Any]:
    below = button.get("sub_button") or []
    if not isinstance(below, list) or len(below) > 5:
        raise Refused(40023, "invalid sub button size")
    return below


def _check_button(button: Any, *, name_bytes: int, refused: tuple[int, int, int, int]) -> None:
    wrong_name, wrong_type, wrong_key, wrong_url = refused
    name = str(button.get("name", ""))
    if not name or len(name.encode()) > name_bytes:
        raise Refused(wrong_name, "invalid button name size")
    if button.get("sub_button"):
        return
    kind = button.get("type")
    if kind in _CLICKED:
        if not 1 <= len(str(button.get("key", "")).encode()) <= 128:
            raise Refused(wrong_key, "invalid button key size")
    elif kind in {"view", "miniprogram"}:
        url = str(button.get("url", ""))
        if not url.startswith(("http://", "https://")) or len(url.encode()) > 1024:
            raise Refused(wrong_url, "invalid button url size")
    else:
        raise Refused(wrong_type, "invalid button type")


def _complete(button: Mapping[str, Any]) -> dict[str, Any]:
    return {**button, "sub_button": [_complete(below) for below in button.get("sub_button") or []]}
