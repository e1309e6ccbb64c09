"""How pages of settings keep what was typed: in the store of its kind, and followed by this process at once."""

from collections.abc import Mapping
from datetime import datetime

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


async def version_of(visit: Visit, kind: str, part: str) -> int:
    """The number of the newest version of a part, for the form that changes it; 0 before the first."""
    return await visit.office.database.read(lambda connection: last_version(connection, kind, part))
