"""What the gateways' error codes mean and what is to be done about them; the codes are data (`error_codes.yml`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.windows import until_next

_UNKNOWN = "unknown"


class RefusedForEveryGateway(SendRefused):
    """It is about the number or the words; another gateway would say the same."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    remedy: str
    reason: str
    person: bool = False
    wait: str = ""


@cache
def _meanings(service: str) -> dict[str, _Meaning]:
    text = (Path(__file__).parent / "error_codes.yml").read_text(encoding="utf-8")
    return {code: _Meaning(**meaning) for code, meaning in yaml.safe_load(text)[service].items()}


def refusal(service: str, code: str, message: str, at: datetime) -> SendRefused | SendUnknown:
    """What an error code comes to.

    Args:
        message: the gateway's own words; only searched for how long to wait, as they may name the number.
    """
    meaning = _meaning(_meanings(service), code)
    if meaning.remedy == _UNKNOWN:
        return SendUnknown(service, f"{meaning.reason}（{code}）")
    remedy = Remedy(meaning.remedy)
    after = _wait(meaning.wait, message, at) if remedy is Remedy.DELAY else None
    kind = RefusedForEveryGateway if meaning.person else SendRefused
    return kind(service, code, f"{meaning.reason}（{code}）", remedy, after)


def undelivered(service: str, code: str) -> str:
    """Why a message that was taken did not arrive, in Chinese."""
    known = _meanings("reports").get(code)
    return f"{known.reason if known else '运营商没有送达，请电话联系'}（{service} {code}）"


def _meaning(meanings: dict[str, _Meaning], code: str) -> _Meaning:
    """By the whole code, else by its longest known beginning; the empty one is for all others."""
    fitting = [known for known in meanings if known == code or (known.endswith("*") and code.startswith(known[:-1]))]
    return meanings[max(fitting, key=len)]


_WINDOWS: dict[str, Any] = {"分钟": "minute", "小时": "hour", "天": "24h"}


def _wait(wait: str, message: str, at: datetime) -> timedelta:
    for word, window in _WINDOWS.items():
        if not wait and f"{word}级" in message:
            return until_next(window, at)
    return until_next(wait or "hour", at)
