"""Sending somebody away: "not our duty" is no answer and no reason, unless it says whose duty it is."""

import re
from collections.abc import Iterator

from tickets.replies.finding import Code, Finding, Severity
from tickets.replies.rules import Rules, any_of
from tickets.replies.rules import rules as usual_rules
from tickets.replies.substance import PHONE, letters

_OF_A_UNIT = (
    "局|部门|委员会|委|厅|办公室|办事处|办|中心|公司|集团|街道|政府|法院|仲裁院|检察院|协会|学会|大队|支队|中队|队|派出所|管理所"
    "|税务所|所|医院|学校|学院|大学|银行|工会|联合会|残联|妇联|居委会|村委会|业委会|物业|指挥部|管理处|处|社区|乡|镇"
)
_UNIT = re.compile(rf"[\u4e00-\u9fa5A-Za-z0-9]{{2,}}?(?:{_OF_A_UNIT})")
_SOMEBODY = re.compile(
    r"(?:我|本|该|你|您|贵|其他|其它|有关|相关|上级|对口|主管|职能|相应|涉事|各|的|一|责任(?=单位|部门))+的?(?:职能|主管|业务|对口)*"
    rf"(?:部门|单位|机构|方面|{_OF_A_UNIT})"
)
_OTHERS_DUTY = re.compile(r"(?:[由归属向到找请]|负责|职责|主管|管理|管辖|管养|职权|权属|咨询|联系|反映|投诉|反馈|转)")
_REASON_LEAST = 6  # characters a reason has at least


def names_a_unit(text: str) -> bool:
    """Whether a text says who should be asked instead: a unit by name, or a phone."""
    if PHONE.search(text):
        return True
    return any(
        _OTHERS_DUTY.search(part) and _UNIT.search(_SOMEBODY.sub("，", part)) for part in re.split(r"[。；;！!]", text)
    )


def check_shirking(reply: str, rules: Rules) -> Iterator[Finding]:
    """Find where a reply sends the citizen away without saying where to."""
    for phrase in any_of(rules.shirking).finditer(reply):
        if not names_a_unit(_without(reply, phrase)):
            told = f"“{phrase.group()}”会让市民不知道该找谁。请写清归哪个单位管、电话多少；拿不准就申请退单。"
            yield Finding(Code.SHIRKING, Severity.HARD, phrase.span(), told)


def check_return_reason(text: str, named_unit: str | None, rules: Rules | None = None) -> list[Finding]:
    """What is wrong with the reason a unit gives for handing a ticket back (退单).

    Args:
        named_unit: the unit that should act, as chosen beside the reason; None where none was.

    Returns:
        Nothing where the reason can be considered; a hard finding refuses the return.
    """
    rules = rules or usual_rules()
    whole = (0, len(text))
    if letters(text) < _REASON_LEAST:
        told = "请写清为什么退：依据哪条职责分工或哪个现场情况，应由哪个单位来办。"
        return [Finding(Code.TOO_SHORT, Severity.HARD, whole, told)]
    if named_unit or names_a_unit(text):
        return []
    phrase = any_of(rules.shirking).search(text)
    said = f"只说“{phrase.group()}”，" if phrase else "没有写应由哪个单位来办，"
    told = f"{said}退回后还是没有人接。请写明应由哪个单位办、依据是什么；拿不准的，写明您问过谁，由热线中心来定。"
    return [Finding(Code.SHIRKING, Severity.HARD, phrase.span() if phrase else whole, told)]


def _without(text: str, phrase: re.Match[str]) -> str:
    return f"{text[: phrase.start()]}，{text[phrase.end() :]}"
