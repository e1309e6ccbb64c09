"""The columns of a file of entries: their English and Chinese names, and what staff should write into them."""

from dataclasses import dataclass
from typing import Any

from knowledge_base.entry import Facets

LISTS = ("similar_questions", "keywords", "audience")
DATES = ("effective_from", "expires_on", "review_by")
FACETS = tuple(Facets.model_fields)
NOT_IMPORTED = frozenset({"version", "published_at"})  # the base counts versions itself


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: the English name, in files for programs.
        chinese: the name in files for people; both are understood everywhere.
        meaning: what belongs into it, in the template's explanation.
        example: its cell in the template's example row.
        other: further names that are understood.
    """

    name: str
    chinese: str
    meaning: str
    example: str = ""
    other: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "id",
        "编号",
        "必填。每个条目一个，不能重复，以后改内容也用它；字母、数字、短横线最稳妥。",
        "示例-请换成自己的编号",
        ("slug", "条目编号"),
    ),
    Column("matter", "事项", "事项的简短名称，显示在选项里。", "公交卡办理", ("事项名称",)),
    Column("question", "问题", "必填。市民最常用的问法。", "公交卡在哪里办？", ("标准问题", "标准问法")),
    Column(
        "answer", "答案", "必填。给市民看的答案，可以分行。", "带身份证到任一公交服务点，当场办好。", ("回答", "答复")
    ),
    Column(
        "similar_questions",
        "相似问法",
        "同一件事的其他问法，几个之间用 | 隔开；问法里本来就有 | 的，写成 \\|。",
        "坐公交的卡去哪办|公交卡怎么申请",
        ("相似问题", "相似问"),
    ),
    Column("keywords", "关键词", "几个之间用 | 隔开。", "公交卡|一卡通"),
    Column("category", "分类", "所属的类别。", "交通出行", ("类别",)),
    Column("audience", "适用人群", "几个之间用 | 隔开。", "个人", ("服务对象",)),
    Column("issuing_unit", "发布单位", "对内容负责的单位。", "示例区交通运输局", ("责任单位",)),
    Column("region", "适用地区", "只在哪里适用。", "示例区", ("地区", "区域")),
    Column(
        "effective_from",
        "生效日期",
        "从这一天（或这一分钟）起才告诉市民；写成 2026-01-31 或 2026-01-31 08:30，空着就是一直有效。",
        "2026-01-31",
        ("生效时间",),
    ),
    Column("expires_on", "失效日期", "从这一天（或这一分钟）起不再告诉市民；写法同上。", "", ("失效时间",)),
    Column("review_by", "复核日期", "最迟哪一天再核对一遍，写成 2026-01-31。", "2027-01-31"),
    Column("short_answer", "简短答案", "短信和语音用，最好不超过 70 字。", "带身份证到任一公交服务点办理。"),
    Column("conditions", "条件", "什么人、什么情况可以办。"),
    Column("materials", "材料", "要带什么。", "身份证原件。"),
    Column("steps", "流程", "怎么办，一步一行。"),
    Column("time_limit", "时限", "多久办好。", "当场。"),
    Column("fee", "费用", "收多少钱。", "工本费 20 元。"),
    Column("place", "地点", "到哪里办。"),
    Column("phone", "电话", "咨询电话。", "12345"),
    Column("online", "网办", "网上怎么办。", "", ("网上办理",)),
    Column("legal_basis_note", "依据说明", "依据里讲了什么。"),
    Column(
        "legal_basis",
        "依据",
        "法规或文件，写成《名称》第几条；几个之间用 | 隔开。",
        "《示例区公共交通管理办法》第六条",
        ("法律依据", "政策依据"),
    ),
    Column(
        "attachments",
        "附件",
        "标题、空格、网址（或 /files/ 里的文件）；几个之间用 | 隔开。",
        "申请表 /files/bus-card.docx",
        ("下载", "表格"),
    ),
    Column("visibility", "可见范围", "public：市民能看；staff：只给工作人员看。空着就是 public。", "public"),
)

REQUIRED = ("id", "question", "answer")
CHINESE = {column.name: column.chinese for column in COLUMNS}
_NAMES = {name.lower(): column.name for column in COLUMNS for name in (column.name, column.chinese, *column.other)} | {
    "版本": "version",
    "发布时间": "published_at",
    "facets": "facets",
    "分项": "facets",
}


def column_name(written: Any) -> str:
    """The English name of a column however it was written; what nobody knows stays as it is."""
    text = str(written).strip().removesuffix("*").strip()
    return _NAMES.get(text.lower(), text)


def shown_name(name: str) -> str:
    """A column as messages name it: 答案（answer）."""
    return f"{CHINESE[name]}（{name}）" if name in CHINESE else name
