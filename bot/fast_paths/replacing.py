"""Puts fast paths in the place of what they stand for in Rasa, and takes them away again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FastPath:
    """A name in a class or module of Rasa, and what stands there instead."""

    owner: Any
    name: str
    instead: Any


_before: list[tuple[Any, str, Any]] = []


def put(paths: Sequence[FastPath]) -> None:
    """Put all in place; safe to call again."""
    if _before:
        return
    for path in paths:
        _before.append((path.owner, path.name, vars(path.owner)[path.name]))
        setattr(path.owner, path.name, path.instead)


@contextmanager
def without() -> Iterator[None]:
    """Rasa as it came, for comparing with it."""
    ours = [(owner, name, vars(owner)[name]) for owner, name, _ in _before]
    _set(_before)
    try:
        yield
    finally:
        _set(ours)


def _set(attributes: Sequence[tuple[Any, str, Any]]) -> None:
    for owner, name, value in attributes:
        setattr(owner, name, value)
