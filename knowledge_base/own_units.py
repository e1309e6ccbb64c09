"""Whose entries somebody deals with: people of a unit with those it issues, the hotline's with all."""

from collections.abc import Callable, Collection, Iterable, Mapping

from sqlalchemy import Connection

from service.identity.roles import UNIT_ROLES, Actor, Role

UnitNames = Callable[[Connection, Collection[str]], Mapping[str, str]]
"""The names of some units by their codes: an entry names who issues it, an account belongs to codes."""


def unnamed(_connection: Connection, _codes: Collection[str]) -> Mapping[str, str]:
    """Where no names are known, a unit has only the entries that name its code."""
    return {}


def own_units(connection: Connection, actor: Actor, by: Iterable[Role], names: UnitNames) -> frozenset[str] | None:
    """The units whose entries somebody may deal with, as entries name them; None: every unit's.

    Args:
        by: the roles that allow it: those of a unit allow it for its own entries, the others for all.
    """
    if actor.is_any(*(set(by) - UNIT_ROLES)):
        return None
    known = names(connection, actor.units)
    return frozenset(known.get(code, code) for code in actor.units)
