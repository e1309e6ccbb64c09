"""Masking of personal data in whatever leaves for a log, a page or an export."""

import re
import unicodedata

PERSONAL_NUMBER = (
    r"(?<!\d)(?:"
    r"(?:\+?86[\s-]*)?1[3-9](?:[\s-]?\d){9}"  # mobile
    r"|0\d{2,3}[\s-]?\d{7,8}"  # landline
    r"|[1-9]\d{5}[\s-]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s-]?\d{3}[\dXx]"  # identity number
    r")(?!\d)"
)
"""What is somebody's whole phone or identity number in what was typed; in words JavaScript understands as well."""

_PERSONAL_NUMBER = re.compile(PERSONAL_NUMBER, re.ASCII)

# \d is any script's digit: a Chinese keyboard writes １３８… as well.
_GAP = r"[ \-－—.·]?"
_IDENTITY = rf"(?<!\d)(\d)\d{{5}}{_GAP}\d{{8}}{_GAP}\d{{3}}([\dXxＸｘ])(?!\d)"
_CARD = r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)"
_CARD_AS_PRINTED = r"(?<!\d)(\d{4})(?: \d{4}){2,3} (\d{3,4})(?!\d)"
_MOBILE = rf"(?<!\d)((?:(?:[+＋]|00)?86{_GAP})?[1１][3-9３-９]\d){_GAP}\d{{4}}{_GAP}(\d{{4}})(?!\d)"
_LANDLINE = rf"(?<!\d)([0０]\d{{2,3}}[)）]?{_GAP}\d{{2}})\d(?:[ -]?\d){{2}}(\d{{2,3}})(?!\d)"
_PATTERNS = (
    (re.compile(_IDENTITY), r"\1****************\2"),
    (re.compile(_CARD), r"\1********\2"),
    (re.compile(_CARD_AS_PRINTED), r"\1********\2"),
    (re.compile(_MOBILE), r"\1****\2"),
    (re.compile(_LANDLINE), r"\1***\2"),
)
_FIGURE = r"[0-9０-９A-Za-z一二三四五六七八九十百零〇两]+"
_DOOR = re.compile(rf"{_FIGURE}(?:[-－—#之]{_FIGURE})*(?=号|栋|幢|座|单元|室|层|楼|户|弄|门|院)")
_ROOM = re.compile(r"[0-9０-９]+(?:[-－—#][0-9０-９]+)*")


def mask_personal_data(text: str) -> str:
    """Replace the middle of phone, identity and card numbers: 138****1234."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def holds_personal_number(text: str) -> bool:
    """Whether a text holds somebody's whole phone or identity number; full-width digits are digits as well."""
    return _PERSONAL_NUMBER.search(unicodedata.normalize("NFKC", text)) is not None


def mask_home(place: str) -> str:
    """A place without what leads to one door: 阳光小区*号楼*单元*室, 幸福路*号."""
    return _ROOM.sub("*", _DOOR.sub("*", place))


def mask_name(name: str) -> str:
    """A person's name as others may see it: 张*."""
    return name[:1] + "*" if name else ""
