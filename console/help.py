"""What “?” says of a page (`help.yml`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Help:
    """What a page is for.

    Attributes:
        keys: its own keys, each with what it does.
    """

    about: str
    keys: Mapping[str, str] = field(default_factory=dict)


@cache
def every_help() -> Mapping[str, Help]:
    """All there is, by the declared path of a route."""
    read = yaml.safe_load((Path(__file__).parent / "help.yml").read_text(encoding="utf-8"))
    return {path: Help(**told) for path, told in read.items()}


def help_for(path: str) -> Help | None:
    """The help of a route: its own, or that of the nearest above it."""
    found = every_help()
    while path:
        if path in found:
            return found[path]
        path = path.rpartition("/")[0]
    return None
