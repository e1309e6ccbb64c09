"""Draws the life of a ticket from its table: `python -m tickets.diagram` renews the drawn parts of docs/tickets.md."""

import re
from collections.abc import Iterable
from pathlib import Path

from tickets.moves import MOVES, Move, Verb
from tickets.parties import Party
from tickets.states import OPEN, State

DOCUMENT = Path(__file__).parent.parent / "docs" / "tickets.md"

_V = Verb
CHAPTERS = {
    "从登记到签收": (_V.SUBMIT, _V.ANSWER, _V.NOT_ACCEPT, _V.DISPATCH, _V.ACCEPT, _V.MERGE, _V.SEPARATE),
    "由哪个单位负责": (
        _V.REQUEST_RETURN,
        _V.GRANT_RETURN,
        _V.REFUSE_RETURN,
        _V.INVESTIGATE,
        _V.RULE,
        _V.REASSIGN,
    ),
    "办理和时间": (
        _V.ASSIGN,
        _V.REQUEST_EXTENSION,
        _V.GRANT_EXTENSION,
        _V.REFUSE_EXTENSION,
        _V.SUSPEND,
        _V.RESUME,
        _V.REPLY,
    ),
    "答复、回访和办结": (
        _V.SEND_BACK,
        _V.APPROVE,
        _V.DISPUTE,
        _V.RESOLVE,
        _V.LAPSE,
        _V.CONCLUDE,
        _V.REWORK,
    ),
    "随时可以结束": (_V.WITHDRAW, _V.TRANSFER, _V.ARCHIVE),
}
"""The moves that change the state, a drawing each; one drawing of all could not be read."""

_ANY_OPEN = "open"
_ANY_CLOSED = "closed"
_PART = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def diagram(verbs: Iterable[Verb]) -> str:
    """A Mermaid state diagram of some moves; moves between the same states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for verb in verbs:
        move = MOVES[verb]
        for source in _sources(move):
            arrows.setdefault((source, move.target or source), []).append(move.label)
    names = dict.fromkeys(name for arrow in arrows for name in arrow if name != "[*]")
    lines = ["stateDiagram-v2"]
    lines += [f"    {name} : {_label(name)}" for name in names]
    lines += [f"    {source} --> {target} : {'、'.join(labels)}" for (source, target), labels in arrows.items()]
    return "\n".join(["```mermaid", *lines, "```"])


def table() -> str:
    """Every move in a row: what it is called, from where to where, by whom, with what, and who is told."""
    head = "| 做什么 | 命令 | 从 | 到 | 谁 | 要给的 | 告诉谁 |"
    return "\n".join([head, "|---" * 7 + "|", *(_row(verb, move) for verb, move in MOVES.items())])


def renewed(document: str) -> str:
    """A document with its drawn parts as the table has them now."""
    parts = {"diagrams": _diagrams(), "moves": table()}
    return _PART.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", document)


def _diagrams() -> str:
    return "\n\n".join(f"### {title}\n\n{diagram(verbs)}" for title, verbs in CHAPTERS.items())


def _sources(move: Move) -> list[str]:
    if not move.source:
        return ["[*]"]
    if move.source >= OPEN and move.source != frozenset(State):
        return [_ANY_OPEN, *(state.value for state in State if state in move.source - OPEN)]
    if move.target is State.ARCHIVED:
        return [_ANY_CLOSED]
    return [state.value for state in State if state in move.source]


def _label(name: str) -> str:
    if name == _ANY_OPEN:
        return "任何一种没有结束的状态"
    return "任何一种已经结束的状态" if name == _ANY_CLOSED else State(name).staff_label


def _row(verb: Verb, move: Move) -> str:
    source = {"[*]": "（新）", _ANY_OPEN: "未结束的", _ANY_CLOSED: "已结束的"}
    named = "、".join(source.get(name) or _label(name) for name in _sources(move))
    sources = "任何" if move.source == frozenset(State) else named
    target = "不变" if move.target is None else move.target.staff_label
    needs = "、".join(need.label for need in move.needs)
    cells = (move.label, f"`{verb}`", sources, target, _parties(move.by), needs or "–", _parties(move.tells) or "–")
    return f"| {' | '.join(cells)} |"


def _parties(parties: frozenset[Party]) -> str:
    return "、".join(party.label for party in Party if party in parties)


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
