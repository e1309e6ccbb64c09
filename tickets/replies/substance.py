"""Whether a reply says anything: what is left once greetings, receipts and promises are taken away."""

import re
from collections.abc import Iterator

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.named import PHONE, has_a_unit
from tickets.replies.rules import Rules, any_of
from tickets.replies.words import letters, pairs

_A_WORD = 2  # characters a reason has at least
_NOTHING = 4  # characters that may be left of a text without saying anything
_BRIEF = 25  # characters in which a reply that names no fact of the request says nothing
_SHORT = 20  # characters of substance from which a reply is no longer short, whatever was asked
_SHORT_FOR_MUCH = 60  # the same where much was asked
_MUCH = 300  # characters of a long request
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]?")
_CONCRETE = re.compile(r"\d|[一二三四五六七八九十]+(?:天|日|周|个月|年)|第[一二三四]季度|年底|月底|热线")


def check_substance(reply: str, request: str, rules: Rules) -> Iterator[Finding]:
    """Find a reply that says nothing, only that somebody else has the matter, or little for what was asked."""
    whole = (0, len(reply))
    said = any_of(rules.courtesies).sub("", reply)
    own = any_of(rules.hollow).sub("", said)
    if letters(own) <= _NOTHING:
        told = "这样答复，市民还是不知道结果。请写清：查到了什么、做了什么、没做完的哪天前做完。"
        yield Finding(Code.NOTHING_SAID, Severity.HARD, whole, told)
        return
    if letters(any_of(rules.passed_on).sub("", own)) <= _NOTHING and not PHONE.search(own):
        told = "只说已经转出去，市民会再打一次电话。请写清：转给了谁、电话多少、哪天前回话；最好等有结果再答复。"
        yield Finding(Code.ONLY_PASSED_ON, Severity.SOFT, whole, told)
        return
    if letters(own) <= _BRIEF and not _tells_something(own, request, rules):
        told = "答复里没有一处说到市民反映的事。请写清：查到了什么、做了什么、没做完的哪天前做完。"
        yield Finding(Code.NOTHING_SAID, Severity.HARD, whole, told)
        return
    if letters(own) < (_SHORT_FOR_MUCH if letters(request) >= _MUCH else _SHORT):
        told = "和市民说的相比，答复有点短。看看还有没有没回应到的；确实一句话能说清，就确认发出。"
        yield Finding(Code.TOO_SHORT, Severity.SOFT, whole, told)


def check_reason_given(reason: str, rules: Rules) -> Iterator[Finding]:
    """Find a reason that is none: nothing is left once promises and courtesies are taken away."""
    own = any_of(rules.hollow).sub("", any_of(rules.courtesies).sub("", reason))
    if letters(own) < _A_WORD:
        told = "市民会看到这个原因，这样写等于没有说。请写清具体是什么原因，比如缺哪样材料、等什么配件。"
        yield Finding(Code.NOTHING_SAID, Severity.HARD, (0, len(reason)), told)


def check_phrases(reply: str, rules: Rules) -> Iterator[Finding]:
    """Find phrases that tell little, in sentences that tell nothing else."""
    for sentence in _SENTENCE.finditer(reply):
        if _CONCRETE.search(sentence.group()):
            continue
        for phrase, advice in rules.phrases.items():
            start = reply.find(phrase, sentence.start(), sentence.end())
            if start >= 0:
                span = (start, start + len(phrase))
                yield Finding(Code.EMPTY_PHRASE, Severity.SOFT, span, f"“{phrase}”说了等于没说，请{advice}。")


def check_filled(reply: str, rules: Rules) -> Iterator[Finding]:
    """Find places that were to be filled in."""
    for place in any_of(rules.unfilled).finditer(reply):
        told = f"“{place.group()}”这里还没有填，补上再发。"
        yield Finding(Code.UNFILLED, Severity.HARD, place.span(), told)


def _tells_something(own: str, request: str, rules: Rules) -> bool:
    """Whether a brief reply has a fact, a unit, a word of the matter, or leads on."""
    if _CONCRETE.search(own) or any_of(rules.leads_on).search(own):
        return True
    return has_a_unit(own) or not pairs(own).isdisjoint(pairs(request))
