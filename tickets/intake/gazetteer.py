"""The streets and communities of the district (街道、社区) as data, and how a request is found to be in one of them.

The names are the district's own list and not personal, so they stand in plain columns for reports, lists and portals.
What the list does not have stays in the free text of the place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.misconfigured import Misconfigured
from service.own_file import read_own
from tickets.ticket import Draft

SEED = Path(__file__).with_name("gazetteer.yml")
_NAME_LIMIT = 40


class GazetteerRefused(Misconfigured):
    """The file is no list of streets and communities; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is, as far as names tell.

    Attributes:
        community: None where only the street is known.
    """

    street: str
    community: str | None = None


class Gazetteer:
    """Knows which names lie where."""

    def __init__(self, named: Iterable[tuple[str, Location]]) -> None:
        self._by_name: dict[str, frozenset[Location]] = {}
        for name, location in named:
            self._by_name[name] = self._by_name.get(name, frozenset()) | {location}
        names = sorted(self._by_name, key=len, reverse=True)  # the longest first: 和平里小区 before 和平里
        self._pattern = re.compile("|".join(map(re.escape, names)))

    @classmethod
    def load(cls, own: Path | None = None) -> "Gazetteer":
        """The installation's own file if it is there, else the one that comes with the product.

        Raises:
            GazetteerRefused: see there.
        """
        return cls(_read(read_own(own, SEED, GazetteerRefused)))

    @property
    def streets(self) -> frozenset[str]:
        """The streets of the district."""
        return frozenset(location.street for locations in self._by_name.values() for location in locations)

    def names_like(self, text: str, most: int) -> list[tuple[str, Location]]:
        """Names that hold what was typed, those that begin with it first; a name in several places stands for each."""
        found = [
            (not name.startswith(text), len(name), name, location)
            for name, locations in self._by_name.items()
            if text and text in name
            for location in sorted(locations, key=str)
        ]
        return [(name, location) for _, _, name, location in sorted(found, key=lambda each: each[:3])[:most]]

    def find(self, text: str) -> Location | None:
        """The one place a text names; None where it names none, or several in different streets."""
        named = {location for name in self._pattern.findall(text) for location in self._by_name[name]}
        streets = {location.street for location in named if location.community is None}
        communities = {location for location in named if location.community is not None}
        if streets:  # they tell which of two communities of one name is meant
            communities = {location for location in communities if location.street in streets}
        streets |= {location.street for location in communities}
        if len(streets) != 1:
            return None
        return communities.pop() if len(communities) == 1 else Location(streets.pop())

    def located(self, draft: Draft) -> Draft:
        """A draft with street and community by the names of the list: as given, else as its words tell."""
        given = [name for name in (draft.street, draft.community) if name]
        at = self.find(" ".join(name for name in given if name in self._by_name))
        if at is None or at.community is None:
            place = " ".join((*given, draft.place))
            told = self.find(place) or self.find(f"{place} {draft.description}")
            if at is None or (told is not None and told.street == at.street):
                at = told
        street, community = (None, None) if at is None else (at.street, at.community)
        unsaid = [name for name in given if name not in (street, community) and name not in draft.place]
        return replace(draft, place=" ".join(filter(None, (*unsaid, draft.place))), street=street, community=community)


def _read(content: Any) -> Iterator[tuple[str, Location]]:
    if not isinstance(content, Mapping) or not content:
        raise GazetteerRefused("街道社区名单应是“街道: {社区: [地名]}”这样的结构，不能是空的。")
    for street, below in content.items():
        within = _name(street, "街道")
        yield within, Location(within)
        if not isinstance(below, Mapping):
            raise GazetteerRefused(f"“{within}”下面应写 社区: [地名]；没有社区就写 {{}}。")
        for community, places in below.items():
            location = Location(within, _name(community, f"“{within}”的社区"))
            listed = [] if places is None else places
            if not isinstance(listed, list):
                raise GazetteerRefused(f"“{location.community}”的地名应是一个列表，例如 [和平里小区]；没有就写 []。")
            for name in (location.community, *listed):
                yield _name(name, f"“{location.community}”的地名"), location


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not 2 <= len(name.strip()) <= _NAME_LIMIT:
        raise GazetteerRefused(f"{what}的名称“{name}”不对：要是文字，2 到 {_NAME_LIMIT} 个字。")
    return name.strip()
