"""What SMS say: texts for each purpose, with variables whose shape is checked (`templates.yml`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.outcomes import Remedy, SendRefused
from channels.sms.misconfigured import SmsMisconfigured
from channels.sms.numbers import SERVICE
from channels.sms.windows import rolling
from service.kept.kind import Contents, Kind
from service.own_file import read_own, told_places
from service.settings import Settings
from tickets.moves import Verb

BRIEF = "_brief"
"""Behind a purpose's name: the key of its brief text among a gateway's template ids."""

SMS_TEXTS = "sms_texts"
"""The kind of settings."""

CONSTANTS = ("hotline", "phone", "site")

_BRACED = re.compile(r"\{([a-z_]+)\}")
_LINK = re.compile(r"://|www\.|\w\.(com|cn|net|org|gov)\b", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[【】\x00-\x1f\x7f]")
_SECRET = "*" * 6


class TextsRefused(SmsMisconfigured):
    """The file of texts cannot be used; the message says in Chinese what to mend."""


class Variable(BaseModel):
    """What may stand in a variable.

    Attributes:
        length: the most characters.
        of: the value it is taken from: the middle group of a ticket's number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pattern: re.Pattern[str]
    length: Annotated[int, Field(gt=0, le=35)]
    label: str
    example: str
    of: str = ""

    def fits(self, value: str, longest: int) -> bool:
        """Whether a value may stand here, where the account allows so many characters."""
        shaped = self.pattern.fullmatch(value) and not _FORBIDDEN.search(value) and not _LINK.search(value)
        return bool(shaped) and len(value) <= min(self.length, longest)


