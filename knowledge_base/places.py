"""Whether a question asks for another place's rules, which an entry of this place must not answer."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "places.yml"
# Who moves, travels or did something elsewhere asks about here: "从北京转社保过来", "在深圳交的社保".
_GOES = re.compile(r"[从由在去到往回来转迁跨][^，,。]{0,2}$")
_COMES = re.compile(r"市?(?:转|迁|回|来|过来|户口|户籍|人|打工|上班|工作|读书|看病|住院|交的|办的|缴|买的|那边)")


@cache
def _names() -> re.Pattern[str]:
    table: dict[str, list[str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    names = sorted((name for group in table.values() for name in group), key=len, reverse=True)
    return re.compile("|".join(names))


def asks_elsewhere(question: str, home: Sequence[str], told: str = "") -> str | None:
    """The other place whose rules a question asks for; None when it asks about here.

    Args:
        home: names of this place.
        told: wordings of the entry that would answer; a place it speaks of itself, as a permit for 香港 does, is fine.
    """
    for found in _names().finditer(question):
        name = found.group()
        if name in told or any(name in own for own in home):
            continue
        before, after = question[: found.start()], question[found.end() :]
        if not _GOES.search(before) and not _COMES.match(after):
            return name
    return None
