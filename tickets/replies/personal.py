"""Other people's data in a reply. What the citizen said may be repeated to them; an office's phone may be told."""

import re
from collections.abc import Collection, Iterator

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.named import has_a_unit
from tickets.replies.rules import Rules

_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_CARD = re.compile(r"(?<!\d)(?:62|4\d|5[1-5])\d{14,17}(?!\d)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_BEFORE = 16  # characters in which it is said whose number it is
_NAME_ENDS = r"(?=[，。、；：:,;（(\s]|的|与|和|于|在|将|已|未|对|向|称|说|反映|表示|承认|同意|$)"
_NO_NAME = re.compile(r"[某等人们家是为方面元]|先生|女士")


def check_personal_data(reply: str, request: str, known: Collection[str], rules: Rules) -> Iterator[Finding]:
    """Find numbers that belong to somebody else.

    Args:
        known: what the citizen is known by, as name and phone: it may be repeated to them.
    """
    own = re.sub(r"[\s-]", "", " ".join((request, *known)))
    for kind, pattern in (("身份证号", _IDENTITY), ("银行卡号", _CARD), ("车牌号", _PLATE)):
        for found in pattern.finditer(reply):
            if re.sub(r"[\s·-]", "", found.group()) not in own.replace("·", ""):
                told = f"这里有别人的{kind}，不能发给市民。请删掉，或者只留头尾几位。"
                yield Finding(Code.PERSONAL_DATA, Severity.HARD, found.span(), told)
    for found in _MOBILE.finditer(reply):
        before = reply[max(0, found.start() - _BEFORE) : found.start()]
        if re.sub(r"[\s-]", "", found.group()) not in own and not _of_an_office(before, rules):
            told = "这里有一个私人手机号。是别人的，请删掉；是办事联系电话，请写明“联系电话”和单位。"
            yield Finding(Code.PERSONAL_DATA, Severity.HARD, found.span(), told)


def check_names(reply: str, request: str, known: Collection[str], rules: Rules) -> Iterator[Finding]:
    """Find names of people that the citizen has not named. Who informed on somebody is never named to others."""
    own = " ".join((request, *known))
    persons = "|".join(rules.persons)
    pattern = re.compile(rf"({persons})(?:为|是|系|叫|[:：])?([{rules.surnames}][\u4e00-\u9fa5]{{1,2}}?){_NAME_ENDS}")
    for found in pattern.finditer(reply):
        role, name = found.groups()
        if name in own or _NO_NAME.search(name):
            continue
        severity = Severity.HARD if role in rules.informers else Severity.SOFT
        told = f"“{role}”后面像是一个人的姓名。市民没有提到的人，写成“{name[0]}某”或只写“{role}”。"
        yield Finding(Code.NAME, severity, found.span(2), told)


def _of_an_office(before: str, rules: Rules) -> bool:
    clause = re.split(r"[。；;！!]", before)[-1]
    office = has_a_unit(clause) or any(word in clause for word in rules.office_phones)
    return office and not any(word in clause for word in rules.persons if word != "负责人")
