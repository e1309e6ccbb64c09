"""Sheets of A4 for the service window: a large code for one matter, or small ones for a counter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from channels.widget.codes import code_address, qr_svg
from knowledge_base.entry import Entry, Facet
from service.clock import china_date, china_moment
from service.look import TOKENS
from service.settings import Settings

_HERE = Path(__file__).parent
_CODES_ON_A_PAGE = 12  # three by four
_LONG, _LONGER = 10, 26  # characters of a title from which it is set smaller
_LONGEST = 60  # characters of a title or question that leave room for the rest
_LONGEST_SMALL = 30


@dataclass(frozen=True, slots=True)
class Sheets:
    """Lays out sheets.

    Attributes:
        site: where citizens reach this service, without a slash at the end.
    """

    settings: Settings
    site: str

    def one(self, entry: Entry) -> str:
        """The sheet of one entry as a page of the site."""
        return self._render(
            [self._large(entry)], entry.matter or entry.question, guide=f"/guide/{quote(entry.slug, safe='')}"
        )

    def many(self, entries: Iterable[Entry], *, note: str = "") -> str:
        """A file with one sheet for each entry, for one print run; it needs nothing beside itself."""
        return self._render([self._large(entry) for entry in entries], "窗口用二维码", css=_css(), note=note)

    def counter(self, entries: Sequence[Entry], *, note: str = "") -> str:
        """A file with small codes by category, as many on a page as fit."""
        categories: dict[str, list[Entry]] = {}
        for entry in entries:
            categories.setdefault(entry.category or "其他", []).append(entry)
        pages = [
            {"category": name, "matters": [self._small(entry) for entry in within[start : start + _CODES_ON_A_PAGE]]}
            for name, within in categories.items()
            for start in range(0, len(within), _CODES_ON_A_PAGE)
        ]
        return self._render(pages, "柜台用二维码", css=_css(), note=note)

    def _large(self, entry: Entry) -> dict[str, Any]:
        title = _cut(entry.matter or entry.question, _LONGEST)
        told = entry.effective_from or entry.published_at
        return self._small(entry) | {
            "title": title,
            "question": _cut(entry.question, _LONGEST) if entry.matter and entry.matter != entry.question else "",
            "size": "longer" if len(title) > _LONGER else "long" if len(title) > _LONG else "",
            "facets": [facet.label for facet in Facet if entry.facet_text(facet)],
            "attachments": len(entry.attachments),
            "unit": entry.issuing_unit,
            "version": entry.version,
            "version_date": told and china_date(china_moment(told)),
        }

    def _small(self, entry: Entry) -> dict[str, Any]:
        address = code_address(self.site, entry)
        return {
            "title": _cut(entry.matter or entry.question, _LONGEST_SMALL),
            "address": address,
            "code": qr_svg(address),
        }

    def _render(self, pages: Sequence[dict[str, Any]], title: str, **context: Any) -> str:
        hotline = {"name": self.settings.hotline_name, "phone": self.settings.hotline_phone}
        return _templates().get_template("sheet.html").render(hotline=hotline, title=title, pages=pages, **context)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True)


@cache
def _css() -> str:
    return "\n".join(path.read_text("utf-8") for path in (TOKENS, _HERE / "static" / "sheet.css"))
