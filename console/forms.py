"""What somebody typed into a form, and what is wrong with it."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from aiohttp.web_request import FileField
from multidict import MultiDict, MultiMapping

from console.addresses import day_of, id_of
from service.storage import storable


class Form:
    """The fields of a form by name; reading one notes what is wrong, and `field(form, …)` shows it beside the input.

    if form.ok: do it; else: `visit.page(..., form=form, status=422)`.
    """

    def __init__(self, sent: MultiMapping[Any] | None = None) -> None:
        self._sent: MultiMapping[Any] = MultiDict() if sent is None else sent
        self.errors: dict[str, str] = {}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Form":
        """A form as it is shown first: text, or several values of one name."""
        sent: MultiDict[Any] = MultiDict()
        for name, value in values.items():
            several = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
            sent.extend((name, "" if each is None else str(each)) for each in several)
        return cls(sent)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.errors

    def complain(self, name: str, text: str) -> None:
        """Note what is wrong with a field; the first complaint stays."""
        self.errors.setdefault(name, text)

    def text(self, name: str, *, missing: str = "", limit: int = 0) -> str:
        """A field's text without blanks around it.

        Args:
            missing: the complaint when it is empty; none: it may be.
            limit: characters it may have; 0: any number.
        """
        value = self.raw(name).replace("\r\n", "\n").strip()
        if not value and missing:
            self.complain(name, missing)
        if limit and len(value) > limit:
            self.complain(name, f"最多 {limit} 个字，现在是 {len(value)} 个。")
        return value

    def number(self, name: str) -> int | None:
        """A field's whole number; None where there is none, or more digits than anything here has."""
        return id_of(self.text(name))

    def day(self, name: str, *, without: str = "") -> date | None:
        """A field's day; None where there is none, or it is no day, which is complained of.

        Args:
            without: what it means to leave it empty, told with the complaint.
        """
        written = self.text(name)
        day = day_of(written)
        if written and day is None:
            self.complain(name, "；".join(filter(None, ("日期要写成 2026-12-31 这样，或者从日历里选", without))) + "。")
        return day

    def raw(self, name: str) -> str:
        """A field's text exactly as it was typed."""
        value = self._sent.get(name, "")
        return storable(value) if isinstance(value, str) else ""

    def choice(self, name: str, allowed: Collection[str], *, missing: str) -> str:
        """One of several values; anything else is complained of."""
        value = self.raw(name)
        if value not in allowed:
            self.complain(name, missing)
        return value

    def several(self, name: str) -> list[str]:
        """Every value of a name: boxes that are ticked."""
        return [storable(value) for value in self._sent.getall(name, []) if isinstance(value, str)]

    def typed(self) -> list[tuple[str, str]]:
        """Every text that was sent, by name, in order."""
        return [(name, storable(value)) for name, value in self._sent.items() if isinstance(value, str)]

    def file(self, name: str, *, missing: str) -> FileField | None:
        """A file that was chosen; None where none was, which is complained of."""
        value = self._sent.get(name)
        if isinstance(value, FileField) and value.filename:
            return value
        self.complain(name, missing)
        return None
