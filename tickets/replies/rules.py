"""The words replies are checked by: data that staff may edit, checked when it is read."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tickets.patterns import Pattern

RULES = Path(__file__).parent / "rules.yml"
TYPOS = Path(__file__).parent / "typos.yml"


class RulesRefused(ValueError):
    """A file of rules cannot be used; the message says where and what to do."""


_Word = Annotated[str, Field(min_length=1)]


class Typo(BaseModel):
    """A word often written with a wrong character.

    Attributes:
        unless: what it may stand in, and is then right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    wrong: Annotated[str, Field(min_length=2)]
    right: _Word
    unless: Pattern | None = Field(default=None, alias="except")


class Rules(BaseModel):
    """See `rules.yml`, which explains each part."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    courtesies: tuple[Pattern, ...]
    hollow: tuple[Pattern, ...]
    passed_on: tuple[Pattern, ...]
    leads_on: tuple[Pattern, ...]
    phrases: dict[_Word, _Word]
    shirking: tuple[Pattern, ...]
    unfilled: tuple[Pattern, ...]
    persons: tuple[_Word, ...]
    informers: tuple[_Word, ...]
    surnames: _Word
    office_phones: tuple[_Word, ...]
    typos: tuple[Typo, ...]


@cache
def rules(path: Path = RULES, typos: Path = TYPOS) -> Rules:
    """The rules in two files, read once.

    Raises:
        RulesRefused: a part is missing or cannot be understood.
    """
    try:
        read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        return Rules.model_validate(read | {"typos": yaml.safe_load(typos.read_text("utf-8"))})
    except ValidationError as error:
        places = "；".join(f"{'.'.join(map(str, one['loc']))}：{one['msg']}" for one in error.errors())
        message = f"答复检查规则有问题，请改好 {path.name}、{typos.name} 里的这些地方再用：{places}"
        raise RulesRefused(message) from error
    except (yaml.YAMLError, TypeError) as error:
        message = f"{path.name} 或 {typos.name} 读不懂，请检查缩进、冒号和引号：{error}"
        raise RulesRefused(message) from error


@cache
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that finds what any of these finds."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.MULTILINE)
