"""A published text made speakable: short, no addresses, no lists, numbers and units as people say them."""

import re
from collections.abc import Callable

from channels.hotline.numerals import said_digits, said_number, said_phone

LONGEST = 120
"""Characters: about half a minute."""

_LINK = re.compile(r"(?:网址|链接|网站|登录|详见|见)?[：:]?\s*(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+\.[\w.]+")
_LIST_MARK = re.compile(r"^\s*(?:[-*•·●◆▪]+|\d{1,2}[.、)）](?!\d)|[（(][\d一二三四五六七八九十]{1,3}[)）]|[①-⑳]|#+)\s*")
_ASIDE = re.compile(r"[（(\[【]([^（）()\[\]【】]*)[)）\]】]")
_ASIDE_SET_OFF = 5  # characters, from which a pause is heard around it …
_ASIDE_LIMIT = 10  # … and up to which it can be followed by ear
_DOUBLE_PAUSE = re.compile(r"，+(?=[，。；、！？：])|(?<=[。；、！？：])，")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s+(?=\d)")
_QUOTES = re.compile(r"[《》〈〉“”‘’\"'`*_#|]")
_ENDS = "。！？；，：、"
_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")
_CLAUSE = re.compile(r"[^，、]+[，、]?")

_PHONE = re.compile(
    r"(?<![\d.])(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3,4}-?\d{3,4}|12[13]\d{2}|96\d{3}|95\d{3}|1[12][0-9])(?![\d.,]|\s?[个元天年月日人岁%分小万米次])"
)
_MONEY_SIGN = re.compile(r"[¥￥]\s*(\d[\d,]*(?:\.\d+)?)")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?::\d{2})?(?!\d)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年)")
_RANGE = re.compile(r"(?<=[\d点分日月年%元])\s*[-—–~～至]+\s*(?=\d|百分之)")
_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PAIR = re.compile(r"(?<![\d.])2(?=\s?(?:个|天|年(?!级)|周|次|张|份|人|小时|寸|种|位|名|家|套|页|遍|项|级))")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNITS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"(?<=[元块吨度米个次人])[/／](?=[月年人天次日平立吨度户学])", "每"),
        (r"㎡|(?<=\d)\s?(?:m²|m2|平米)", "平方米"),
        (r"(?<=\d)\s?(?:m³|m3|㎥)", "立方米"),
        (r"(?<=\d)\s?(?:km|公里)(?![a-z])", "公里"),
        (r"(?<=\d)\s?kg(?![a-z])", "公斤"),
        (r"(?<=\d)\s?cm(?![a-z])", "厘米"),
        (r"(?<=\d)\s?h(?![a-z])", "小时"),
        (r"℃|°C", "摄氏度"),
        (r"≥", "不低于"),
        (r"≤", "不超过"),
        (r">|＞", "超过"),
        (r"<|＜", "低于"),
        (r"×", "乘"),
        (r"(?<=\d)\s*[+＋]\s*(?=\d)", "加"),
        (r"[/／]", "或"),
        (r"&", "和"),
    )
)


def speakable(text: str, longest: int = LONGEST) -> str:
    """What is to be said of a text.

    Args:
        longest: characters; whole sentences are kept as far as they fit.
    """
    return _shortened(_numbers_said(_plain(text)), longest)


def spoken_phone(number: str) -> str:
    """A number to be dialled, as it is read out."""
    return said_phone(re.sub(r"\D", "", number))


def _plain(text: str) -> str:
    """One paragraph without links, marks and long asides."""
    lines = [_LIST_MARK.sub("", _LINK.sub("", line)).strip() for line in text.splitlines()]
    joined = "".join(line if line[-1] in _ENDS else f"{line}。" for line in lines if line)
    joined = _BETWEEN_NUMBERS.sub("，", _QUOTES.sub("", _ASIDE.sub(_aside, joined)))
    return _DOUBLE_PAUSE.sub("", re.sub(r"\s+", "", joined))


def _aside(found: re.Match[str]) -> str:
    told = found[1]
    if len(told) > _ASIDE_LIMIT:
        return ""
    return f"，{told}，" if len(told) >= _ASIDE_SET_OFF else told


def _numbers_said(text: str) -> str:
    said: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_PHONE, lambda found: spoken_phone(found[0])),
        (_MONEY_SIGN, lambda found: f"{found[1]}元"),
        (_DATE, lambda found: f"{found[1]}年{int(found[2])}月{int(found[3])}日"),
        (_TIME, lambda found: f"{int(found[1])}点" + (f"{found[2]}分" if int(found[2]) else "")),
        (_RANGE, lambda _found: "到"),
        (_COMMA, lambda _found: ""),
        (_PERCENT, lambda found: f"百分之{found[1]}"),
        (_YEAR, lambda found: said_digits(found[1])),
    )
    for pattern, saying in said:
        text = pattern.sub(saying, text)
    for unit, word in _UNITS:
        text = unit.sub(word, text)
    return _NUMBER.sub(lambda found: said_number(found[0]), _PAIR.sub("两", text))


def _shortened(text: str, longest: int) -> str:
    """Whole sentences as far as they fit; of a first one that is too long, whole clauses; else a hard cut."""
    if len(text) <= longest:
        return text
    for pieces in (_SENTENCE.findall(text), _CLAUSE.findall(text)):
        kept = ""
        for piece in pieces:
            if len(kept) + len(piece) > longest:
                break
            kept += piece
        if kept:
            return kept if kept[-1] in "。！？" else kept.rstrip("，、；：") + "。"
    return text[:longest]
