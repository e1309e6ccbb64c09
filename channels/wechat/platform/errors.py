"""The platform's error codes: what each means to us, from `error_codes.yml`."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from channels.outcomes import Remedy, SendRefused
from service.clock import CHINA

SERVICE = "wechat"

_log = logging.getLogger(__name__)

_RID = re.compile(r"\s*(?:hint: \[[^\]]*\])?\s*rid: ([\w-]+)")
_FIELD = re.compile(r"data\.(\w+)\.value")
_IP = re.compile(r"invalid ip ([0-9a-fA-F.:]+)")
_OPENID = re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])")  # one may end with a hyphen
_TOMORROW = "tomorrow"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means.

    Attributes:
        after: minutes until another try makes sense, or `tomorrow`; None: as the remedy says.
    """

    remedy: Remedy
    reason: str
    after: int | str | None = None

    def wait(self, at: datetime) -> timedelta | None:
        """How long to wait from a moment on. Daily counts begin anew at midnight in China."""
        if self.after == _TOMORROW:
            here = at.astimezone(CHINA)
            return datetime.combine(here.date() + timedelta(days=1), time(), CHINA) - here
        return None if self.after is None else timedelta(minutes=int(self.after))


@cache
def meanings() -> dict[int, Meaning]:
    """Every code we know."""
    content: dict[int, list[Any]] = yaml.safe_load(
        Path(__file__).with_name("error_codes.yml").read_text(encoding="utf-8")
    )
    return {code: Meaning(Remedy(remedy), *rest) for code, (remedy, *rest) in content.items()}


def refusal(call: str, code: int, message: str, at: datetime) -> SendRefused:
    """What to raise for an answer that refuses; logs the rid by which the platform finds the call.

    Args:
        call: the path of the interface.
        message: errmsg.
    """
    rid = _RID.search(message)
    _log.warning("wechat refused %s: errcode %s, rid %s", call, code, rid[1] if rid else "none")
    meaning = meanings().get(code) or _unknown(code, message)
    field, ip = _FIELD.search(message), _IP.search(message)
    reason = meaning.reason.replace("{field}", field[1] if field else "").replace("{ip}", ip[1] if ip else "")
    return SendRefused(SERVICE, str(code), reason, meaning.remedy, meaning.wait(at))


def _unknown(code: int, message: str) -> Meaning:
    """A code nobody has entered: the platform's own troubles are below zero or from 50000 on, the rest is ours."""
    told = _OPENID.sub("…", _RID.sub("", message))[:100]
    remedy = Remedy.RETRY if code < 0 or 50000 <= code < 60000 else Remedy.PERMANENT
    return Meaning(remedy, f"微信返回了错误码 {code}（{told}），请在微信开放文档的“全局返回码”里查它的意思。")
