"""The typed fields of template and subscription messages: what each may hold, and how a value is made to fit.

The platform refuses a whole subscription message for one wrong character (47003) and cuts template messages without a
word. https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime

from service.clock import CHINA

Value = str | datetime | date

_KEY = re.compile(r"([a-z][a-z_]*?)(\d*)")
_UNSHOWN = re.compile("[\U0001f000-\U0001faff\U000e0000-\U0010ffff\ufe00-\ufe0f]")  # emoji and what colours them
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff\u3400-\u4dbf]")
_NOT_ASCII = re.compile(r"[^\x21-\x7e]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:：]([0-5]\d)(?::[0-5]\d)?(?!\d)")
_AMOUNT = re.compile(r"[¥￥$]?[0-9]{1,10}(\.[0-9]{1,2})?元?")
_NUMBER = re.compile(r"[0-9]{1,29}(\.[0-9]{1,2})?")
_BREAKS = "，。；、！？,;!? "


class FieldRefused(Exception):
    """A value cannot be made to fit; the message says why, in Chinese. It never contains the value."""


def fitted(key: str, value: Value) -> str:
    """A value as the field with this key takes it, shortened if need be.

    Args:
        key: as the platform's template has it: thing1, time2, character_string5 …

    Raises:
        FieldRefused: nothing of it would be left, or the key is of no known type.
    """
    kind = type_of(key)
    fit = _FITS.get(kind)
    if fit is None:
        raise FieldRefused(f"不认识字段“{key}”的类型，可以用：{'、'.join(_FITS)}，后面跟模板里的编号。")
    text = fit(value)
    if not text:
        raise FieldRefused(f"字段“{key}”没有合适的内容。")
    return text


def type_of(key: str) -> str:
    """A field's type: its key without the number."""
    found = _KEY.fullmatch(key)
    return found[1] if found else ""


def _plain(value: Value) -> str:
    """A value as one line without control characters and emoji."""
    text = _shown(value) if isinstance(value, date) else value
    text = _UNSHOWN.sub("", text)
    text = "".join(" " if each.isspace() else each for each in text if each.isspace() or _is_shown(each))
    return " ".join(text.split())


def _is_shown(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def _shown(moment: date) -> str:
    if isinstance(moment, datetime):
        here = moment.astimezone(CHINA)
        return f"{_shown(here.date())} {here:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日"


def _words(limit: int) -> Callable[[Value], str]:
    """Any words; what is cut shows it."""

    def fit(value: Value) -> str:
        text = _plain(value)
        if len(text) <= limit:
            return text
        kept = text[: limit - 1]
        ends = max(kept.rfind(mark) for mark in _BREAKS)
        if ends >= limit // 2:  # rather a whole clause than half a word
            kept = kept[:ends]
        return kept.rstrip(_BREAKS) + "…"

    return fit


def _phrase(value: Value) -> str:
    return _NOT_HAN.sub("", _plain(value))[:5]


def _name(value: Value) -> str:
    text = _plain(value)
    return text[:20] if text.isascii() else text[:10]


def _characters(limit: int) -> Callable[[Value], str]:
    """Digits, letters and signs without Chinese; full-width ones become the usual."""
    return lambda value: _NOT_ASCII.sub("", unicodedata.normalize("NFKC", _plain(value)))[:limit]


def _only(wanted: str, limit: int) -> Callable[[Value], str]:
    """Only what the pattern matches."""
    pattern = re.compile(wanted)
    return lambda value: "".join(pattern.findall(unicodedata.normalize("NFKC", _plain(value))))[:limit]


def _time(value: Value) -> str:
    """15:01, or with its day 2026年11月21日 15:01; nothing where no time is told."""
    text = _plain(value)
    time = _TIME.search(text)
    if time is None:
        return ""
    day = _day(text)
    clock = f"{int(time[1]):02}:{int(time[2]):02}"
    return f"{day} {clock}" if day else clock


def _date(value: Value) -> str:
    """2026年11月21日; nothing where no day is told."""
    return _day(_plain(value))


def _day(text: str) -> str:
    found = _DAY.search(text)
    if found is None:
        return ""
    try:
        return _shown(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return ""


def _number(value: Value) -> str:
    """The first number told."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", _plain(value)))
    return found[0] if found else ""


def _amount(value: Value) -> str:
    found = _AMOUNT.search(_plain(value).replace(",", ""))
    return found[0] if found else ""


_FITS: dict[str, Callable[[Value], str]] = {
    "thing": _words(20),
    "phrase": _phrase,
    "character_string": _characters(32),
    "time": _time,
    "date": _date,
    "number": _number,
    "letter": _only(r"[A-Za-z]", 32),
    "symbol": _only(r"[^\w\s]", 5),
    "amount": _amount,
    "phone_number": _only(r"[0-9+()-]", 17),
    "car_number": _words(8),
    "name": _name,
    "const": _words(20),
    "enum": _words(20),
    "enum_string": _words(20),
    "keyword": _words(20),  # templates from before 2023
    "first": _words(20),
    "remark": _words(20),
}
