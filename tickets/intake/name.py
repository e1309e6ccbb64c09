"""How somebody is called, in their own words."""

import re

from tickets.intake.unnamed import NO_NAMING

ANONYMOUS = "不愿透露"

_NAME_LIMIT = 20

_NAME = re.compile(
    r"(?:我姓|免贵姓|本人姓|[，,。\s]姓)([\u4e00-\u9fa5]{1,2})|(?:我叫|我是|姓名[是：:]?|称呼[是：:]?)([\u4e00-\u9fa5]{2,3}(?:先生|女士|师傅|老师|阿姨)?)(?=$|[，,。\s])"
)
_NO_NAME = re.compile(
    rf"^(?:{NO_NAMING}|好吧|哦+|没有|在吗|上一步|返回|.*(?:填|写|弄)错.*|什么.*"
    r"|(?:我的?)?(?:电话|手机|号码|地址|地点|名字|姓名|内容)(?:号码?)?.{0,2}|匿名|不说|不想说|不方便.*|不告诉.*)$"
)
_TITLES = "先生|女士|小姐|师傅|老师|阿姨|大爷|大妈|叔叔|同志"
_LEADING_TITLED = re.compile(rf"^(?:叫我|我?(?:叫|是|姓)|称呼)?([\u4e00-\u9fa5]{{1,3}}(?:{_TITLES}))[，,。\s]")
_TITLED = re.compile(rf"[\u4e00-\u9fa5]{{1,3}}(?:{_TITLES})")


def find_name(text: str) -> str | None:
    """How the citizen says they are called, within a longer message."""
    found = _NAME.search(text)
    return None if found is None else (found.group(1) and f"{found.group(1)}先生/女士") or found.group(2)


def find_titled_name(text: str) -> str | None:
    """A name with its title that stands alone: 王女士."""
    found = _TITLED.fullmatch(text.strip(" ，。,.！!"))
    return None if found is None else found.group()


def read_name(text: str) -> str | None:
    """The answer to "how may we call you"."""
    named = find_name(text)
    if named:
        return named
    if _NO_NAME.match(text.strip()):
        return None
    leading = _LEADING_TITLED.match(text.strip())
    if leading:
        return leading.group(1)
    titled = _TITLED.search(text)
    if titled and len(text) > _NAME_LIMIT:
        return titled.group()
    text = re.sub(r"^(叫我|称呼我|就叫|我叫|我是|我)", "", text.strip()).strip("，。,. ")
    letters = re.findall(r"[\u4e00-\u9fa5A-Za-z·]", text)
    return text if letters and len(text) <= _NAME_LIMIT and not re.search(r"\d{4}", text) else None
