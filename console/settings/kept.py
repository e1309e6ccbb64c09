"""How pages of settings keep what was typed: in the store of its kind, and followed by this process at once."""

from collections.abc import Mapping
from datetime import datetime

from console.forms import Form
from console.visit import Visit
from service.kept.kind import Contents
from service.kept.versions import SettingsVersion, last_version


async def keep(
    visit: Visit,
    kind: str,
    contents: Contents,
    note: str,
    begins: datetime | None,
    replaces: Mapping[str, int] | None = None,
) -> list[SettingsVersion]:
    """Change parts of a kind of settings; what was written, nothing where it is as it was.

    Raises:
        Kind.refused: see `KeptSettings.change`.
    """
    changeable = visit.office.changeable
    written = await changeable.stores[kind].change(
        visit.actor, contents, note=note, effective_from=begins, replaces=replaces
    )
    await changeable.following.look()
    return written


def replaced(form: Form, part: str) -> Mapping[str, int] | None:
    """The version of a part that a form was filled with (`seen`, see `version_of`): no newer one is written over."""
    seen = form.number("seen")
    return None if seen is None else {part: seen}


async def version_of(visit: Visit, kind: str, part: str) -> int:
    """The number of the newest version of a part, for the form that changes it; 0 before the first."""
    return await visit.office.database.read(lambda connection: last_version(connection, kind, part))
