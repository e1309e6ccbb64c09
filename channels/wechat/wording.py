"""What the account says by itself, beside what the assistant says: data, with an installation's own words over ours."""

from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from channels.wechat.misconfigured import WechatMisconfigured
from service.kept.kind import Kind
from service.kept.sentences import sentences
from service.own_file import read_yaml, told_places

WECHAT_WORDS = "wechat_words"
"""The kind of settings."""

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
            raise WechatMisconfigured(f"{own} 里有写得不对的：{told_places(error)}") from error


def wechat_words(own: Path) -> Kind:
    """What the account says by itself, as a kind of settings over the file.

    Raises:
        WechatMisconfigured: the file cannot be used.
    """
    shipped = Wording.load(own).model_dump()
    return sentences(
        WECHAT_WORDS, "公众号的话", shipped, also=("name", "phone"), called=lambda part: _LABELS.get(part, part)
    )


_LABELS = {
    "welcome": "关注时的问候",
    "please_type": "听不懂语音",
    "not_heard": "语音没听清",
    "heard": "复述听到的话",
    "no_files": "收不了图片视频",
    "file_lost": "文件没收下来",
    "file_for_draft": "登记时发来文件",
    "file_kept": "没在登记时发来文件",
    "file_added": "文件加进了工单",
    "place_kept": "发来位置",
    "cannot_read": "看不了的消息",
    "say_more": "空消息",
    "too_long": "一次说得太长",
    "gone": "旧菜单、旧二维码",
    "failed": "我们出了问题",
}


def _read(own: Path) -> dict[str, Any]:
    words = read_yaml(own, WechatMisconfigured)
    if not isinstance(words, dict):
        raise WechatMisconfigured(f"{own} 应是“名字: 句子”的列表。")
    return words
