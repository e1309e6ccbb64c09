"""What stands in for parts of Rasa does what they do, and was written for the Rasa that is installed."""

import ast
import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.actions import action
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import ActionNotFoundException, Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig
from same_conversations import CONVERSATIONS

from bot import fast_paths
from bot.fast_paths.replacing import without

FIXED = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None, "derandomize": True}
FINGERPRINTS = Path(__file__).with_name("rasa_fingerprints.json")

INTENTS = ("greet", "ask_policy", "ask_fee", "complain", "affirm", "cancel", "emergency", "nlu_fallback", "restart", "")
ACTIONS = (
    "action_listen",
    "action_greet",
    "action_answer_question",
    "action_start_ticket",
    "action_submit_ticket",
    "utter_bot_identity",
    "ticket_form",
    "verify_form",
)
FORMS = ("ticket_form", "verify_form", None)

events = st.one_of(
    st.builds(
        lambda intent, text: UserUttered(text, {"name": intent} if intent else {}, [{"entity": "entry", "value": "x"}]),
        st.sampled_from(INTENTS),
        st.sampled_from(("您好", "", None)),
    ),
    st.builds(ActionExecuted, st.sampled_from(ACTIONS)),
    st.builds(ActiveLoop, st.sampled_from(FORMS)),
    st.builds(ActionExecutionRejected, st.sampled_from(("ticket_form", "action_greet"))),
    st.builds(SlotSet, st.sampled_from(("requested_slot", "matter", "note_purpose")), st.sampled_from((None, "a"))),
    st.builds(FollowupAction, st.sampled_from(ACTIONS)),
    st.builds(LoopInterrupted, st.booleans()),
    st.builds(DefinePrevUserUtteredFeaturization, st.booleans()),
    st.builds(BotUttered, st.just("您好")),
    st.builds(SessionStarted),
)
taken_back = st.sampled_from((ActionReverted, UserUtteranceReverted, Restarted, AllSlotsReset, ConversationPaused))
heard = st.builds(
    lambda intent: [ActionExecuted("action_listen"), UserUttered("话", {"name": intent})], st.sampled_from(INTENTS)
)
dialogues = st.lists(
    st.one_of(events.map(lambda event: [event]), heard, taken_back.map(lambda kind: [kind()])), max_size=8
)


@pytest.fixture(scope="session")
def processor(parts):
    return parts.assistant._current()[0]


@pytest.fixture(scope="session")
def policy(processor):
    nodes = processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, RulePolicy))


def tracker_of(domain, dialogue):
    tracker = DialogueStateTracker("c1", domain.slots)
    tracker.model_id = "model"
    for event in (
        ActionExecuted("action_session_start"),
        SessionStarted(),
        *(event for some in dialogue for event in some),
    ):
        tracker.update(event, domain)
    return tracker


def state_of(tracker):
    """All that a tracker holds, in a form that can be compared."""
    held = dict(vars(tracker))
    held["slots"] = {name: (type(slot), vars(slot)) for name, slot in tracker.slots.items()}
    held["active_loop"] = tracker.active_loop and vars(tracker.active_loop)
    held["events"] = [id(event) for event in tracker.events]
    return held


@given(dialogues)
@settings(max_examples=150, **FIXED)
def test_rules_predict_what_rasa_predicts_wherever_a_dialogue_stands(processor, policy, dialogue):
    tracker = tracker_of(processor.domain, dialogue)

    with without():
        expected = policy._predict(tracker, processor.domain)

    assert policy._predict(tracker, processor.domain) == expected


@pytest.mark.parametrize("table", [RULES, RULES_FOR_LOOP_UNHAPPY_PATH])
def test_the_same_rules_fit_every_state_that_any_rule_names(policy, table):
    lookup = policy.lookup[table]
    known = [json.loads(key) for key in (*policy.lookup[RULES], *policy.lookup[RULES_FOR_LOOP_UNHAPPY_PATH])]
    longer = [[*states, *others] for states, others in zip(known, known[7:], strict=False)]
    unheard = [[*states[:-1], {part: said for part, said in states[-1].items() if part != "user"}] for states in known]

    for states in (*known, *longer, *unheard, []):
        with without():
            expected = policy._get_possible_keys(lookup, states)
        assert policy._get_possible_keys(lookup, states) == expected, states


def test_rules_of_another_table_are_never_taken_for_these(policy):
    states = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "greet"}}]
    assert policy._get_possible_keys(policy.lookup[RULES], states)
    assert policy._get_possible_keys(dict.fromkeys(["[]"], "action_greet"), states) == {"[]"}
    assert policy._get_possible_keys({}, states) == set()


@given(dialogues)
@settings(max_examples=150, **FIXED)
def test_a_tracker_is_copied_as_by_doing_all_again(processor, dialogue):
    tracker = tracker_of(processor.domain, dialogue)

    with without():
        expected = tracker.copy()

    copied = tracker.copy()
    assert state_of(copied) == state_of(expected)
    copied.update(SlotSet("matter", "another"))
    copied.update(ActiveLoop("note_form"))
    assert tracker.get_slot("matter") != "another"
    assert tracker.active_loop_name != "note_form"
    assert len(copied.events) == len(tracker.events) + 2


