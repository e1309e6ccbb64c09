"""Phrases that tell nothing, each with what to write instead, as a setting of one part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.kept.kind import Contents, Kind, SettingRefused

PHRASES = "phrases"
"""The part."""

_MOST = 300
_LONGEST = 100  # characters


def phrases_kind(name: str, title: str, shipped: Mapping[str, str]) -> Kind:
    """A kind of settings that is a table of phrases."""
    return Kind(name, title, lambda: {PHRASES: dict(shipped)}, _check, called=lambda _part: title)


def _check(_before: Contents, after: Contents) -> None:
    table = after[PHRASES]
    if not isinstance(table, Mapping) or len(table) > _MOST:
        raise SettingRefused(f"一行写一个说法，最多 {_MOST} 行。", PHRASES)
    for phrase, advice in table.items():
        if len(str(phrase)) < 2 or not str(advice).strip():
            raise SettingRefused(f"“{phrase}”写得不对：说法至少两个字，冒号后面要写该怎么写。", PHRASES)
        if len(str(phrase)) > _LONGEST or len(str(advice)) > _LONGEST:
            raise SettingRefused(f"“{str(phrase)[:20]}”这一行太长了，说法和写法各最多 {_LONGEST} 个字。", PHRASES)


@dataclass(slots=True)
class Phrases:
    """The phrases this process looks for: those of the file, until it follows what is set."""

    file: Mapping[str, str]
    now: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.file

    def use(self, contents: Contents) -> None:
        """Look for these from now on."""
        self.now = contents[PHRASES]
