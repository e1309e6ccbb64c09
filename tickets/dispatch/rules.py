"""The dispatch list (派单目录): matter, category, place or words → the units that act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

UNIT_LIMIT = 100  # characters of a unit's name
RULES_LIMIT = 20_000

_TEXT_LIMIT = 200
_ALTERNATIVES = "|"


class RulesRefused(Exception):
    """The list is not taken; the message says why and what to do, in Chinese.

    Attributes:
        field: the field of the `Rule` that is wrong; empty where it is none alone.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Rule:
    """Who acts when all conditions that are given hold.

    Attributes:
        key: its number in the list, as staff call it.
        matter: the name of a matter.
        category: a branch of the category tree, levels joined by `/`; what is below it belongs to it.
        place: words of the place or the text.
        keywords: all of them occur in the text; each may be several words joined by `|`, one of which is enough.
        lead: the unit that answers for it.
        effective_from: the first day; always until now if None.
        expires_on: the last day; without end if None.
        decided_by: who ruled so, when units disagreed.
        basis: the document or the duty behind it.
    """

    key: str
    lead: str
    assisting: tuple[str, ...] = ()
    matter: str = ""
    category: str = ""
    place: str = ""
    keywords: tuple[str, ...] = ()
    effective_from: date | None = None
    expires_on: date | None = None
    decided_by: str = ""
    decided_on: date | None = None
    basis: str = ""

    @property
    def conditions(self) -> tuple[str, str, str, tuple[str, ...]]:
        """What has to hold."""
        return self.matter, self.category, self.place, tuple(sorted(self.keywords))

    @property
    def specificity(self) -> tuple[int, int, int, int]:
        """How much it asks for: matter before category before place before words."""
        levels = len(self.category.split("/")) if self.category else 0
        return int(bool(self.matter)), levels, int(bool(self.place)), len(self.keywords)

    @property
    def told(self) -> str:
        """The conditions in words staff understand."""
        words = "、".join(word.replace(_ALTERNATIVES, "或") for word in self.keywords)
        named = (("事项", self.matter), ("类别", self.category), ("地点", self.place), ("提到", words))
        return "，".join(f"{name}“{value}”" for name, value in named if value)

    def in_force(self, day: date) -> bool:
        """Whether it is to be followed on a day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.expires_on is None or day <= self.expires_on)

    def overlaps(self, other: "Rule") -> bool:
        """Whether there is a day on which both are to be followed."""
        first = max(self.effective_from or date.min, other.effective_from or date.min)
        return first <= min(self.expires_on or date.max, other.expires_on or date.max)

    def as_dict(self) -> dict[str, Any]:
        """What is given of it, for JSON, YAML and CSV alike; days as 2026-01-31."""
        row = {name: getattr(self, name) for name in FIELDS}
        return {
            name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in row.items()
            if value
        }


FIELDS = tuple(Rule.__dataclass_fields__)

_LISTS = ("assisting", "keywords")
_DAYS = ("effective_from", "expires_on", "decided_on")


def rule_of(row: Mapping[str, Any], where: str) -> Rule:
    """A rule as a file or the database has it, checked.

    Args:
        where: how staff find the row: 第 3 行.

    Raises:
        RulesRefused: something is missing or cannot be.
    """
    if unknown := [str(name) for name in row if name not in FIELDS]:
        raise RulesRefused(f"{where}：不认识“{unknown[0]}”这一项，请对照导出的文件改。")
    values: dict[str, Any] = {}
    for name, value in row.items():
        if name in _DAYS:
            values[name] = _day(value, where)
        elif name in _LISTS:
            values[name] = _several(value, where)
        else:
            values[name] = str(value or "").strip()
    rule = Rule(**({"key": "", "lead": ""} | values))
    _check(rule, where)
    return rule


def check_together(rules: Iterable[Rule]) -> None:
    """Refuse a list that says two things of the same case.

    Raises:
        RulesRefused: a number is used twice, two rules have the same conditions on the same day, or there are too many.
    """
    keys: set[str] = set()
    same: dict[tuple[str, str, str, tuple[str, ...]], list[Rule]] = {}
    for rule in rules:
        if rule.key in keys:
            raise RulesRefused(f"编号“{rule.key}”用了两次，请给其中一条换一个编号。")
        keys.add(rule.key)
        others = same.setdefault(rule.conditions, [])
        if other := next((other for other in others if other.overlaps(rule)), None):
            raise RulesRefused(
                f"“{other.key}”和“{rule.key}”的条件一样（{rule.told}），有效日期又重叠。请只留一条，或者写上失效日期。"
            )
        others.append(rule)
    if len(keys) > RULES_LIMIT:
        raise RulesRefused(f"派单目录超过 {RULES_LIMIT} 条，请先删掉没用的。")


def _check(rule: Rule, where: str) -> None:
    if not rule.key:
        raise RulesRefused(f"{where}：没有编号，请给每一条写一个不重复的编号。", "key")
    if not rule.lead:
        raise RulesRefused(f"{where}（{rule.key}）：没有写主办单位。", "lead")
    if not rule.told:
        raise RulesRefused(
            f"{where}（{rule.key}）：事项、类别、地点、关键词至少要写一样，不然所有工单都会派过去。", "keywords"
        )
    if rule.lead in rule.assisting:
        raise RulesRefused(f"{where}（{rule.key}）：“{rule.lead}”已经是主办，不要再写进协办。", "assisting")
    if long := next((unit for unit in (rule.lead, *rule.assisting) if len(unit) > UNIT_LIMIT), None):
        raise RulesRefused(f"{where}（{rule.key}）：单位名称“{long[:20]}…”超过 {UNIT_LIMIT} 个字。")
    texts = (rule.key, rule.matter, rule.category, rule.place, rule.decided_by, rule.basis, *rule.keywords)
    if any(len(text) > _TEXT_LIMIT for text in texts):
        raise RulesRefused(f"{where}（{rule.key}）：有一项超过 {_TEXT_LIMIT} 个字，请写短一些。")
    if any(not word.strip() for keyword in rule.keywords for word in keyword.split(_ALTERNATIVES)):
        raise RulesRefused(f"{where}（{rule.key}）：“|”两边都要有关键词。", "keywords")
    if "" in rule.category.split("/") and rule.category:
        raise RulesRefused(f"{where}（{rule.key}）：类别请写成“一级/二级/三级”，中间不要空。", "category")
    if rule.effective_from and rule.expires_on and rule.expires_on < rule.effective_from:
        raise RulesRefused(f"{where}（{rule.key}）：失效日期早于生效日期。", "expires_on")
    if bool(rule.decided_by) != bool(rule.decided_on):
        raise RulesRefused(f"{where}（{rule.key}）：裁定的单位和日期要一起写。", "decided_by")


def _day(value: Any, where: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        return value if type(value) is date else date.fromisoformat(str(value).strip().replace("/", "-"))
    except ValueError as error:
        raise RulesRefused(f"{where}：日期“{value}”请写成 2026-01-31 这样。") from error


def _several(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace("，", "、").replace(",", "、").split("、")
    if not isinstance(value, list | tuple | None.__class__):
        raise RulesRefused(f"{where}：“{value}”应是几个词，用顿号隔开。")
    return tuple(dict.fromkeys(text for part in value or () if (text := str(part).strip())))
