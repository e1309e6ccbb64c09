"""What a page of settings tells the overview about itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console.office import Office
from console.rights import Rights


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be set, for the search of the overview.

    Attributes:
        path: below /console; where it is set.
        words: what else people may look for it by.
    """

    title: str
    path: str
    words: str = ""


def _none(_office: Office) -> Iterable[Entry]:
    return ()


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the overview.

    Attributes:
        path: below /console.
        rights: those of its page; who has them sees the section.
        kinds: names of the kinds of settings changed there (`service.kept.kind`), for what was changed last.
        group: the heading of the overview it stands under.
        entries: what can be set there, each by itself; the section's own title and words are found in any case.
    """

    title: str
    about: str
    path: str
    rights: Rights
    icon: str = "settings"
    kinds: tuple[str, ...] = ()
    words: str = ""
    entries: Callable[[Office], Iterable[Entry]] = _none
    group: str = "工单和单位"
