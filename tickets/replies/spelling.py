"""Wrong characters in set words."""

import re
from collections.abc import Iterator

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.rules import Rules, any_of

_AROUND = 12  # characters in which a word that is right may stand around a wrong one


def check_spelling(reply: str, rules: Rules) -> Iterator[Finding]:
    """Find words of the table of typos where they are not part of a right word."""
    right = {typo.wrong: typo for typo in rules.typos}
    for found in any_of(tuple(map(re.escape, right))).finditer(reply):
        typo = right[found.group()]
        if typo.unless is None or not _stands_in(typo.unless, reply, found.span()):
            told = f"“{typo.wrong}”应为“{typo.right}”。"
            yield Finding(Code.WRONG_CHARACTER, Severity.SOFT, found.span(), told)


def _stands_in(pattern: str, text: str, span: tuple[int, int]) -> bool:
    first = max(0, span[0] - _AROUND)
    here = re.finditer(pattern, text[first : span[1] + _AROUND])
    return any(first + found.start() <= span[0] and span[1] <= first + found.end() for found in here)
