"""What staff write about time, as YAML or kept as JSON, and where in it something stands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from service.own_file import yaml_problem
from tickets.deadlines.refused import TimeSettingsRefused

Document = dict[str, Any]

_LINE = "__line__"

Read = TypeVar("Read")


class _Loader(yaml.SafeLoader):
    """YAML in which days stay text, and every mapping tells its line."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own way of declaring them
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        written = [key.value for key, _ in node.value]
        if repeated := {name for name in written if written.count(name) > 1}:
            message = f"第 {node.start_mark.line + 1} 行起的一段里，“{sorted(repeated)[0]}”写了两次，请只留一个。"
            raise TimeSettingsRefused(message)
        return mapping | {_LINE: node.start_mark.line + 1}


def read_yaml(text: str) -> Any:
    """A document with the line of every mapping in it.

    Raises:
        TimeSettingsRefused: it is not YAML.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as error:
        raise TimeSettingsRefused(yaml_problem(error)) from error


def shipped(name: str) -> Document:
    """A document of the product."""
    document: Document = read_yaml((Path(__file__).parent / name).read_text("utf-8"))
    return document


def without_lines(document: Any) -> Any:
    """The document as it is kept."""
    if isinstance(document, Mapping):
        return {str(key): without_lines(value) for key, value in document.items() if key != _LINE}
    return [without_lines(value) for value in document] if isinstance(document, list) else document


class Section:
    """A mapping of a document that is read field by field and tells where something is wrong with it."""

    def __init__(self, mapping: Any, called: str) -> None:
        line = mapping.get(_LINE) if isinstance(mapping, Mapping) else None
        self.line = f"（第 {line} 行）" if line else ""
        self.where = f"{called}{self.line}"
        if not isinstance(mapping, Mapping):
            raise self.refused(f"应是“名称: 内容”的样子，现在是“{_shown(mapping)}”")
        self._fields = {str(key): value for key, value in mapping.items() if key != _LINE}

    def refused(self, why: str) -> TimeSettingsRefused:
        """The error to raise for something in this section."""
        return TimeSettingsRefused(f"{self.where}：{why.rstrip('。')}。")

    def only(self, known: Sequence[str]) -> None:
        """Refuse fields there are none of."""
        if unknown := [name for name in self._fields if name not in known]:
            raise self.refused(f"没有“{unknown[0]}”这一项，可以写的有：{'、'.join(known)}")

    def has(self, name: str) -> bool:
        """Whether a field is given."""
        return name in self._fields

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._fields.items())

    def section(self, name: str, called: str) -> "Section":
        """A mapping within; empty when it is not given."""
        return Section(self._fields.get(name, {}), called)

    def text(self, name: str) -> str:
        """A text that must be given."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.refused(f"缺少“{name}”，请填写")
        return value.strip()

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number in a range."""
        value = self._fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise self.refused(f"“{name}”应是 {lowest} 到 {highest} 的整数，现在是“{_shown(value)}”")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise self.refused(f"“{name}”应写 true（是）或 false（否），现在是“{_shown(value)}”")
        return value

    def items(self, name: str) -> list[Any]:
        """A list; a single value counts as a list of one, and what is not given as an empty one."""
        value = self._fields.get(name, [])
        return value if isinstance(value, list) else [value]

    def parsed(self, name: str, parse: Callable[[Any], Read]) -> Read:
        """A field that must be given, as a parser understands it."""
        if name not in self._fields:
            raise self.refused(f"缺少“{name}”，请填写")
        return self.understood(name, self._fields[name], parse)

    def understood(self, name: str, value: Any, parse: Callable[[Any], Read]) -> Read:
        """A value of a field as a parser understands it; its complaint tells the place."""
        try:
            return parse(value)
        except TimeSettingsRefused as error:
            raise self.refused(f"“{name}”{error}") from error


def _shown(value: Any) -> str:
    return str(without_lines(value))[:40]
