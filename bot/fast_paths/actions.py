"""Actions are made once, and what an action has to look through each time is looked through once."""

from typing import Any

import jsonschema_rs
from rasa.core.actions import action
from rasa.core.actions.action import Action, ActionExtractSlots, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS, DEFAULT_SLOT_NAMES, MAPPING_TYPE, SlotMappingType
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.fast_paths.replacing import FastPath

_action = action.action_for_name_or_text
_extract = ActionExtractSlots.run
_validator = jsonschema_rs.validator_for(RemoteAction.action_response_format_spec())


def validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
    """As `RemoteAction._validate_action_result`, which also checks the schema each time."""
    _validator.validate(result)
    return True


def action_for_name_or_text(name: str, domain: Domain, endpoint: EndpointConfig | None) -> Action:
    """As Rasa's, which makes thirteen actions to give one. Actions keep nothing of a conversation."""
    made: dict[str, tuple[EndpointConfig | None, Action]] = domain.__dict__.setdefault("_made_actions", {})
    before, kept = made.get(name, (None, None))
    if kept is None or before is not endpoint:
        kept = _action(name, domain, endpoint)
        made[name] = (endpoint, kept)
    return kept


async def extract_slots(
    self: ActionExtractSlots,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> list[Event]:
    """As `ActionExtractSlots.run`, which looks at every slot also where actions fill them all."""
    if "_extracts" not in domain.__dict__:
        domain.__dict__["_extracts"] = _extracts(domain)
    return await _extract(self, output_channel, nlg, tracker, domain) if domain.__dict__["_extracts"] else []


def _extracts(domain: Domain) -> bool:
    mappings = [mapping for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES for mapping in slot.mappings]
    by_actions = all(
        mapping.get(MAPPING_TYPE) == str(SlotMappingType.CUSTOM) and not mapping.get("action") for mapping in mappings
    )
    return not by_actions or ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions


FAST_PATHS = (
    FastPath(RemoteAction, "_validate_action_result", validate_action_result),
    FastPath(action, "action_for_name_or_text", action_for_name_or_text),
    FastPath(ActionExtractSlots, "run", extract_slots),
)
