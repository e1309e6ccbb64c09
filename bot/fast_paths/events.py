"""The class of an event is found by its name, where Rasa walks through all classes of events for each."""

from functools import cache

from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from bot.fast_paths.replacing import FastPath

_resolve = Event.resolve_by_type


@cache
def _classes() -> dict[str, type[Event]]:
    return {found.type_name: found for found in reversed(all_subclasses(Event))}  # Rasa takes the first


def resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """As `Event.resolve_by_type`."""
    return _classes().get(type_name) or _resolve(type_name, default)


FAST_PATHS = (FastPath(Event, "resolve_by_type", staticmethod(resolve_by_type)),)