@given(dialogues)
@settings(max_examples=150, **FIXED)
def test_a_tracker_tells_the_same_of_itself(processor, dialogue):
    tracker = tracker_of(processor.domain, dialogue)

    with without():
        expected = tracker.current_state(EventVerbosity.ALL), tracker.applied_events()

    assert (tracker.current_state(EventVerbosity.ALL), tracker.applied_events()) == expected


def test_events_are_found_by_their_names():
    names = {kind.type_name for kind in all_subclasses(Event)}
    with without():
        expected = {name: Event.resolve_by_type(name) for name in names}

    assert {name: Event.resolve_by_type(name) for name in names} == expected
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("unheard-of", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="unheard-of"):
        Event.resolve_by_type("unheard-of")


def test_every_action_of_the_domain_is_made_as_rasa_makes_it(processor):
    domain, endpoint = processor.domain, EndpointConfig("http://actions.example")
    for name in domain.action_names_or_texts:
        with without():
            expected = action.action_for_name_or_text(name, domain, endpoint)
        made = action.action_for_name_or_text(name, domain, endpoint)
        assert type(made) is type(expected)
        assert made.name() == expected.name() == name
        assert getattr(made, "action_endpoint", endpoint) is endpoint
    with pytest.raises(ActionNotFoundException):
        action.action_for_name_or_text("action_unheard_of", domain, endpoint)


SLOT_FROM_TEXT = """
version: "3.1"
intents: [greet]
slots:
  words: {type: text, mappings: [{type: from_text}]}
  other: {type: any, mappings: [{type: custom}]}
"""


async def test_slots_that_rasa_fills_are_filled(processor):
    message = [ActionExecuted("action_listen"), UserUttered("您好", {"name": "greet"})]
    domain = Domain.from_yaml(SLOT_FROM_TEXT)

    filled = await ActionExtractSlots(None).run(None, None, tracker_of(domain, [message]), domain)
    assert filled == [SlotSet("words", "您好")]

    domain = processor.domain  # actions fill all of ours
    tracker = tracker_of(domain, [message])
    with without():
        assert await ActionExtractSlots(None).run(None, None, tracker, domain) == []
    assert await ActionExtractSlots(None).run(None, None, tracker, domain) == []


def test_a_models_graph_gives_what_rasas_runner_gives(processor):
    runner, tracker = processor.graph_runner, tracker_of(processor.domain, [])
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered("您好", {"name": "greet"}))
    inputs, target = {"__tracker__": tracker}, processor.model_metadata.core_target

    assert runner.run(inputs, [target]) == DaskGraphRunner.run(runner, inputs, [target])


def test_an_empty_domain_is_told_from_ours(processor):
    assert Domain.empty().is_empty()
    assert not processor.domain.is_empty()


async def test_conversations_go_as_with_rasa_itself(parts):
    from bot.assistant import Incoming, new_id

    async def held():
        replies = []
        for conversation in CONVERSATIONS:
            ours = new_id()
            for text in conversation:
                if text == "你好":  # a greeting names what was asked for most so far
                    continue
                outcome = await parts.assistant.turn(Incoming(ours, "widget", new_id(), text))
                replies.append((text, [reply.body for reply in outcome.replies], await parts.assistant.standing(ours)))
        return [(text, body, standing["loop"], sorted(standing["slots"])) for text, body, standing in replies]

    with without():
        expected = await held()

    assert await held() == expected


# Whether the installed Rasa is the one that the fast paths were written for.


@cache
def parsed(module):
    return ast.parse(Path(importlib.util.find_spec(module).origin).read_text(encoding="utf-8"))


def fingerprint(name):
    """Of the code of `module:name`; for a name that is imported there, of the functions that use it."""
    module, _, path = name.partition(":")
    found = [parsed(module)]
    for step in path.split("."):
        found = [
            node
            for scope in found
            for node in scope.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name == step
        ]
    if not found:
        functions = [
            node for node in ast.walk(parsed(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        found = [each for each in functions if any(isinstance(n, ast.Name) and n.id == path for n in ast.walk(each))]
    return hashlib.sha256("".join(map(ast.dump, found)).encode()).hexdigest()[:12]


def test_the_installed_rasa_is_the_one_the_fast_paths_were_written_for():
    written_for = json.loads(FINGERPRINTS.read_text())
    changed = {name: fingerprint(name) for name in written_for if fingerprint(name) != written_for[name]}

    assert not changed, f"compare each with what bot/fast_paths does, then note its fingerprint: {changed}"


def test_every_fast_path_notes_what_it_was_written_for():
    written_for = json.loads(FINGERPRINTS.read_text())
    for path in fast_paths.FAST_PATHS:
        owner = path.owner
        name = (
            f"{owner.__module__}:{owner.__name__}.{path.name}"
            if isinstance(owner, type)
            else f"{owner.__name__}:{path.name}"
        )
        assert name in written_for


def test_slots_have_no_way_of_copying_of_their_own():
    assert not [kind for kind in (Slot, *all_subclasses(Slot)) if hasattr(kind, "__copy__")]
