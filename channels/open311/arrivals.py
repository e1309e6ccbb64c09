"""A request from a portal: its form read, checked, and made a draft of a ticket."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import uuid4

from channels.open311.services import is_confidential, kind_of, leaf
from channels.open311.wording import Refused
from tickets.categories.tree import Categories
from tickets.intake.phone import parse_phone
from tickets.ticket import Draft

FORM_LIMIT = 64 * 1024  # bytes
_FIELDS = 100
_LONGEST = {"description": 4000, "address_string": 200, "address_id": 40, "email": 100, "media_url": 500}
_NAME_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a portal sent.

    Attributes:
        coordinates: latitude and longitude, WGS-84.
    """

    draft: Draft
    coordinates: tuple[float, float] | None


def read_form(raw: bytes) -> dict[str, str]:
    """The fields of a form; of one that comes twice, the last.

    Raises:
        Refused: it is none.
    """
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as error:
        raise Refused(400, "请求的内容应是表单（application/x-www-form-urlencoded，UTF-8）。") from error
    if any(ord(character) < ord(" ") and character not in "\n\r\t" for _, value in pairs for character in value):
        raise Refused(400, "内容里有看不见的控制字符，请去掉。")
    return {name: value.strip() for name, value in pairs}


def read_request(form: Mapping[str, str], categories: Categories, portal: str) -> Arrived:
    """The draft a form makes.

    Args:
        portal: the name of the key it came with.

    Raises:
        Refused: what is missing, or cannot be understood.
    """
    if not form.get("service_code"):
        raise Refused(400, "请写明 service_code。")
    category = leaf(categories, form["service_code"])
    for name, limit in _LONGEST.items():
        if len(form.get(name, "")) > limit:
            raise Refused(400, f"{name} 最多 {limit} 个字。")
    coordinates = _coordinates(form)
    place = form.get("address_string") or form.get("address_id") or ""
    if coordinates is None and not place:
        raise Refused(400, "请写明地点：lat 和 long，或者 address_string，或者 address_id。")
    draft = Draft(
        id=f"open311-{uuid4().hex}",
        kind=kind_of(form),
        channel="open311",
        conversation=f"open311:{portal}",
        description=_description(form, category.name),
        place=place or "坐标（WGS-84）：{:.6f}, {:.6f}".format(*(coordinates or (0, 0))),
        name=_name(form),
        phone=_phone(form),
        matter=category.name,
        category=category.code,
        confidential=is_confidential(form),
    )
    return Arrived(draft, coordinates)


def _coordinates(form: Mapping[str, str]) -> tuple[float, float] | None:
    if not form.get("lat") and not form.get("long"):
        return None
    try:
        latitude, longitude = float(form.get("lat", "")), float(form.get("long", ""))
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # also when they are no numbers
        raise Refused(400, "lat 和 long 要一起写，用 WGS-84 的度数，例如 lat=36.65&long=117.12。")
    return latitude, longitude


def _description(form: Mapping[str, str], service: str) -> str:
    parts = [form.get("description") or service]
    if form.get("media_url"):
        parts.append(f"照片或视频：{form['media_url']}")
    if form.get("email"):
        parts.append(f"电子邮箱：{form['email']}")
    return "\n".join(parts)


def _name(form: Mapping[str, str]) -> str:
    name = form.get("last_name", "") + form.get("first_name", "")  # the family's name comes first
    if len(name) > _NAME_LIMIT:
        raise Refused(400, f"姓名最多 {_NAME_LIMIT} 个字。")
    return name


def _phone(form: Mapping[str, str]) -> str | None:
    if not form.get("phone"):
        return None
    phone = parse_phone(form["phone"])
    if phone is None:
        raise Refused(400, "phone 不是有效的电话号码；固定电话要带区号。")
    return phone
