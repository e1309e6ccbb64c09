"""Trackers are made, copied and described without Python's slow general ways of copying, and without replays.

A turn makes about eight, each with a copy of every slot, and most by doing again all that happened in the dialogue.
"""

import types
from collections import deque
from typing import Any

from rasa.shared.core import trackers
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop

from bot.fast_paths.replacing import FastPath

_PLAIN = frozenset(
    {
        ActionExecuted,
        ActionExecutionRejected,
        BotUttered,
        DefinePrevUserUtteredFeaturization,
        FollowupAction,
        LoopInterrupted,
        SlotSet,
        UserUttered,
    }
)
"""Events that take nothing back; those of a class derived from these are another matter."""
_COPIED = _PLAIN | {ActiveLoop, SessionStarted}

_copy = DialogueStateTracker.copy
_applied = DialogueStateTracker.applied_events


def copied(slot: Slot) -> Slot:
    """As `copy.copy`."""
    new = object.__new__(type(slot))
    new.__dict__.update(slot.__dict__)
    return new


def described(form: TrackerActiveLoop) -> dict[str, Any]:
    """As `dataclasses.asdict`, but the message that opened the form is not copied: actions only read it."""
    values: dict[str, Any] = vars(form)
    return values.copy()


def copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """As `DialogueStateTracker.copy`."""
    if type(self) is not DialogueStateTracker or any(type(event) not in _COPIED for event in self.events):
        return _copy(self)
    new: DialogueStateTracker = object.__new__(DialogueStateTracker)
    new.__dict__.update(self.__dict__)
    new.events = self.events.copy()
    new.slots = {name: copied(slot) for name, slot in self.slots.items()}
    new.active_loop = self.active_loop and TrackerActiveLoop(**vars(self.active_loop))
    new.followup_action = _ordered(self.events)
    new.model_id = new.assistant_id = new.sender_source = None  # as in Rasa's copies
    return new


def _ordered(events: deque[Event]) -> str | None:
    """The action that was ordered last; Rasa's copies forget whether it has been begun."""
    for event in reversed(events):
        if isinstance(event, (ActionExecuted, UserUttered)):
            return None
        if isinstance(event, FollowupAction):
            name: str = event.action_name
            return name
        if isinstance(event, SessionStarted):
            break
    return str(ACTION_LISTEN_NAME)


def applied_events(self: DialogueStateTracker) -> list[Event]:
    """As `DialogueStateTracker.applied_events`, where no form is filled and nothing is taken back."""
    start = 0
    for place, event in enumerate(self.events, 1):
        if type(event) is SessionStarted:
            start = place
        elif type(event) not in _PLAIN and (type(event) is not ActiveLoop or event.name):
            applied: list[Event] = _applied(self)
            return applied
    return list(self.events)[start:]


FAST_PATHS = (
    FastPath(DialogueStateTracker, "copy", copy),
    FastPath(DialogueStateTracker, "applied_events", applied_events),
    FastPath(trackers, "copy", types.SimpleNamespace(copy=copied)),
    FastPath(trackers, "dataclasses", types.SimpleNamespace(asdict=described)),
)
