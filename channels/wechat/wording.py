"""What the account says by itself, beside what the assistant says: data, with an installation's own words over ours."""

from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from channels.wechat.misconfigured import WechatMisconfigured

_OURS = Path(__file__).with_name("wording.yml")
_NAMES = frozenset({"name", "phone", "text", "number", "place"})


class Wording(BaseModel):
    """Sentences, most with a place for a name or a number in braces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    welcome: str
    please_type: str
    not_heard: str
    heard: str
    no_files: str
    file_lost: str
    file_for_draft: str
    file_kept: str
    file_added: str
    place_kept: str
    cannot_read: str
    say_more: str
    too_long: str
    gone: str
    failed: str

    @field_validator("*")
    @classmethod
    def _braces(cls, text: str) -> str:
        """Only known names stand in braces."""
        unknown = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - _NAMES
        if unknown:
            message = f"花括号里只能写 {'、'.join(sorted(_NAMES))}"
            raise ValueError(message)
        return text

    @classmethod
    def load(cls, own: Path) -> "Wording":
        """Our words, and over them those of the installation's file, where there is one.

        Raises:
            WechatMisconfigured: the file cannot be used.
        """
        words: dict[str, Any] = yaml.safe_load(_OURS.read_text("utf-8"))
        try:
            return cls.model_validate(words | (_read(own) if own.exists() else {}))
        except ValidationError as error:
            lines = [f"{'.'.join(str(part) for part in item['loc'])}：{item['msg']}" for item in error.errors()]
            raise WechatMisconfigured(f"{own} 里有写得不对的：{'；'.join(lines)}") from error


def _read(own: Path) -> dict[str, Any]:
    try:
        words = yaml.safe_load(own.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WechatMisconfigured(f"{own} 读不了，请检查是不是 UTF-8 的 YAML 文件。") from error
    if not isinstance(words, dict):
        raise WechatMisconfigured(f"{own} 应是“名字: 句子”的列表。")
    return words
