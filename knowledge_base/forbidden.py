"""Phrases an entry should not have: `forbidden_phrases.yml`, and what the installation has set over it."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from service.kept.phrases import Phrases, phrases_kind

_SHIPPED: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("forbidden_phrases.yml").read_text("utf-8"))

ENTRY_PHRASES = phrases_kind("entry_phrases", "知识条目里不要写的", _SHIPPED)

forbidden = Phrases(_SHIPPED)
"""Those of this process."""
