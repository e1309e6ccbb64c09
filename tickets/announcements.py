"""What citizens are told of their tickets: `announcements.yml`, and what the installation has set over it."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from service.kept.sentences import Spoken, sentences
from tickets.moves import Verb

_SHIPPED: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("announcements.yml").read_text("utf-8"))

ANNOUNCEMENTS = sentences(
    "announcements",
    "工单通知",
    _SHIPPED,
    also=("number", "promised", "unit"),
    called=lambda part: Verb(part).label if part in set(Verb) else part,
)

spoken = Spoken(_SHIPPED)
"""The sentences of this process."""


def wordings() -> Mapping[Verb, str]:
    """What citizens are told, by what was done."""
    return {Verb(verb): wording for verb, wording in spoken.now.items()}
