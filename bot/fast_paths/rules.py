"""The rules that could fit a dialogue are looked up, where Rasa tries all of them.

A turn asks for rules about six times, and each time Rasa compares every rule with the dialogue's states. But most
rules name in their last state the action before and the citizen's intent: others than these cannot fit.
"""

import json
from collections import defaultdict
from itertools import product
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from bot.fast_paths.replacing import FastPath

Demand = tuple[str | None, str | None]
"""The action before and the intent; None where it may be any, or none."""

_possible_keys = RulePolicy._get_possible_keys
_find = RulePolicy._find_action_from_rules
_predict = RulePolicy._predict


class RuleIndex:
    """The rules of one look-up table by what their last state demands."""

    def __init__(self, lookup: dict[str, str]) -> None:
        self.lookup = lookup
        self._rules: defaultdict[Demand, dict[str, str]] = defaultdict(dict)
        for key, action in lookup.items():
            self._rules[_demand(json.loads(key))][key] = action

    def could_fit(self, state: State) -> dict[str, str]:
        """The rules that a dialogue in this state might fit; no other does."""
        action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
        intent = state.get(USER, {}).get(INTENT)
        demands = set(product((action, None), (intent, None)))
        return {key: said for demand in demands for key, said in self._rules.get(demand, {}).items()}


def _demand(states: list[State]) -> Demand:
    last = states[-1] if states else {}
    action = last.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    if not last.get(PREVIOUS_ACTION):  # where a conversation begins, Rasa looks no further
        return None, None
    intent = last.get(USER, {}).get(INTENT)
    return _named(action), _named(intent)


def _named(value: Any) -> str | None:
    return value if isinstance(value, str) and value and value != SHOULD_NOT_BE_SET else None


def possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """As `RulePolicy._get_possible_keys`."""
    if not states:
        return set(lookup)
    return set(_possible_keys(self, _index(self, lookup).could_fit(states[-1]), states))


def _index(policy: RulePolicy, lookup: dict[str, str]) -> RuleIndex:
    """A policy's index over a table; Rasa replaces its tables, and never changes one."""
    indexes: dict[int, RuleIndex] = policy.__dict__.setdefault("_indexes", {})
    index = indexes.get(id(lookup))
    if index is None or index.lookup is not lookup:
        index = indexes[id(lookup)] = RuleIndex(lookup)
    return index


def find_action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> tuple[str | None, str | None, bool]:
    """As `RulePolicy._find_action_from_rules`; where no rule asks for words, words are not looked at."""
    if use_text_for_last_user_input and not tracker.active_loop_name:
        before = {PREVIOUS_ACTION: {ACTION_NAME: tracker.latest_action_name}}
        if not _index(self, self.lookup[RULES]).could_fit(before):
            return None, None, False
    found: tuple[str | None, str | None, bool] = _find(self, tracker, domain, use_text_for_last_user_input)
    return found


def predict(self: RulePolicy, tracker: DialogueStateTracker, domain: Domain) -> tuple[PolicyPrediction, str | None]:
    """As `RulePolicy._predict`, which works out what the rules say also where an open form decides alone."""
    if self._find_action_from_default_actions(tracker)[0] is None:
        form, source = self._find_action_from_loop_happy_path(tracker)
        if form:
            chances = self._prediction_result(form, tracker, domain)
            return self._rule_prediction(chances, source, is_no_user_prediction=True), source
    predicted: tuple[PolicyPrediction, str | None] = _predict(self, tracker, domain)
    return predicted


def format_tracker_states(_states: list[State]) -> str:
    """Nothing: Rasa writes them to a debug log, which stays closed since they hold what citizens said."""
    return ""


FAST_PATHS = (
    FastPath(RulePolicy, "_get_possible_keys", possible_keys),
    FastPath(RulePolicy, "_find_action_from_rules", find_action_from_rules),
    FastPath(RulePolicy, "_predict", predict),
    FastPath(Policy, "format_tracker_states", staticmethod(format_tracker_states)),
)
