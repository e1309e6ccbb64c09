"""What a citizen asked for, one by one, and how much of it a reply touches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.rules import Rules, any_of
from tickets.replies.words import letters, pairs

_NUMBER = (
    r"(?:\d{1,2}[、.．](?!\d)|[（(](?:\d{1,2}|[一二三四五六七八九十])[）)]"
    r"|[一二三四五六七八九十]、|第[一二三四五六七八九][，、：:]|[①-⑨])"
)
_NUMBERED = re.compile(rf"(?:^|(?<=[。；;：:！!？?，,\s])){_NUMBER}")
_QUESTION = re.compile(r"[^。！!？?；;\n]{4,}(?:[？?]|(?:吗|呢)(?=[。！!；;\n]|$))")
_WANTS_TO_KNOW = re.compile(
    r"多少|几[点天号时月]|何时|什么时候|哪[里儿个些天年]|如何|怎么[办样走报申]|能否|是否|可否|能不能|可不可以|是不是|有没有|要不要|需要什么|什么(?:材料|条件|手续|政策|标准)"
)
_RHETORICAL = re.compile(
    r"难道|何以|凭什么|如何(?:不|是好|安|能)|怎么(?:能|就|会|不)|不是.*吗|何在|还有没有|谁来|哪里去|天理|公平"
)
_TOUCHES = 2  # pairs in common from which a reply touches a request
_READABLE = 8  # pairs a request has at least to be judged by
_LONG_REPLY = 60  # letters of a reply that has room to come to the matter
_VERY_LONG_REPLY = 120  # letters of a reply that cannot by chance share nothing with a story of so many pairs:
_LONG_STORY = 30
_PARTS_MOST = 12
_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Touched:
    """How much of what was asked a reply touches.

    Attributes:
        asked: the requests or questions, in the citizen's words.
        missed: those the reply says nothing of.
    """

    asked: tuple[str, ...]
    missed: tuple[str, ...]


def parts(request: str) -> tuple[str, ...]:
    """The requests in a text: its numbered points, else its questions; nothing where it is one plain story."""
    marks = [found.start() for found in _NUMBERED.finditer(request)]
    if len(marks) >= 2:
        pieces = [request[start:end].strip() for start, end in zip(marks, [*marks[1:], len(request)], strict=True)]
        return tuple(piece for piece in pieces if letters(piece) > _TOUCHES)[:_PARTS_MOST]
    questions = (found.group().strip() for found in _QUESTION.finditer(request))
    return tuple(one for one in questions if _WANTS_TO_KNOW.search(one) and not _RHETORICAL.search(one))[:_PARTS_MOST]


def touched(reply: str, request: str) -> Touched:
    """What of a request a reply touches, by the words they share."""
    asked = parts(request)
    told = pairs(reply)
    common = frozenset.intersection(*map(pairs, asked)) if len(asked) > 1 else frozenset()
    missed = []
    for part in asked:
        wanted = pairs(_WANTS_TO_KNOW.sub("，", part)) - common
        if len(wanted & told) < min(_TOUCHES, len(wanted) // 2):
            missed.append(part)
    return Touched(asked, tuple(missed))


def check_touched(reply: str, request: str, rules: Rules) -> Iterator[Finding]:
    """Find requests a reply passes over, and replies about something else."""
    whole = (0, len(reply))
    own = any_of(rules.courtesies).sub("", reply)
    wanted = pairs(request)
    if letters(own) >= _LONG_REPLY and len(wanted) >= _READABLE and not wanted & pairs(own):
        told = "答复说的和市民说的对不上，像是另一件事的答复。请核对是不是发错了工单。"
        sure = letters(own) >= _VERY_LONG_REPLY and len(wanted) >= _LONG_STORY
        yield Finding(Code.OTHER_MATTER, Severity.HARD if sure else Severity.SOFT, whole, told)
        return
    result = touched(reply, request)
    if result.missed and len(result.asked) > 1:
        points = "、".join(f"“{_shown(part)}”" for part in result.missed)
        done = len(result.asked) - len(result.missed)
        told = f"市民说了 {len(result.asked)} 件，答复提到 {done} 件。请看看这些要不要也回应：{points}"
        yield Finding(Code.NOT_TOUCHED, Severity.SOFT, whole, told)


def _shown(part: str) -> str:
    plain = re.sub(rf"^{_NUMBER}\s*", "", part)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"
