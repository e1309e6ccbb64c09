"""Everyday words for official ones, from `synonyms.yml`."""

from functools import cache, lru_cache
from pathlib import Path

import yaml

from knowledge_base.text import normalise

_FILE = Path(__file__).parent / "synonyms.yml"


@cache
def _groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    table: dict[str, list[str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple((normalise(official), tuple(map(normalise, words))) for official, words in table.items())


@lru_cache(maxsize=65536)
def concepts(text: str) -> tuple[str, ...]:
    """A token for each official word that a normalised text names or means."""
    return tuple(
        f"={official}" for official, words in _groups() if official in text or any(word in text for word in words)
    )
