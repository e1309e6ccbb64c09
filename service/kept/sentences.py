"""Sentences as settings: each is a part, and what may stand in its braces is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter

from service.kept.kind import Contents, Kind, SettingRefused

_LIMIT = 600  # characters


class BracesRefused(ValueError):
    """The braces of a sentence do not match."""


def names_in(text: str) -> frozenset[str]:
    """What stands in the braces of a sentence.

    Raises:
        BracesRefused: they do not match, or hold more than a name.
    """
    try:
        found = list(Formatter().parse(text))
    except ValueError as error:
        raise BracesRefused from error
    if any(name is not None and (not name.isidentifier() or form or turned) for _, name, form, turned in found):
        raise BracesRefused
    return frozenset(name for _, name, _, _ in found if name is not None)


def sentences(
    name: str,
    title: str,
    shipped: Mapping[str, str],
    *,
    also: Iterable[str] = (),
    called: Callable[[str], str] = str,
) -> Kind:
    """A kind of settings whose parts are sentences.

    Args:
        shipped: as the product, or the installation's own file, has them. Where a name stands in the braces of one of
            these, it may in what takes its place.
        also: names that may stand in any of them.
    """
    known = {part: names_in(text) | frozenset(also) for part, text in shipped.items()}

    def check(_before: Contents, after: Contents) -> None:
        for part in after.keys() & known.keys():
            check_sentence(part, called(part), after[part], known[part])

    return Kind(name, title, lambda: shipped, check, called=called)


def check_sentence(part: str, title: str, text: object, known: frozenset[str]) -> None:
    """Refuse what cannot be said.

    Raises:
        SettingRefused: it is empty or too long, its braces do not match, or hold what is not known there.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > _LIMIT:
        raise SettingRefused(f"“{title}”要写内容，最多 {_LIMIT} 个字；不想改，就点“用自带的”。", part)
    try:
        unknown = sorted(names_in(text) - known)
    except BracesRefused as refused:
        raise SettingRefused(f"“{title}”里的花括号没有配对，或者括号里不是名字。", part) from refused
    if unknown:
        usable = "、".join(f"{{{each}}}" for each in sorted(known)) or "这句话里不能用"
        raise SettingRefused(f"“{title}”里不能写 {{{unknown[0]}}}。可以用的：{usable}。", part)


@dataclass(slots=True)
class Spoken:
    """The sentences of a kind as this process says them: those of the file, until it follows what is set."""

    file: Mapping[str, str]
    now: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.file

    def use(self, contents: Contents) -> None:
        """Say these from now on."""
        self.now = {part: contents[part] for part in self.file}

    def __getitem__(self, part: str) -> str:
        return self.now[part]
