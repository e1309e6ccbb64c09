"""What template and subscription messages say: data a city edits (`templates.yml`), checked when it is read."""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from channels.wechat.fields import FieldRefused, Value, fitted
from service.clock import CHINA
from service.kept.kind import Contents, Kind
from service.misconfigured import Misconfigured
from service.own_file import read_own
from tickets.moves import Verb

SEED = Path(__file__).with_name("templates.yml")
OWN = "wechat_templates.yml"
"""Its name in the data folder, if the installation has its own."""

WECHAT_TEMPLATES = "wechat_templates"
"""The kind of settings."""

Facts = Mapping[str, Value]
"""What a message tells about, by the names in `KNOWN`; what is missing or empty is not known."""

KNOWN: Facts = {
    "number": "20261121000018",
    "unit": "示例区城市管理局",
    "promised": "11月27日",
    "text": "已安排人员到现场处理。",
    "reason": "需要等配件到货",
    "route": "110",
    "until": "2026-11-24 18:00",
    "at": datetime(2026, 11, 21, 10, 0, tzinfo=CHINA),
    "question": "老年卡怎么办理",
    "matter": "老年优待证办理",
}
"""The facts a pattern may name, with samples for the preview."""

Data = dict[str, dict[str, str]]
"""As the platform takes it: `{"thing1": {"value": …}}`."""


class TemplatesRefused(Misconfigured):
    """The file cannot be used; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Template:
    """What was applied for on the platform.

    Attributes:
        title: as to search for in the platform's library.
        fields: by what a field tells, its key in the template message.
        subscription_fields: the same for the subscription message.
    """

    name: str
    title: str
    fields: Mapping[str, str]
    subscription_fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Purpose:
    """An occasion to write.

    Attributes:
        patterns: by what a field tells, what it may say, the best first.
    """

    name: str
    template: Template
    patterns: Mapping[str, tuple[str, ...]]

    def template_data(self, facts: Facts) -> Data:
        """The fields of the template message.

        Raises:
            FieldRefused: a field has nothing to say.
        """
        return {key: {"value": self._value(field, key, facts)} for field, key in self.template.fields.items()}

    def subscription_data(self, facts: Facts) -> Data:
        """The fields of the subscription message; raises as `template_data`."""
        keys = self.template.subscription_fields
        return {key: {"value": self._value(field, key, facts)} for field, key in keys.items()}

    def lines(self, facts: Facts) -> dict[str, str]:
        """What a citizen reads, by what each line tells; raises as `template_data`."""
        return {field: self._value(field, key, facts) for field, key in self.template.fields.items()}

    def _value(self, field: str, key: str, facts: Facts) -> str:
        for pattern in self.patterns[field]:
            named = {name: facts.get(name) for name in _names(pattern)}
            if all(named.values()):
                alone = facts.get(pattern.strip("{}"))
                return fitted(key, alone if isinstance(alone, date) else pattern.format_map(named))
        raise FieldRefused(f"“{self.name}”的“{field}”没有内容。")


class Templates:
    """The occasions of an installation."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.purposes = _read(content)
        self.templates = {purpose.template.name: purpose.template for purpose in self.purposes.values()}

    @classmethod
    def load(cls, own: Path | None = None) -> "Templates":
        """The installation's own file if it is there, else what comes with the product.

        Raises:
            TemplatesRefused: see there.
        """
        return cls(read_own(own, SEED, TemplatesRefused))

    def kind(self) -> Kind:
        """What they say, as a kind of settings: a part for each field of each purpose (`approve.进度`).

        A part is text, with a line for each pattern, the best first.
        """
        shipped = {
            f"{purpose.name}.{field}": "\n".join(patterns)
            for purpose in self.purposes.values()
            for field, patterns in purpose.patterns.items()
        }

        def check(_before: Contents, after: Contents) -> None:
            self.with_words(after)

        return Kind(WECHAT_TEMPLATES, "微信模板消息", lambda: shipped, check, refused=TemplatesRefused, called=_called)

    def use(self, contents: Contents) -> None:
        """Say these from now on."""
        self.purposes = self.with_words(contents).purposes

    def with_words(self, contents: Contents) -> "Templates":
        """The same with other words.

        Raises:
            TemplatesRefused: see there.
        """
        purposes = {str(name): dict(given) for name, given in self.content["purposes"].items()}
        for part, text in contents.items():
            name, _, field = part.partition(".")
            if name in purposes and field in purposes[name]:
                purposes[name][field] = [line.strip() for line in str(text).splitlines() if line.strip()]
        return Templates({"templates": self.content["templates"], "purposes": purposes})


