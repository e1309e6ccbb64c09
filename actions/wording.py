"""The assistant's own sentences: `wording.yml`, the responses of domain.yml, and what is set over both.

Rasa says the responses by itself, and `bot.collector` puts our words in their place; names in braces are not filled.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from service.kept.sentences import Spoken, sentences
from service.settings import PROJECT

_LABELS = {
    "greet": "打招呼",
    "no_answer": "没有答案",
    "utter_goodbye": "再见",
    "utter_welcome": "市民道谢",
    "utter_bot_identity": "问你是谁",
    "utter_calm": "市民着急、生气",
    "utter_ask_ticket_place": "登记时问地点",
    "utter_ask_ticket_name": "登记时问称呼",
    "utter_ask_ticket_consent": "登记前请市民同意（个人信息告知）",
}


def _responses() -> dict[str, str]:
    """The responses that have one wording each, by their names."""
    domain: dict[str, Any] = yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))
    return {name: wordings[0]["text"].strip() for name, wordings in domain["responses"].items() if len(wordings) == 1}


_SHIPPED: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("wording.yml").read_text("utf-8")) | _responses()

DIALOGUE = sentences("dialogue", "助手的话", _SHIPPED, called=lambda part: _LABELS.get(part, part))

spoken = Spoken(_SHIPPED)
"""The sentences of this process."""
