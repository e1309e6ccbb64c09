"""What an area of the console brings: its routes, its places in the rail, what it finds, and what needs somebody now.

All of it is data, gathered in `console.areas`, so the rail, the start page, the table of rights in
docs/console.md and the test of every route follow from the declarations alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import Connection

from console.rights import Rights
from service.identity.roles import Actor

if TYPE_CHECKING:
    from console.office import Office
    from console.visit import Visit

Handler = Callable[["Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the console.

    Attributes:
        path: below /console, as aiohttp writes it: /tickets/{number}.
        title: the page or deed, in the table of rights.
        largest: bytes a request may have.
        watches: a page asks it by itself for news, so it keeps nobody signed in, and answers 401 and not a page.
    """

    method: str
    path: str
    rights: Rights
    handler: Handler
    title: str
    largest: int = 1 << 20
    watches: bool = False


@dataclass(frozen=True, slots=True)
class RailItem:
    """A place in the rail; whoever may GET its path sees it.

    Attributes:
        icon: a name in templates/macros.html.
        need: the key of the `Need` whose count stands beside it.
        about: what one does there, on the start page.
    """

    title: str
    icon: str
    path: str
    need: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that may wait for somebody: a block of the start page, and the number in the rail.

    Attributes:
        title: what waits, after its number: 条待复核.
        path: where it is done; whoever may GET it is asked about.
        count: a unit of work that counts it for one member of staff. It runs for everybody twice a minute: make it
            an indexed count, and bound it. None where the area counts several at once.
        urgent: what waits is late already, or dangerous: it stands first and is marked.
    """

    key: str
    title: str
    path: str
    count: Callable[["Office", Actor], Callable[[Connection], int]] | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """A figure to be known at a glance, on the start page of whoever may GET its path.

    Attributes:
        title: what it counts: 今天登记的工单.
        count: as of a `Need`.
    """

    title: str
    path: str
    count: Callable[["Office", Actor], Callable[[Connection], int]]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a search found."""

    title: str
    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """What an area adds to the search of the top bar.

    Attributes:
        find: a unit of work that gives at most a handful, the best first; it sees to the rights itself. It looks by
            index only: there may be a million of what it looks for.
        by: by what it finds, as the page says it: 工单编号、上级编号.
    """

    title: str
    rights: Rights
    find: Callable[["Office", Actor, str], Callable[[Connection], list[Found]]]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Something every page shows in the top bar, as whether an agent takes calls.

    It is drawn on each page, so what it shows comes from its script, which asks a route that `watches`.

    Attributes:
        template: its few lines of HTML.
        script: the name of its module in static/.
    """

    template: str
    script: str
    rights: Rights


@dataclass(frozen=True, slots=True)
class Area:
    """All that one area brings.

    Attributes:
        counts: a unit of work that counts all that may wait for one member of staff and has no count of its own, by
            key, in as few questions as it takes.
    """

    routes: tuple[Route, ...]
    rail: tuple[RailItem, ...] = ()
    needs: tuple[Need, ...] = ()
    counts: Callable[["Office", Actor], Callable[[Connection], Mapping[str, int]]] | None = None
    glances: tuple[Glance, ...] = ()
    finders: tuple[Finder, ...] = ()
    status: Status | None = None
