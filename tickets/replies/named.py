"""Whether a text says who it is that acts or can be asked: a unit by its name, a phone."""

import re

PHONE = re.compile(
    r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|[2-8]\d{6,7}|1[02]\d{3}|1[12][0-9]|96\d{3,4}|400-?\d{3}-?\d{4}|1[3-9]\d{9})(?!\d)"
)
"""Where to ask: a phone, a hotline."""

_OF_A_UNIT = (
    "局(?!面|势|部)|部门|委员会|委(?!托|屈|派)|厅|办公室|办事处|办(?![理法公事结案件好完成证])|中心(?!城|区|地)|公司|集团|街道|政府|法院"
    "|仲裁院|检察院|协会|学会|大队|支队|中队|队(?!伍)|派出所|管理所|税务所|所(?![以有属反述在说需谓])|医院|学校|学院|大学|银行|工会"
    "|联合会|残联|妇联|居委会|村委会|业委会|物业|指挥部|管理处|处(?![理置罚于在分])|社区|乡|镇"
)
_UNIT = re.compile(rf"[\u4e00-\u9fa5A-Za-z0-9]{{2,}}?(?:{_OF_A_UNIT})")
_SOMEBODY = re.compile(
    r"(?:我|本|该|你|您|贵|其他|其它|有关|相关|上级|对口|主管|职能|相应|涉事|各|的|一|责任(?=单位|部门))+的?(?:职能|主管|业务|对口)*"
    rf"(?:部门|单位|机构|方面|{_OF_A_UNIT})"
)
_OTHERS_DUTY = re.compile(
    r"(?:[由归属向到找请]|负责|职责|主管|管理|管辖|管养|养护|移交|职权|执法权|权属|咨询|联系|反映|投诉|反馈|转)"
)


def has_a_unit(text: str) -> bool:
    """Whether a unit stands in a text by its name, and not only "有关部门"."""
    return _UNIT.search(_SOMEBODY.sub("，", text)) is not None


def names_a_unit(text: str) -> bool:
    """Whether a text says who should be asked instead: a unit by name, or a phone."""
    if PHONE.search(text):
        return True
    return any(_OTHERS_DUTY.search(part) and has_a_unit(part) for part in re.split(r"[。；;！!]", text))
