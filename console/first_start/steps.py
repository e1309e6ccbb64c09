"""The steps of the first start, and how far an installation has come with them.

A step is done when the installation shows it, or when the administrator said so; it can be left out, and is found
again. Nothing here is a setting: each step shows the page or verb that does the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import yaml
from sqlalchemy import Connection

from console.first_start.marks import PUT_AWAY, Mark, marks_within
from console.first_start.samples import shipped
from console.office import Office
from service.identity.accounts import Wanted, found
from service.identity.roles import Role
from service.running_settings import GROUPS, RUNNING
from tickets.deadlines.missing_years import missing_years
from tickets.units import SAMPLE, directory

NAMES = next(group for group in GROUPS if group.name == "hotline")
"""The settings of the first step."""


_LOOKED_AT = 20  # accounts; there are never so many administrators


class Standing(StrEnum):
    """How far a step has come."""

    OPEN = "open"
    DONE = "done"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up.

    Attributes:
        about: what it is for, and what happens without it.
        seen: a unit of work: whether the installation shows that it was done.
    """

    key: str
    title: str
    about: str
    seen: Callable[[Office], Callable[[Connection], bool]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first start has come.

    Attributes:
        put_away: nobody is to be reminded of what is left.
    """

    standings: Mapping[str, Standing]
    put_away: bool

    @property
    def left(self) -> tuple[Step, ...]:
        """What nobody has looked at yet, in order."""
        return tuple(step for step in STEPS if self.standings[step.key] is Standing.OPEN)


def progress(office: Office) -> Callable[[Connection], Progress]:
    """A unit of work: how far every step has come."""

    def work(connection: Connection) -> Progress:
        said = marks_within(connection)
        standings = {step.key: _standing(step, said, office, connection) for step in STEPS}
        return Progress(standings, PUT_AWAY in said)

    return work


def after(step: Step) -> Step | None:
    """The step that comes next; None after the last."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def _standing(step: Step, said: Mapping[str, Mark], office: Office, connection: Connection) -> Standing:
    mark = said.get(step.key)
    if mark is Mark.DONE or step.seen(office)(connection):
        return Standing.DONE
    return Standing.LEFT_OUT if mark is Mark.LEFT_OUT else Standing.OPEN


def _names_set(office: Office) -> Callable[[Connection], bool]:
    """Whether somebody has changed a name, here or where the machines are run."""
    store, fixed = office.changeable.stores[RUNNING], office.changeable.running.fixed
    names = {each.name for each in NAMES.settings}

    def work(connection: Connection) -> bool:
        contents, shipped = store.contents_within(connection, office.clock()), store.kind.shipped()
        return bool(names & fixed) or any(contents[name] != shipped[name] for name in names)

    return work


def _own_units(_office: Office) -> Callable[[Connection], bool]:
    return lambda connection: any(unit.name not in _sample_units() for unit in directory(connection))


@cache
def _sample_units() -> frozenset[str]:
    return frozenset(each["name"] for each in yaml.safe_load(SAMPLE.read_text(encoding="utf-8")))


def _colleagues(_office: Office) -> Callable[[Connection], bool]:
    first = found(Wanted(disabled=False), _LOOKED_AT)
    return lambda connection: any(each.roles != {Role.ADMINISTRATOR} for each in first(connection))


def _holidays(office: Office) -> Callable[[Connection], bool]:
    return lambda connection: not missing_years(office.clock())(connection)


def _own_entries(office: Office) -> Callable[[Connection], bool]:
    return lambda _connection: any(entry.slug not in shipped() for entry in office.knowledge.stored())


def _only_by_saying_so(_office: Office) -> Callable[[Connection], bool]:
    return lambda _connection: False


STEPS = (
    Step("hotline", "热线的名称和电话", "市民在网页、微信和短信里看到的都是它。", _names_set),
    Step("units", "承办单位", "工单派给谁。现在是示例区的单位，可以先用着。", _own_units),
    Step("accounts", "同事的账号", "谁接电话、谁写知识、谁派单。一个人可以有几个角色。", _colleagues),
    Step("calendars", "放假安排", "时限按工作日算，少了一年就只能按周末推。", _holidays),
    Step("channels", "微信和短信", "没有它们，市民要回到网页才知道进展。", _only_by_saying_so),
    Step("knowledge", "知识库", "现在是示例区的条目，可以留着练手，也可以换成自己的。", _own_entries),
    Step("try", "问一句试试", "像市民那样问，看看答得对不对。", _only_by_saying_so),
)
"""In the order in which they are walked."""

BY_KEY: Mapping[str, Step] = {step.key: step for step in STEPS}
