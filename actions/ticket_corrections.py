"""Corrections: a field of the ticket form and its new value, whenever they are said."""

import re
from typing import Any

from rasa_sdk import Tracker

from actions.turn import Turn
from tickets.intake.name import read_name
from tickets.intake.phone import parse_phone
from tickets.intake.place import read_place
from tickets.intake.story import read_description

CORRECTABLE = {"description": "内容", "place": "地点", "phone": "电话", "name": "称呼"}

_FIELD_WORDS = {
    "description": re.compile(r"内容|事情|经过|描述|情况"),
    "place": re.compile(r"地[址点方]|位置|门牌|小区|路"),
    "phone": re.compile(r"电话|手机|号码|联系方式"),
    "name": re.compile(r"称呼|名字|姓名|姓"),
}

CHANGES = re.compile(r"改|换|错|不对|应该是|应该姓|应为")

_NEW_VALUE = re.compile(r"(?:改成|改为|换成|改到|应该是|应为|应该姓|再加一?句|加一句|补充一?句)[:：，,\s]*(.+)$")

_KEEP = re.compile(r"^(不用?改了?|算了不改了?|保持(原样|不变)|不变|还是原来的.*|确认提交)[。！!]*$")


def kept_as_it_was(turn: Turn, asked: str, tracker: Tracker) -> dict[str, Any] | None:
    """The field as it was, for one who wanted to change it and no longer does."""
    previous = tracker.get_slot("ticket_previous")
    if not previous or previous["field"] != asked or tracker.get_slot(f"ticket_{asked}"):
        return None
    stays = turn.values.get("field") == "keep" if turn.clicked else _KEEP.match(turn.text) is not None
    return {asked: previous["value"], "previous": None} if stays else None


def corrected_meanwhile(turn: Turn, asked: str, tracker: Tracker) -> dict[str, Any] | None:
    """A field and its new value, said while some field is asked: this one, or one filled before."""
    if turn.clicked or asked == "confirmed" or not CHANGES.search(turn.text):
        return None
    corrected = correction_in(turn.text, tracker)
    field = next(iter(corrected), None) if corrected else None
    return corrected if field == asked or (field and tracker.get_slot(f"ticket_{field}")) else None


def correction_in(text: str, tracker: Tracker) -> dict[str, Any] | None:
    """A field and its new value, where one message says both."""
    field, value = field_meant(text), _NEW_VALUE.search(text)
    phone = parse_phone(text)
    if phone and field in (None, "phone") and phone != tracker.get_slot("ticket_phone"):
        return {"phone": phone}
    if field is None or value is None:
        return None
    new = value.group(1).strip("。！! ")
    if field == "description":
        before = tracker.get_slot("ticket_description")
        told = read_description(new)
        adds = re.search(r"加|补充", text) is not None
        return {"description": f"{before}。{told}" if adds and before else told} if told else None
    taken = {"place": read_place, "name": read_name, "phone": parse_phone}[field](new)
    return {field: taken} if taken else None


def field_meant(text: str) -> str | None:
    """The field named next to what is wrong with it, or the only one named."""
    parts = [part for part in re.split(r"[，,；;。]", text) if CHANGES.search(part)] or [text]
    for part in parts:
        found = [name for name, words in _FIELD_WORDS.items() if words.search(part.split("改成")[0].split("应该是")[0])]
        if found:
            return found[-1] if "description" not in found else "description"
    return None
