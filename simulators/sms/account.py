"""The account both simulated clouds know: its keys, sign name, templates and limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_POSITION = re.compile(r"\{(\d+)\}")
LINK = re.compile(r"https?://|www\.|\w\.(?:com|cn|net)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Account:
    """One customer.

    Attributes:
        templates: approved texts by id: `${name}` for Aliyun, `{1}` for Tencent Cloud.
        codes: the ids of templates for verification codes.
        variable_length: characters a variable may have at Tencent Cloud.
        echoes_context: whether Tencent Cloud's pulled reports tell the session context, which it does only on request.
    """

    key_id: str = "simulated-key"
    key_secret: str = field(default="simulated-secret", repr=False)
    app_id: str = "1400000000"
    sign: str = "聊天办"
    templates: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    variable_length: int = 6
    echoes_context: bool = True


def named_variables(text: str) -> list[str]:
    """The variables of a template of Aliyun's."""
    return _VARIABLE.findall(text)


def fill_named(text: str, values: Mapping[str, str]) -> str:
    """A template of Aliyun's with its values."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def positions(text: str) -> int:
    """How many values a template of Tencent Cloud's takes."""
    return len(set(_POSITION.findall(text)))


def fill_positions(text: str, values: list[str]) -> str:
    """A template of Tencent Cloud's with its values."""
    return _POSITION.sub(lambda found: values[int(found[1]) - 1], text)
