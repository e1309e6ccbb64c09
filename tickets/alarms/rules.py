"""The rules of alarms: data that staff may edit, checked when it is read."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tickets.alarms.alarm import Grade
from tickets.patterns import Pattern

RULES = Path(__file__).parent / "rules.yml"


class AlarmRulesRefused(ValueError):
    """The rules cannot be used; the message says where and what to do."""


def _graded(name: Any) -> Any:
    try:
        return Grade[str(name).upper()]
    except KeyError:
        message = f"没有“{name}”这个等级，可以写 notice、warning、urgent"
        raise ValueError(message) from None


_Grade = Annotated[Grade, BeforeValidator(_graded)]
_Days = Annotated[int, Field(ge=1)]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SurgeLimit(_Rule):
    """From when a surge has a grade.

    Attributes:
        least: requests in the window.
        chance: the probability of as many where nothing is special, below which it is told.
    """

    least: Annotated[int, Field(ge=2)]
    chance: Annotated[float, Field(gt=0, lt=1)]


class SurgeRule(_Rule):
    """When many requests about one matter in one place are an alarm; see `rules.yml`."""

    window_days: _Days
    usual_weeks: Annotated[int, Field(ge=1)]
    usual_least: Annotated[float, Field(gt=0)]
    again_after_days: _Days
    grades: dict[_Grade, SurgeLimit]


class UnsolvedRule(_Rule):
    """From which time somebody asks for the same it is an alarm of which grade."""

    within_days: _Days
    again_after_days: _Days
    grades: dict[_Grade, Annotated[int, Field(ge=2)]]


class WordsRule(_Rule):
    """Words that tell of something grave, and where they do not."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    grade: _Grade
    pattern: Pattern
    unless: Pattern | None = None


class AlarmRules(_Rule):
    """See `rules.yml`."""

    roles: dict[_Grade, frozenset[str]]
    surge: SurgeRule
    unsolved_again: UnsolvedRule
    denied: Pattern
    words: tuple[WordsRule, ...]


@cache
def alarm_rules(path: Path = RULES) -> AlarmRules:
    """The rules in a file, read once.

    Raises:
        AlarmRulesRefused: a part is missing or cannot be understood.
    """
    try:
        return AlarmRules.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        places = "；".join(f"{'.'.join(map(str, one['loc']))}：{one['msg']}" for one in error.errors())
        message = f"预警规则有问题，请改好 {path.name} 里的这些地方再用：{places}"
        raise AlarmRulesRefused(message) from error
    except yaml.YAMLError as error:
        message = f"{path.name} 读不懂，请检查缩进、冒号和引号：{error}"
        raise AlarmRulesRefused(message) from error
