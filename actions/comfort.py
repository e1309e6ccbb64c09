"""A kind word for who is sad: not a question, and not to be declined like one."""

import re
from typing import Any

from actions.reply import TO_PERSON, call, notice

_LONGEST = 25  # characters; who says more tells something that is to be heard as such
_SAD = re.compile(
    r"(我|心里|心情|最近|今天|真的|感觉).{0,8}(难过|伤心|难受|想哭|孤独|孤单|寂寞|郁闷|抑郁|焦虑|崩溃|绝望|不开心|压力(很|好|太|特别)?大|心情.{0,3}(不好|差|糟|低落)|委屈|撑不(住|下去))"
    r"|^(好|很|太|真)?(难过|伤心|委屈|孤独|崩溃|想哭)了?$|心情.{0,3}(不好|差|糟糕|低落)|失恋"
)


_PIPES = re.compile(r"水|气压|电压|血压|供暖")  # whose pressure is another


def comfort(text: str) -> dict[str, Any] | None:
    """What to say to one who is sad; None where nothing of it is said."""
    if len(text) > _LONGEST or not _SAD.search(text) or _PIPES.search(text):
        return None
    told = (
        "听您这么说，我也替您难受。愿意的话，告诉我发生了什么，能办的事我帮您办。"
        "想找人说说话，可以拨打 12356 心理援助热线，有人接听、会替您保密。"
    )
    return notice(told, call("12356"), TO_PERSON)
