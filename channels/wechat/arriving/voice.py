"""Voice: WeChat's own recognition has ended (2023), so an installation may plug in one of its own."""

import importlib
from typing import Protocol

from channels.wechat.misconfigured import WechatMisconfigured


class Recogniser(Protocol):
    """Turns speech into text.

    `LTB_WECHAT_VOICE_RECOGNISER=package.module:name` names what gives one when it is called without
    arguments, as a class does.
    """

    async def recognise(self, audio: bytes, media_type: str) -> str:
        """What was said; empty where nothing can be understood.

        Args:
            audio: up to 60 seconds, 2 MB; AMR narrow-band at 8 kHz as WeChat gives it.
            media_type: `audio/amr`.
        """


def load_recogniser(name: str) -> Recogniser | None:
    """The recogniser a setting names; None where it names none.

    Raises:
        WechatMisconfigured: the setting names nothing that can be used.
    """
    if not name:
        return None
    module, _, attribute = name.partition(":")
    try:
        recogniser: Recogniser = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        reason = f"LTB_WECHAT_VOICE_RECOGNISER={name} 用不了（{error}）。要写成 包.模块:名字。"
        raise WechatMisconfigured(reason) from error
    return recogniser
