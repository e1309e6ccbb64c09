"""Trackers are made, copied and described without Python's slow general ways of copying.

A turn makes about eight, each with a copy of every slot.
"""

import types
from typing import Any

from rasa.shared.core import trackers
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import TrackerActiveLoop

from bot.fast_paths.replacing import FastPath


def copied(slot: Slot) -> Slot:
    """As `copy.copy`."""
    new = object.__new__(type(slot))
    new.__dict__.update(slot.__dict__)
    return new


def described(form: TrackerActiveLoop) -> dict[str, Any]:
    """As `dataclasses.asdict`, but the message that opened the form is not copied: actions only read it."""
    values: dict[str, Any] = vars(form)
    return values.copy()


FAST_PATHS = (
    FastPath(trackers, "copy", types.SimpleNamespace(copy=copied), {}),
    FastPath(trackers, "dataclasses", types.SimpleNamespace(asdict=described), {}),
)
