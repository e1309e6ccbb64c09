"""Where it happened, in a citizen's own words."""

import re

from tickets.intake.story import without_announcement
from tickets.intake.unnamed import NO_NAMING

UNKNOWN_PLACE = "未说明"

_PLACE_LIMIT = 100

_PLACE_TAIL = (
    "小区|花园|家园|新村|社区|街道|大道|公园|广场|大厦|商场|超市|市场|菜场|学校|小学|中学|幼儿园|医院|车站|地铁站|公交站"
    "|工地|路口|桥|胡同|弄|巷|路(?![灯面况由过边上])|街|村(?![民里])|镇|乡|苑|城(?![管市])"
)
_PLACE_DETAIL = (
    r"(?:[0-9０-９一二三四五六七八九十百]+(?:号楼|栋|幢|单元|号院|号|弄|楼|室|层|门))*"
    r"(?:门口|路口|旁边|对面|附近|里面|北门|南门|东门|西门|交叉口)?"
)
_PLACE_START = r"(?:在|住在|位于|地址是|地点是|家住|到|去)"
_PLACE = re.compile(
    rf"{_PLACE_START}?([\u4e00-\u9fa5A-Za-z0-9]{{2,12}}?(?:{_PLACE_TAIL})(?:[\u4e00-\u9fa5A-Za-z0-9]{{0,8}}?(?:{_PLACE_TAIL}))?{_PLACE_DETAIL})"
)
# Words the pattern above would take for the beginning of a name.
_NOT_A_PLACE = re.compile(
    r"^(?:我们?|咱们?|你们?|他们?|这个?|那个?|有个?|每个|整个|一个|哪个|什么|走|过|马|修|还要?|再|投诉|举报|反映|一条|这条|那条|整条)+"
)
_BARE_TAIL = re.compile(rf"^(?:{_PLACE_TAIL})$")
_NO_PLACE = re.compile(
    rf"^(?:{NO_NAMING}|这里|那里|附近|.*(?:改一下|要改|写错|填错).*|(?:电话|手机)(?:号码?)?(?:是|:|：)?.*|地[址点](?:不对|错了).*)$"
)
_UNKNOWN = re.compile(r"^(不知道|不清楚|说不清|没有具体|不确定|忘了|没地址|不晓得)")


def read_place(text: str, *, declined: bool = False) -> str | None:
    """The answer to "where"; a place that cannot be named is an answer, too."""
    text = text.strip()
    if declined or says_unknown_place(text):
        return UNKNOWN_PLACE
    text = re.sub(r"^(就?在|位于|地[址点]是?|是在)", "", text)
    if _NO_PLACE.match(text):
        return None
    return text[:_PLACE_LIMIT] if len(re.findall(r"[\u4e00-\u9fa5A-Za-z]", text)) >= 2 else None


def says_unknown_place(text: str) -> bool:
    """Whether the citizen says that the place cannot be named."""
    return _UNKNOWN.match(text.strip()) is not None


def find_place(text: str) -> str | None:
    """The place named in a story: a road with its number, an estate with its building."""
    for found in _PLACE.findall(without_announcement(text)):
        place = _NOT_A_PLACE.sub(
            "", re.sub(r"^.*?(?:住在|位于|地址是|地点是|家住|就在|在|(?:^|我|们)住(?![宅房院户建宿]))", "", found)
        )
        if place and not _BARE_TAIL.match(place) and len(place) > 2:
            return place[:_PLACE_LIMIT]
    return None
