"""Sending somebody away: "not our duty" is no answer and no reason, unless it says whose duty it is."""

import re
from collections.abc import Iterator

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.named import names_a_unit
from tickets.replies.rules import Rules, any_of
from tickets.replies.rules import rules as usual_rules
from tickets.replies.words import letters

_REASON_LEAST = 6  # characters a reason has at least


def check_shirking(reply: str, rules: Rules) -> Iterator[Finding]:
    """Find where a reply sends the citizen away without saying where to."""
    for phrase in any_of(rules.shirking).finditer(reply):
        if not names_a_unit(_without(reply, phrase)):
            told = f"“{phrase.group()}”会让市民不知道该找谁。请写清归哪个单位管、电话多少；拿不准就申请退单。"
            yield Finding(Code.SHIRKING, Severity.HARD, phrase.span(), told)


def check_return_reason(text: str, named_unit: str | None, rules: Rules | None = None) -> list[Finding]:
    """What is wrong with the reason a unit gives for handing a ticket back (退单).

    Args:
        named_unit: the unit that should act, as chosen beside the reason; None where none was.

    Returns:
        Nothing where the reason can be considered; a hard finding refuses the return.
    """
    rules = rules or usual_rules()
    whole = (0, len(text))
    if letters(text) < _REASON_LEAST:
        told = "请写清为什么退：依据哪条职责分工或哪个现场情况，应由哪个单位来办。"
        return [Finding(Code.TOO_SHORT, Severity.HARD, whole, told)]
    if named_unit or names_a_unit(text):
        return []
    phrase = any_of(rules.shirking).search(text)
    said = f"只说“{phrase.group()}”，" if phrase else "没有写应由哪个单位来办，"
    told = f"{said}退回后还是没有人接。请写明应由哪个单位办、依据是什么；拿不准的，写明您问过谁，由热线中心来定。"
    return [Finding(Code.SHIRKING, Severity.HARD, phrase.span() if phrase else whole, told)]


def _without(text: str, phrase: re.Match[str]) -> str:
    return f"{text[: phrase.start()]}，{text[phrase.end() :]}"
