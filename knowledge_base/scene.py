"""Scene values: what a printed code carries for an entry, for our pages and for WeChat's parametric codes alike.

WeChat takes a `scene_str` of 1 to 64 characters. An entry's value follows from its slug alone, which never changes,
so a code that hangs on a wall outlives every new name and version of the matter.
"""

import re
from collections.abc import Iterable
from hashlib import sha256

SCENE_LIMIT = 64  # characters, by WeChat

_READABLE = "kb."
_HASHED = "kh."  # never the beginning of a readable one
_FITTING = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{SCENE_LIMIT - len(_READABLE) - 1}}}")


def scene_of(slug: str) -> str:
    """The scene value of an entry: its slug where WeChat takes it, else a hash of it."""
    if _FITTING.fullmatch(slug):
        return _READABLE + slug
    return _HASHED + sha256(slug.encode()).hexdigest()[:32]


class Scenes:
    """Finds the slug behind a scene value. Only slugs that had to be hashed take room."""

    def __init__(self) -> None:
        self._hashed: dict[str, str] = {}

    def learn(self, slugs: Iterable[str]) -> None:
        """Know these slugs by their scene values from now on."""
        self._hashed |= {scene_of(slug): slug for slug in slugs if not _FITTING.fullmatch(slug)}

    def slug(self, scene: str) -> str | None:
        """The slug a scene value stands for; None where it can be none of ours."""
        if scene.startswith(_READABLE):
            slug = scene.removeprefix(_READABLE)
            return slug if _FITTING.fullmatch(slug) else None
        return self._hashed.get(scene)
