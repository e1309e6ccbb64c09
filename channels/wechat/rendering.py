"""Replies as WeChat shows them: text, with what can be chosen as numbered lines.

What a number means is decided here as well (`offered`), so that the lines and the answers to them cannot differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from actions.reply import Button, ReplyKind
from channels.wechat.bubbles import TEXT_BYTES, join, split

_CALL = "tel:"
_IN_A_ROW = 3
_SHORT = 7  # characters with the number: 11. 没帮助
_HOW = {
    ReplyKind.CHOICES: "回复数字就行：",
    ReplyKind.ANSWER: "还想看哪一项，回复数字：",
}
_HOW_ELSE = "回复数字选择，也可以直接打字："

_TAPPED_AT_MOST = 15  # choices; an answer has its facets, helped or not, and a person

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Menu:
    """A text whose choices can be tapped.

    Attributes:
        choices: what comes back when it is tapped, and what the citizen reads.
    """

    head: str
    choices: tuple[tuple[str, str], ...]


def as_texts(reply: Reply, site: str = "") -> list[str]:
    """A reply as WeChat texts of at most 2000 bytes.

    Args:
        reply: as `actions.reply.Reply.as_dict` gives it.
        site: where citizens reach this service, for links to guides; empty: none are shown.
    """
    return render([reply], site)


def render(replies: Sequence[Reply], site: str = "") -> list[str]:
    """The replies of one turn, merged into few texts; the numbers run on from one to the next."""
    return join(text for shown in _shown(replies, site) for text in split(shown))


def as_menu(replies: Sequence[Reply], site: str = "") -> Menu | None:
    """The same as a menu message (msgmenu); None where nothing can be chosen, or too much is said for one."""
    choices = tuple((choice["payload"], choice["title"]) for choice in offered(replies))
    head = "\n\n".join("\n".join([*_told(reply, site), *_calls(reply)]) for reply in replies)
    fits = len("\n".join([head, *(title for _, title in choices)]).encode()) <= TEXT_BYTES
    return Menu(head, choices) if 0 < len(choices) <= _TAPPED_AT_MOST and fits else None


def offered(replies: Sequence[Reply]) -> list[Button]:
    """What can be chosen after these replies; the first is number 1."""
    return [button for reply in replies for button in _choices(reply)]


def _shown(replies: Sequence[Reply], site: str) -> Iterator[str]:
    number = 1
    for reply in replies:
        choices = _choices(reply)
        lines = _rows([f"{number + place}. {choice['title']}" for place, choice in enumerate(choices)])
        number += len(choices)
        yield "\n".join([*_told(reply, site), *_numbered(reply, lines), *_calls(reply)])


def _rows(lines: list[str]) -> list[str]:
    """One choice a line; short ones three in a row, as a phone shows them without breaking."""
    rows: list[list[str]] = []
    for line in lines:
        short = len(line) <= _SHORT
        if short and rows and len(rows[-1]) < _IN_A_ROW and all(len(before) <= _SHORT for before in rows[-1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return ["　".join(row) for row in rows]


def _numbered(reply: Reply, lines: list[str]) -> list[str]:
    return ["", _HOW.get(ReplyKind(reply["kind"]), _HOW_ELSE), *lines] if lines else []


def _told(reply: Reply, site: str) -> Iterator[str]:
    yield reply["text"]
    if entry := reply.get("entry"):
        yield from _source(entry, site)
    if ticket := reply.get("ticket"):
        yield from _card(ticket, reply["text"])


def _source(entry: dict[str, Any], site: str) -> Iterator[str]:
    parts = [entry.get("unit") or "", f"{entry['version_date']} 起执行" if entry.get("version_date") else ""]
    said = "，".join(part for part in parts if part)
    if said:
        yield f"\n来源：{said}"
    if site and entry.get("guide_url"):
        yield f'<a href="{site}{entry["guide_url"]}">打开完整的办事指南</a>'


def _card(ticket: dict[str, Any], text: str) -> Iterator[str]:
    """What the card tells beyond the text: a number said twice helps nobody."""
    rows = (
        ("编号", ticket["number"]),
        ("进度", ticket["state_title"]),
        ("答复", ticket["promised_text"]),
        ("下一步", ticket["next_step"]),
    )
    told = [f"{name}：{value}" for name, value in rows if value and value not in text]
    if told:
        yield ""
        yield from told


def _choices(reply: Reply) -> list[Button]:
    """A number can be sent back for these: facets of the answer first, then the buttons."""
    entry = reply.get("entry") or {}
    shown = (entry.get("facet") or {}).get("name")
    facets = [facet for facet in entry.get("facets", ()) if facet["name"] != shown]
    buttons = [button for button in reply["buttons"] if not button["payload"].startswith(_CALL)]
    return [{"title": each["title"], "payload": each["payload"]} for each in (*facets, *buttons)]


def _calls(reply: Reply) -> list[str]:
    """WeChat makes a phone number in a text one that can be tapped."""
    numbers = [
        button["payload"].removeprefix(_CALL) for button in reply["buttons"] if button["payload"].startswith(_CALL)
    ]
    return ["", *(f"☎ 拨打 {number}" for number in numbers)] if numbers else []
