"""What each rate counts, as the city writes it: YAML over the facts of a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tickets.deadlines.document import Section, read_yaml
from tickets.deadlines.refused import TimeSettingsRefused

SHIPPED = Path(__file__).parent / "indicators.yml"
_FIELDS = ("name", "label", "unit", "below", "above", "without", "adjusted")
_UNITS = ("lead", "asked")
_LARGEST_SMALL = 1000


class IndicatorsRefused(Exception):
    """The definitions cannot be taken like this; the message says where and why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Said:
    """A fact that holds, or one that does not."""

    fact: str
    holds: bool = True


Condition = tuple[tuple[Said, ...], ...]
"""All of these have to be met, each by one of its alternatives."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not counted, and why."""

    fact: str
    because: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A rate.

    Attributes:
        unit: whose it is where units are compared: `lead`, or `asked`, the unit a ticket was first given to.
        below: which tickets it is of.
        above: which of these are what it says.
        without: which of `below` are not counted at all.
        adjusted: which are not counted in the adjusted rate either.
    """

    name: str
    label: str
    unit: str
    below: Condition
    above: Condition
    without: tuple[LeftOut, ...]
    adjusted: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """All rates, and below how many cases a rate says nothing."""

    indicators: tuple[Indicator, ...]
    smallest: int


def read_definitions(text: str, facts: Collection[str]) -> Definitions:
    """The definitions of a YAML text.

    Args:
        facts: the names conditions may speak of.

    Raises:
        IndicatorsRefused: they cannot be taken; the message names the line and says what to do.
    """
    try:
        document = Section(read_yaml(text), "指标文件")
        document.only(("smallest", "indicators"))
        found = [
            _indicator(Section(each, f"第 {number} 个指标"), facts)
            for number, each in enumerate(document.items("indicators"), 1)
        ]
        if not found:
            raise document.refused("缺少“indicators”，请至少写一个指标")
        names = [name for each in found for name in (each.name, each.label)]
        if repeated := [name for name in names if names.count(name) > 1]:
            raise document.refused(f"有两个指标都叫“{repeated[0]}”，请改一个名字")
        return Definitions(tuple(found), document.number("smallest", 10, 1, _LARGEST_SMALL))
    except TimeSettingsRefused as refused:
        raise IndicatorsRefused(str(refused)) from refused


def _indicator(section: Section, facts: Collection[str]) -> Indicator:
    section.where = f"指标“{section.text('label')}”{section.line}"
    section.only(_FIELDS)
    unit = section.text("unit") if section.has("unit") else _UNITS[0]
    if unit not in _UNITS:
        raise section.refused(f"“unit”应写 {' 或 '.join(_UNITS)}，现在是“{unit}”")
    return Indicator(
        section.text("name"),
        section.text("label"),
        unit,
        _condition(section, "below", facts),
        _condition(section, "above", facts),
        *(tuple(_left_out(section, name, each, facts) for each in section.items(name)) for name in _FIELDS[-2:]),
    )


def _condition(section: Section, name: str, facts: Collection[str]) -> Condition:
    written = section.items(name)
    if not written:
        raise section.refused(f"缺少“{name}”，请写明条件")
    return tuple(
        tuple(_said(section, name, part.strip(), facts) for part in str(each).split(" or ")) for each in written
    )


def _said(section: Section, name: str, written: str, facts: Collection[str]) -> Said:
    fact = written.removeprefix("not ").strip()
    if fact not in facts:
        raise section.refused(f"“{name}”里的“{written}”不认识，可以写的事实有：{'、'.join(facts)}")
    return Said(fact, holds=not written.startswith("not "))


def _left_out(section: Section, name: str, written: Any, facts: Collection[str]) -> LeftOut:
    part = Section(written, f"{section.where}的 {name}")
    part.only(("fact", "because"))
    return LeftOut(_said(part, "fact", part.text("fact"), facts).fact, part.text("because"))
