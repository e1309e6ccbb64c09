"""An entry as citizens will see it: in the widget, on WeChat, by SMS."""

import re
from dataclasses import dataclass
from typing import Any

from actions.present import show_entry
from channels.sms.parts import parts_of, signed
from channels.wechat.rendering import as_texts
from console.visit import Visit
from knowledge_base.entry import FILES, Entry
from knowledge_base.links import is_kept, links_of

_LINK = re.compile(r"<a href=[^>]*>(.*?)</a>")


@dataclass(frozen=True, slots=True)
class Preview:
    """The same answer on each channel.

    Attributes:
        reply: what the widget gets.
        sms: as it stands on the phone; empty where no short answer is written.
        parts: as how many SMS it is charged.
        missing: of our own files that it gives to citizens, those that are not there.
    """

    reply: dict[str, Any]
    wechat: tuple[str, ...]
    sms: str
    parts: int
    missing: tuple[str, ...]


def preview_of(visit: Visit, entry: Entry) -> Preview:
    """What would be shown if it were published."""
    reply, files = show_entry(entry), visit.office.settings.files_dir
    sign = visit.office.settings.hotline_name
    return Preview(
        reply,
        tuple(_LINK.sub(r"\1", text) for text in as_texts(reply, visit.site)),
        signed(sign, entry.short_answer) if entry.short_answer else "",
        parts_of(sign, entry.short_answer) if entry.short_answer else 0,
        tuple(link for link in links_of(entry) if link.startswith(FILES) and not is_kept(files, link)),
    )
