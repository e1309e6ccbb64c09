"""Phrases a reply should not end with: those of `rules.yml`, and what the installation has set over them."""

from service.kept.phrases import Phrases, phrases_kind
from tickets.replies.rules import Rules, rules

REPLY_PHRASES = phrases_kind("reply_phrases", "答复里不要写的", rules().phrases)

hollow = Phrases(rules().phrases)
"""Those of this process."""


def usual_rules() -> Rules:
    """The rules of the files, with the phrases of this installation."""
    return rules().model_copy(update={"phrases": dict(hollow.now)})
