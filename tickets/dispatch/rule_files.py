"""The dispatch list as a file: YAML as the product ships it, CSV as offices keep it."""

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import yaml

from service.own_file import read_yaml
from service.text_encoding import EncodingRefused, open_text
from tickets.dispatch.rules import Rule, RulesRefused, check_together, rule_of

SEED = Path(__file__).parent / "dispatch_list.yml"

COLUMNS = {
    "编号": "key",
    "事项": "matter",
    "类别": "category",
    "地点": "place",
    "关键词": "keywords",
    "主办单位": "lead",
    "协办单位": "assisting",
    "生效日期": "effective_from",
    "失效日期": "expires_on",
    "裁定单位": "decided_by",
    "裁定日期": "decided_on",
    "依据": "basis",
}
_NEEDED = ("编号", "主办单位")


@cache
def seed_rules() -> tuple[Rule, ...]:
    """What an installation begins with."""
    return tuple(read_rules(SEED))


def read_rules(file: Path) -> list[Rule]:
    """The rules of a CSV or YAML file, checked one by one and together.

    Raises:
        RulesRefused: something is wrong with the file or a rule; nothing of it is taken.
    """
    read = {".csv": _read_csv, ".yml": _read_yaml, ".yaml": _read_yaml}.get(file.suffix.lower())
    if read is None:
        raise RulesRefused("派单目录请用 CSV 或 YAML 文件。")
    try:
        rules = read(file)
    except EncodingRefused as refused:
        raise RulesRefused(f"{file.name}：{refused}。") from refused
    check_together(rules)
    return rules


def write_rules(rules: Iterable[Rule], file: Path) -> None:
    """Write rules so that `read_rules` gives them back; CSV carries a mark by which Excel knows its encoding."""
    rows = [rule.as_dict() for rule in sorted(rules, key=lambda rule: rule.key)]
    if file.suffix.lower() != ".csv":
        file.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), "utf-8")
        return
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([_cell(row.get(name, "")) for name in COLUMNS.values()])


def _read_csv(file: Path) -> list[Rule]:
    with open_text(file, newline="") as (text, _):
        try:
            reader = csv.reader(text, strict=True)
            heads = [head.strip().lstrip("\ufeff") for head in next(reader, [])]
            names = _names(heads)
            return [
                rule_of(dict(zip(names, row, strict=False)), f"第 {reader.line_num} 行")
                for row in reader
                if any(cell.strip() for cell in row)
            ]
        except csv.Error as error:
            raise RulesRefused(f"{file.name} 不是完整的 CSV 文件，请用表格软件重新导出。") from error


def _names(heads: Sequence[str]) -> list[str]:
    if missing := [head for head in _NEEDED if head not in heads]:
        raise RulesRefused(f"第一行缺少“{'”“'.join(missing)}”这一列。第一行应有：{'、'.join(COLUMNS)}。")
    if unknown := [head for head in heads if head not in COLUMNS]:
        raise RulesRefused(f"不认识“{unknown[0]}”这一列。可以用的列：{'、'.join(COLUMNS)}。")
    if len(set(heads)) < len(heads):
        raise RulesRefused("第一行有两列同名，请删掉一列。")
    return [COLUMNS[head] for head in heads]


def _read_yaml(file: Path) -> list[Rule]:
    rows = read_yaml(file, RulesRefused)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesRefused(f"{file.name} 里应是一条一条的规则，每条有 key、lead 和至少一个条件。")
    return [rule_of(row, f"第 {number} 条") for number, row in enumerate(rows, 1)]


def _cell(value: object) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)
