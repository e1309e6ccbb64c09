"""What Rasa's processor does for readers of debug logs only, and what it works out again for each message."""

import types
from typing import Any

from rasa.core import processor
from rasa.core.actions import forms
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.fast_paths.graph_runner import SequentialGraphRunner
from bot.fast_paths.replacing import FastPath

_EMPTY = Domain.empty().as_dict()


def _as_it_is(value: Any, _memo: Any = None) -> Any:
    return value


def is_empty(self: Domain) -> bool:
    """As `Domain.is_empty`, which makes an empty domain to compare with for each message."""
    return bool(self.as_dict() == _EMPTY)


def log_slots(_tracker: DialogueStateTracker) -> None:
    """Nothing: Rasa's debug logs stay closed, since they hold what citizens said."""


_SHALLOW = types.SimpleNamespace(deepcopy=_as_it_is)
FAST_PATHS = (
    FastPath(processor, "DaskGraphRunner", SequentialGraphRunner),
    FastPath(processor, "copy", _SHALLOW),
    FastPath(forms, "copy", _SHALLOW),
    FastPath(Domain, "is_empty", is_empty),
    FastPath(MessageProcessor, "_log_slots", staticmethod(log_slots)),
)
