"""What a citizen's own words already tell: the story, the place, a phone, a name."""

import re
from dataclasses import dataclass

from tickets.phone import parse_phone

ANONYMOUS = "不愿透露"
UNKNOWN_PLACE = "未说明"

_TEXT_LIMIT = 1000
_PLACE_LIMIT = 100
_NAME_LIMIT = 20
_ENOUGH_STORY = 4

# The announcement of a request is not yet its story: "我要投诉" alone leaves everything to be asked.
_ANNOUNCEMENT = re.compile(
    r"^[\s，,。.！!]*(你好|您好|请问)?[\s，,]*(我|俺|咱)?(们)?(还|再|又)?(想要?|要|需要|得)?(进行|再)?(有个|有件)?(困难|事情?|问题)?(想|要)?(一个|个|一下|下)?"
    r"(投诉|举报|求助|反映|反应|建议|表扬|报修|登记)(一个|一件|一下|个|件|下|点)?(问题|事情?|情况|意见|建议)?[\s，,。.！!：:]*"
)
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
_NAME = re.compile(
    r"(?:我姓|免贵姓|本人姓|[，,。\s]姓)([\u4e00-\u9fa5]{1,2})|(?:我叫|我是|姓名[是：:]?|称呼[是：:]?)([\u4e00-\u9fa5]{2,3}(?:先生|女士|师傅|老师|阿姨)?)(?=$|[，,。\s])"
)
# What people say instead of naming a person or a place.
_NO_NAMING = (
    r"好的?|是的?|对的?|行|可以|嗯+|同意|确认|保密|(?:你|您|大家)好.*|谢谢.*|.*[?？吗呢]|(?:为什么|为啥|凭什么|怎么).*"
)
_NO_NAME = re.compile(
    rf"^(?:{_NO_NAMING}|好吧|哦+|没有|在吗|上一步|返回|.*(?:填|写|弄)错.*|什么.*"
    r"|(?:我的?)?(?:电话|手机|号码|地址|地点|名字|姓名|内容)(?:号码?)?.{0,2}|匿名|不说|不想说|不方便.*|不告诉.*)$"
)
_TITLES = "先生|女士|小姐|师傅|老师|阿姨|大爷|大妈|叔叔|同志"
_LEADING_TITLED = re.compile(rf"^(?:叫我|我?(?:叫|是|姓)|称呼)?([\u4e00-\u9fa5]{{1,3}}(?:{_TITLES}))[，,。\s]")
_TITLED = re.compile(rf"[\u4e00-\u9fa5]{{1,3}}(?:{_TITLES})")
_NO_PLACE = re.compile(
    rf"^(?:{_NO_NAMING}|这里|那里|附近|.*(?:改一下|要改|写错|填错).*|(?:电话|手机)(?:号码?)?(?:是|:|：)?.*|地[址点](?:不对|错了).*)$"
)
_UNKNOWN = re.compile(r"^(不知道|不清楚|说不清|没有具体|不确定|忘了|没地址|不晓得)")


@dataclass(frozen=True, slots=True)
class Intake:
    """What could be read from one message; None where it says nothing."""

    description: str | None
    place: str | None
    phone: str | None
    name: str | None

    @classmethod
    def of(cls, text: str) -> "Intake":
        """Read a message as the beginning of a request."""
        return cls(read_story(text), find_place(text), parse_phone(text), find_name(text))


def read_story(text: str) -> str | None:
    """The message as a description, if it tells what happened and does not only announce a request."""
    story = _ANNOUNCEMENT.sub("", text).strip()
    return text.strip()[:_TEXT_LIMIT] if len(story) >= _ENOUGH_STORY else None


def read_description(text: str) -> str | None:
    """The answer to "what happened"; None when nothing can be made of it."""
    text = text.strip()
    return text[:_TEXT_LIMIT] if len(re.findall(r"[\u4e00-\u9fa5A-Za-z0-9]", text)) >= 4 else None


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
    for found in _PLACE.findall(_ANNOUNCEMENT.sub("", text)):
        place = _NOT_A_PLACE.sub(
            "", re.sub(r"^.*?(?:住在|位于|地址是|地点是|家住|就在|在|(?:^|我|们)住(?![宅房院户建宿]))", "", found)
        )
        if place and not _BARE_TAIL.match(place) and len(place) > 2:
            return place[:_PLACE_LIMIT]
    return None


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
