"""Every text citizens can be told, with sample values, as each way shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from channels.delivery.ladder import Ladders
from channels.delivery.letter import Letter
from channels.delivery.wording import answered_letter, ticket_letter
from knowledge_base.entry import Entry
from tickets.announcements import wordings
from tickets.announcing import TICKET_MOVED

SAMPLES = {
    "number": "20261121-00042-0",
    "unit": "示例区城市管理局",
    "promised": "11月27日",
    "text": "维保公司已更换门机，试运行正常，请您再试用一下。",
    "reason": "要等配件到货。",
    "route": "110",
    "until": "2026-11-24 18:00",
}
_ASKED = "阳台上能装天线吗"
_ENTRY = Entry(slug="antenna", question="阳台上能装业余无线电天线吗？", answer="向区城管局申请。")
_CHANNELS = ("widget", "wechat", "phone")


@dataclass(frozen=True, slots=True)
class Preview:
    """One notice as it would go.

    Attributes:
        ways: by the channel somebody came on, the ways it takes, in their order.
    """

    kind: str
    letter: Letter
    ways: dict[str, list[str]]


def previews(ladders: Ladders) -> Iterator[Preview]:
    """Every kind of notice."""
    facts = {name: SAMPLES[name] for name in ("number", "unit", "promised", "until")}
    for verb, wording in wordings().items():
        letter = ticket_letter(SAMPLES["number"], verb, wording.format_map(SAMPLES), facts)
        yield Preview(TICKET_MOVED, letter, _ways(ladders, TICKET_MOVED, letter.verb))
    letter = answered_letter(_ASKED, _ENTRY)
    yield Preview(letter.purpose, letter, _ways(ladders, letter.purpose, ""))


def _ways(ladders: Ladders, kind: str, verb: str) -> dict[str, list[str]]:
    return {channel: [step.rung for step in ladders.of(kind, verb, channel).steps] for channel in _CHANNELS}