def _called(part: str) -> str:
    """A field as staff call it."""
    name, _, field = part.partition(".")
    return f"{Verb(name).label if name in set(Verb) else '问过的问题有答案了'}：{field}"


def _read(content: Any) -> dict[str, Purpose]:
    sections = _mapping(content, "文件")
    templates = {
        str(name): _template(str(name), _mapping(given, f"模板“{name}”"))
        for name, given in _mapping(sections.get("templates"), "templates").items()
    }
    return {
        str(name): _purpose(str(name), _mapping(given, f"用途“{name}”"), templates)
        for name, given in _mapping(sections.get("purposes"), "purposes").items()
    }


def _template(name: str, given: Mapping[Any, Any]) -> Template:
    fields = _keys(name, given.get("fields"))
    subscription = _keys(name, given.get("subscription_fields") or fields)
    if fields.keys() != subscription.keys():
        raise TemplatesRefused(f"模板“{name}”的 fields 和 subscription_fields 要有同样的字段。")
    return Template(name, str(given.get("title") or name), fields, subscription)


def _keys(name: str, given: Any) -> dict[str, str]:
    keys = {str(field): str(key) for field, key in _mapping(given, f"模板“{name}”的 fields").items()}
    if len(set(keys.values())) < len(keys):
        raise TemplatesRefused(f"模板“{name}”有两个字段用了同一个字段名。")
    return keys


def _purpose(name: str, given: Mapping[Any, Any], templates: Mapping[str, Template]) -> Purpose:
    template = templates.get(str(given.get("template")))
    if template is None:
        raise TemplatesRefused(f"用途“{name}”的 template 要是 {'、'.join(templates)} 之一。")
    said = {str(field): value for field, value in given.items() if field != "template"}
    if said.keys() != template.fields.keys():
        raise TemplatesRefused(f"用途“{name}”要写的字段是：{'、'.join(template.fields)}，不能多也不能少。")
    patterns = {field: _patterns(name, field, value) for field, value in said.items()}
    purpose = Purpose(name, template, patterns)
    _check_words(purpose)
    return purpose


def _patterns(name: str, field: str, value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    patterns = tuple(str(each) for each in listed if each is not None)
    for pattern in patterns:
        try:
            unknown = [each for each in _names(pattern) if each not in KNOWN]
        except ValueError as error:
            raise TemplatesRefused(f"用途“{name}”的“{field}”里花括号没有配对。") from error
        if unknown:
            raise TemplatesRefused(f"用途“{name}”的“{field}”里没有 {{{unknown[0]}}} 可用，可以用：{'、'.join(KNOWN)}。")
    if not patterns:
        raise TemplatesRefused(f"用途“{name}”的“{field}”是空的。")
    return patterns


def _check_words(purpose: Purpose) -> None:
    """Whether our own words fit as they stand; values of the moment are fitted when they are known."""
    for keys in (purpose.template.fields, purpose.template.subscription_fields):
        for field, key in keys.items():
            for pattern in purpose.patterns[field]:
                try:
                    fits = fitted(key, pattern) == pattern if not any(_names(pattern)) else bool(fitted(key, _SAMPLE))
                except FieldRefused as refused:
                    raise TemplatesRefused(f"用途“{purpose.name}”的“{field}”：{refused}") from refused
                if not fits:
                    raise TemplatesRefused(
                        f"用途“{purpose.name}”的“{field}”“{pattern}”放不进字段 {key}，请改短或换说法。"
                    )


_SAMPLE = "2026年11月21日 10:00 A1！1元"
"""Fits every type that exists."""


def _names(pattern: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None)


def _mapping(content: Any, what: str) -> Mapping[Any, Any]:
    if not isinstance(content, Mapping) or not content:
        raise TemplatesRefused(f"{what}要写成“名称: 内容”的样子，不能是空的。")
    return content
