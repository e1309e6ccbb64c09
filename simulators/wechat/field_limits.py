"""What the fields of subscription messages may hold, as the platform's documentation lists it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from simulators.wechat.refused import Refused

_HAN = r"\u4e00-\u9fff\u3400-\u4dbf"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2})"
_MAY_HOLD = {
    "thing": r".{1,20}",
    "number": r"\d{1,29}(\.\d{1,2})?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[\x21-\x7e]{1,32}",
    "time": rf"({_DAY} ?)?{_CLOCK}(~({_DAY} ?)?{_CLOCK})?",
    "date": rf"{_DAY}( ?{_CLOCK})?",
    "amount": r"[¥￥$]?\d{1,10}(\.\d{1,2})?元?",
    "phone_number": r"[\d+()-]{1,17}",
    "car_number": r".{1,8}",
    "name": rf".{{1,10}}|[^{_HAN}]{{1,20}}",
    "phrase": rf"[{_HAN}]{{1,5}}",
    "const": r".{1,20}",
    "enum": r".{1,20}",
    "enum_string": r".{1,20}",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check(keys: Iterable[str], data: Mapping[str, Any]) -> None:
    """Whether a message fills its template.

    Raises:
        Refused: 47003, naming the field.
    """
    for key in keys:
        value = data.get(key, {}).get("value") if isinstance(data.get(key), dict) else None
        if not isinstance(value, str) or not value:
            raise Refused(47003, f"argument invalid! data.{key}.value is empty")
        if not holds(key, value):
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")


def holds(key: str, value: str) -> bool:
    """Whether a field may hold a value."""
    return not _CONTROL.search(value) and bool(re.fullmatch(_MAY_HOLD[key.rstrip("0123456789")], value, re.ASCII))
