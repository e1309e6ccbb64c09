"""The table of page × role, drawn from the declared routes: `python -m console.rights_table docs/console.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from console.areas import AREAS
from console.rights import Rights, Stage
from service.identity.roles import Actor, Role

_BEGIN, _END = "<!-- rights -->\n", "<!-- /rights -->"
_BEFORE = {Stage.NOBODY: "anyone", Stage.CODE_OWED: "password given", Stage.CHANGE_OWED: "signed in"}


def rights_table() -> str:
    """A line for each route: who may."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "| page | address | " + " | ".join(role.label for role in Role) + " |"
    yield "|---|---|" + ":-:|" * len(Role)
    for area in AREAS:
        for route in area.routes:
            address = f"`{route.method} /console{route.path}`"
            yield f"| {route.title} | {address} | " + " | ".join(_mark(route.rights, role) for role in Role) + " |"


def _mark(rights: Rights, role: Role) -> str:
    if rights.stage in _BEFORE:
        return _BEFORE[rights.stage]
    return "✓" if rights.allow(Actor("somebody", frozenset({role}))) else ""


def main(file: Path) -> None:
    """Write the table anew between its marks."""
    text = file.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    file.write_text(f"{before}{_BEGIN}{rights_table()}{_END}{rest.split(_END)[1]}", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