class Purpose(BaseModel):
    """What a message is for. The fields are explained in `templates.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full: str
    brief: str
    urgent: bool = False
    stoppable: bool = False
    asks: bool = False
    secret: str = ""
    lifetime: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    variables: dict[str, Variable]
    purposes: dict[str, Purpose]


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, before its variables are filled.

    Attributes:
        key: the purpose, with `_brief` behind it for the brief text.
        text: with its constants filled in and its variables in braces.
    """

    key: str
    text: str

    @property
    def variables(self) -> list[str]:
        """Their names in the order in which they stand."""
        return [name for name in _BRACED.findall(self.text) if name not in CONSTANTS]

    @property
    def complete(self) -> bool:
        """Whether every constant of it is set."""
        return not any(name in CONSTANTS for name in _BRACED.findall(self.text))

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with these values."""
        return _BRACED.sub(lambda found: values[found[1]], self.text)

    def for_aliyun(self) -> str:
        """The text as one applies for it at Aliyun."""
        return _BRACED.sub(r"${\1}", self.text)

    def for_tencent(self) -> str:
        """The text as one applies for it at Tencent Cloud."""
        order = self.variables
        return _BRACED.sub(lambda found: f"{{{order.index(found[1]) + 1}}}", self.text)


@dataclass(frozen=True, slots=True)
class Filled:
    """A text ready for a gateway: `kept` is how it is kept, without what is secret."""

    text: str
    kept: str
    template: str
    values: dict[str, str]


class Texts:
    """The texts of an installation."""

    def __init__(self, file: _File, constants: Mapping[str, str]) -> None:
        self.file = file
        self.purposes, self.variables = file.purposes, file.variables
        self._constants = constants

    def use_constants(self, settings: Settings) -> None:
        """Name the hotline as it is called now."""
        self._constants = _constants(settings)

    @classmethod
    def load(cls, settings: Settings) -> "Texts":
        """The installation's own texts, else the product's.

        Raises:
            TextsRefused: see there.
        """
        own = settings.data_dir / "sms" / "templates.yml"
        content = read_own(own, Path(__file__).parent / "templates.yml", TextsRefused)
        try:
            texts = cls(_File.model_validate(content), _constants(settings))
        except ValidationError as error:
            raise TextsRefused(f"短信文案 {own} 里有写得不对的：{told_places(error)}") from error
        texts._check()
        return texts

    def wordings(self, purpose: str) -> list[Wording]:
        """The full and the brief text of a purpose, constants filled in where they are set."""
        texts = self.purposes[purpose]
        return [
            Wording(purpose, self.with_constants(texts.full)),
            Wording(purpose + BRIEF, self.with_constants(texts.brief)),
        ]

    def purpose(self, name: str) -> Purpose:
        """What a purpose is.

        Raises:
            SendRefused: there is none of that name.
        """
        if name not in self.purposes:
            raise SendRefused(SERVICE, "no_purpose", f"短信文案里没有 {name} 这一条，请补上。", Remedy.PERMANENT)
        return self.purposes[name]

    def fill(self, purpose: str, given: Mapping[str, Any], longest: int, templates: Mapping[str, str]) -> Filled:
        """The first text of a purpose that has a template and whose values fit.

        Args:
            given: the values; those no text asks for are left alone.
            longest: characters a variable may have at the gateway.
            templates: the gateway's ids, by `Wording.key`.

        Raises:
            SendRefused: none does; what is wrong with the values, without telling them.
        """
        secret = self.purpose(purpose).secret
        problems = []
        for wording in self.wordings(purpose):
            if wording.key not in templates or not wording.complete:
                continue
            values = {name: self._value(name, given) for name in wording.variables}
            unfit = [name for name, value in values.items() if not self.variables[name].fits(value, longest)]
            if not unfit:
                kept = wording.filled(values | {secret: _SECRET})
                return Filled(wording.filled(values), kept, templates[wording.key], values)
            problems.append("、".join(self.variables[name].label for name in unfit))
        if problems:
            reason = f"短信 {purpose} 的变量不合要求：{'；'.join(problems)}。请检查内容，或者缩短、改写文案。"
            raise SendRefused(SERVICE, "values", reason, Remedy.PERMANENT)
        reason = f"短信 {purpose} 还没有模板编号，请在设置里补上。看缺哪些：liaotianban sms templates"
        raise SendRefused(SERVICE, "no_template", reason, Remedy.ANOTHER_WAY)

    def kind(self) -> Kind:
        """What they say, as a kind of settings: a part for the full and one for the brief text of each purpose."""
        shipped = {
            key: text
            for name, purpose in self.file.purposes.items()
            for key, text in ((name, purpose.full), (name + BRIEF, purpose.brief))
        }

        def check(_before: Contents, after: Contents) -> None:
            self._with(after)._check()

        return Kind(SMS_TEXTS, "短信文案", lambda: shipped, check, refused=TextsRefused, called=_called)

    def use(self, contents: Contents) -> None:
        """Say these from now on."""
        self.purposes = self._with(contents).purposes

    def usable(self, part: str) -> list[str]:
        """What may stand in the braces of a text: the variables its purpose has, and the constants."""
        purpose = self.file.purposes[part.removesuffix(BRIEF)]
        named = dict.fromkeys(_BRACED.findall(purpose.full + purpose.brief))
        return [*(name for name in named if name not in CONSTANTS), *CONSTANTS]

    def _with(self, contents: Contents) -> "Texts":
        """The same with other words.

        Raises:
            TextsRefused: a text is empty, or has a variable its purpose is not given.
        """
        purposes = {}
        for name, purpose in self.file.purposes.items():
            texts = {"full": contents.get(name, purpose.full), "brief": contents.get(name + BRIEF, purpose.brief)}
            for text in texts.values():
                if not isinstance(text, str) or not text.strip():
                    raise TextsRefused("短信文案不能是空的；不想改，就点“用自带的”。")
                if unknown := [each for each in _BRACED.findall(text) if each not in self.usable(name)]:
                    raise TextsRefused(f"这条短信里不能写 {{{unknown[0]}}}：发的时候没有这个内容。")
            purposes[name] = purpose.model_copy(update=texts)
        return Texts(self.file.model_copy(update={"purposes": purposes}), self._constants)

    @cached_property
    def asking(self) -> list[str]:
        """The purposes people answer with 1, 2 or 3."""
        return [name for name, purpose in self.purposes.items() if purpose.asks]

    def _value(self, name: str, given: Mapping[str, Any]) -> str:
        if name in given:
            return str(given[name])
        groups = str(given.get(self.variables[name].of, "")).split("-")
        return groups[1] if len(groups) > 1 else ""

    def with_constants(self, text: str) -> str:
        """A text with the constants that are set, its variables still in braces."""
        for name, value in self._constants.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _check(self) -> None:
        for name, purpose in self.purposes.items():
            if purpose.lifetime:
                rolling(purpose.lifetime)
            for wording in self.wordings(name):
                self._check_wording(wording)

    def _check_wording(self, wording: Wording) -> None:
        named = wording.variables
        unknown = [name for name in named if name not in self.variables]
        if unknown:
            raise TextsRefused(f"短信文案 {wording.key} 用了没有定义的变量 {{{unknown[0]}}}。")
        if len(named) != len(set(named)):
            raise TextsRefused(f"短信文案 {wording.key} 里同一个变量写了两次，平台不收。")
        if re.search(r"\}\{", wording.text):
            raise TextsRefused(f"短信文案 {wording.key} 里两个变量连在一起，平台不收，请隔开。")
        if _FORBIDDEN.search(wording.text):
            raise TextsRefused(f"短信文案 {wording.key} 里不能有【】和换行。")


def _constants(settings: Settings) -> dict[str, str]:
    told = {"hotline": settings.hotline_name, "phone": settings.hotline_phone, "site": settings.public_url.rstrip("/")}
    return {name: value for name, value in told.items() if value}


_LABELS = {"code": "验证码", "answered": "问过的问题有答案了", "guide": "办事指南"}


def _called(key: str) -> str:
    """A text as staff call it."""
    name = key.removesuffix(BRIEF)
    verb = name.removeprefix("ticket_")
    title = _LABELS.get(name) or (f"工单{Verb(verb).label}" if verb in set(Verb) else name)
    return f"{title}（短的）" if key.endswith(BRIEF) else title
