"""Where it happened, in a citizen's own words."""

import re

from tickets.intake.story import without_announcement
from tickets.intake.unnamed import NO_NAMING

UNKNOWN_PLACE = "未说明"

_PLACE_LIMIT = 100

_PLACE_TAIL = (
    "小区|花园|家园|新村|社区|街道|大道|公园|广场(?!舞)|大厦|商场|超市|市场|菜场|学校|小学|中学|幼儿园|医院|车站|地铁站|公交站"
    "|工地|路口|桥|胡同|弄|巷|路(?![灯面况由过边上])|街|村(?![民里口])|镇|乡|苑|城(?![管市])"
)
_PLACE_DETAIL = (
    r"(?:[0-9０-９一二三四五六七八九十百]+(?:号楼|栋|幢|单元|号院|号|弄|楼|室|层|门))*"
    r"(?:门口|路口|旁边|对面|附近|里面|北门|南门|东门|西门|交叉口)?"
)
_LETTER = "[A-Za-z0-9\u4e00-\u7683\u7685-\u9fa5]"  # not 的: what stands before it belongs to somebody
_MORE = rf"(?:(?![修有在没]){_LETTER}){{0,8}}?(?:{_PLACE_TAIL})"
_PLACE = re.compile(rf"{_LETTER}{{2,12}}?(?:{_PLACE_TAIL})(?:{_MORE})?{_PLACE_DETAIL}")
_LED_IN = re.compile(r"^.*?(?:住在|位于|地址是|地点是|家住在?|就在|在|(?:^|我|们)住(?![宅房院户建宿]))")

# Words the pattern above would take for the beginning of a name: whose home it is, which one of many, how far, and what
# the sentence is about. 家 belongs to them only behind its owner: 家和小区 and 李家村 are names.
_KIN = (
    "爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|姥姥|姥爷|外公|外婆|婆婆|公公|岳父|岳母|哥哥?|姐姐?|弟弟?|妹妹?|叔叔?|姑姑?|舅舅?|姨妈?"
    "|儿子|女儿|孩子|小孩|亲戚|朋友|同事|邻居|老人"
)
_WHOSE = rf"(?:我|俺|咱|你|您|他|她|自己?(?=家)|人家|别人|本人|(?:{_KIN})(?=家))(?:们|{_KIN})*(?:老?家)?(?:里|人)?"
_WHICH = "[这那哪](?:个|条|里|边|儿|家|些)?|[有每各整几](?:个|条|家)|一[个条家处]|本(?=小区|社区|村|学校)|什么|某"
_NEAR = "楼[上下前后]|屋后|[门家村]口|门前|家里|附近|旁边|[周对]边|周围|对面|隔壁|[前后里]面"
_SAYING = (
    rf"是|系|叫|来自|属于?|住|[走过马修](?=(?:{_PLACE_TAIL})$)|还要?|再(?!生)|投诉|举报|反映|关于|请[求问]?|咨询|希望|恳请"
    "|但是?|因为|由于|对于?|目前|最近|每天"
)
_NOT_A_PLACE = re.compile(rf"^(?:{_WHOSE}|{_WHICH}|{_NEAR}|{_SAYING})+")
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
        place = _NOT_A_PLACE.sub("", _LED_IN.sub("", found))
        if place and not _BARE_TAIL.match(place) and len(place) > 2:
            return place[:_PLACE_LIMIT]
    return None
