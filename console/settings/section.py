"""What a page of settings tells the overview about itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

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


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a setting, as the overview tells it.

    Attributes:
        at: when it was made; of one that is to come, when it counts.
        path: below /console; where more of it is read.
    """

    at: datetime
    actor: str
    title: str
    path: str
    note: str


def _none(_office: Office) -> Iterable[Entry]:
    return ()


def _no_changes(_limit: int) -> Callable[[Connection], list[Changed]]:
    return lambda _connection: []


def _nothing_to_come(_connection: Connection) -> list[Changed]:
    return []


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the overview.

    Attributes:
        path: below /console.
        rights: those of its page; who has them sees the section.
        kinds: names of the kinds of settings changed there (`service.kept.kind`), for what was changed last.
        group: the heading of the overview it stands under.
        entries: what can be set there, each by itself; the section's own title and words are found in any case.
        latest: what was changed there last, the newest first, where that is not kept as `kinds`.
        coming: what is to change there on a day, likewise.
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
    latest: Callable[[int], Callable[[Connection], list[Changed]]] = _no_changes
    coming: Callable[[Connection], list[Changed]] = _nothing_to_come
