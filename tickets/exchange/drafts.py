"""From a row another platform gave to the draft of a ticket, or what is wrong with it."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import TypeVar

from service.clock import CHINA
from tickets.categories.tree import Categories
from tickets.deadlines.rule_file import CHANNELS
from tickets.exchange.headings import Column
from tickets.given import TEXT_LIMIT
from tickets.intake.phone import parse_phone
from tickets.ticket import Draft, Kind
from tickets.urgency import Urgency

COLUMNS = (
    Column("external", ("上级工单编号", "外部编号", "工单编号"), required=True),
    Column("description", ("诉求内容", "内容", "诉求描述"), required=True),
    Column("kind", ("诉求类型", "类型")),
    Column("channel", ("渠道", "来源")),
    Column("urgency", ("紧急程度",)),
    Column("category", ("分类", "诉求分类")),
    Column("matter", ("事项",)),
    Column("street", ("街道",)),
    Column("community", ("社区",)),
    Column("place", ("地点", "地址", "诉求地址")),
    Column("name", ("诉求人", "姓名")),
    Column("phone", ("联系电话", "电话")),
    Column("confidential", ("保密",)),
    Column("promised_at", ("承诺时限", "办理时限", "截止时间")),
)
_LIMITS = {
    "external": 60,
    "description": TEXT_LIMIT,
    "matter": 100,
    "street": 40,
    "community": 40,
    "place": 200,
    "name": 50,
}
_TITLES = {column.name: column.titles[0] for column in COLUMNS}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YEARS = range(2000, 2200)
_YES_NO = {"": False, "否": False, "是": True}

_Value = TypeVar("_Value", bound=StrEnum)


class RowRefused(Exception):
    """A row is no request; the message says why, in Chinese."""


def read_draft(row: Mapping[str, str], categories: Categories) -> Draft:
    """The draft of a row. Its id comes from the other platform's number, so the same row is the same ticket.

    Raises:
        RowRefused: see there.
    """
    for name, text in row.items():
        if _CONTROL.search(text):
            raise RowRefused(f"{_TITLES[name]}里有看不见的控制字符，请删掉")
        if len(text) > _LIMITS.get(name, 100):
            raise RowRefused(f"{_TITLES[name]}有 {len(text)} 个字，最多 {_LIMITS.get(name, 100)} 个")
    for name in ("external", "description"):
        if not row[name]:
            raise RowRefused(f"{_TITLES[name]}是空的")
    external = row["external"]
    return Draft(
        id=f"import-{hashlib.sha256(external.encode()).hexdigest()[:48]}",
        kind=_labelled(Kind, row, "kind", Kind.HELP),
        channel=_channel(row.get("channel", "")),
        conversation="import",
        description=row["description"],
        place=row.get("place", ""),
        name=row.get("name", ""),
        phone=_phone(row.get("phone", "")),
        matter=row.get("matter") or None,
        category=_category(row.get("category", ""), categories),
        urgency=_labelled(Urgency, row, "urgency", Urgency.NORMAL),
        street=row.get("street") or None,
        community=row.get("community") or None,
        confidential=_yes_no(row.get("confidential", "")),
        external=external,
        promised_at=_moment(row.get("promised_at", "")),
    )


def _labelled(values: type[_Value], row: Mapping[str, str], name: str, usual: _Value) -> _Value:
    text = row.get(name, "")
    if not text:
        return usual
    by_label = {getattr(value, "label"): value for value in values} | {value.value: value for value in values}  # noqa: B009
    if text not in by_label:
        labels = "、".join(getattr(value, "label") for value in values)  # noqa: B009
        raise RowRefused(f"{_TITLES[name]}“{text}”不对，可以写：{labels}")
    return by_label[text]


def _channel(text: str) -> str:
    if not text:
        return "upper"
    if text in CHANNELS.values():
        return text
    if text not in CHANNELS:
        raise RowRefused(f"渠道“{text}”不对，可以写：{'、'.join(CHANNELS)}；不写就是上级转办")
    return CHANNELS[text]


def _phone(text: str) -> str | None:
    if not text:
        return None
    phone = parse_phone(text)
    if phone is None:
        raise RowRefused("联系电话不是有效的号码；固定电话要带区号，没有就空着")
    return phone


def _category(text: str, categories: Categories) -> str | None:
    if text and text not in categories:
        raise RowRefused(f"分类“{text}”不在分类名单里，请写成“大类/小类”，没有就空着")
    return text or None


def _yes_no(text: str) -> bool:
    if text not in _YES_NO:
        raise RowRefused("保密只能写 是 或 否")
    return _YES_NO[text]


def _moment(text: str) -> datetime | None:
    """A promised time in China; a day alone means its last minute."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise RowRefused("承诺时限应写成 2026-11-30 或 2026-11-30 18:00") from error
    if moment.year not in _YEARS:
        raise RowRefused("承诺时限的年份不对")
    if len(text) <= len("2026-11-30"):
        moment = datetime.combine(moment.date(), time(23, 59))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)
