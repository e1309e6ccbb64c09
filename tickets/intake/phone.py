"""Phone numbers citizens give, checked and brought to one form."""

import re
import unicodedata

import phonenumbers

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]*)?1[3-9](?:[\s-]?\d){9}(?!\d)")
_NUMBER_LIKE = re.compile(r"\+?\d[\d\s\-()]{5,19}")
_DOT = re.compile(r"(?<=\d)[.·](?=\d)")
_REACHABLE = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)


def parse_phone(text: str) -> str | None:
    """The first valid mainland phone number of a person in a text, as +8613800138000; None where there is none."""
    plain = _DOT.sub("", unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-"))
    for candidate in (*_MOBILE.findall(plain), *_NUMBER_LIKE.findall(plain)):
        try:
            number = phonenumbers.parse(candidate, "CN")
        except phonenumbers.NumberParseException:
            continue
        valid = number.country_code == 86 and phonenumbers.is_valid_number(number)
        if valid and phonenumbers.number_type(number) in _REACHABLE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def is_mobile(number: str) -> bool:
    """Whether a stored number can get text messages."""
    return _MOBILE.fullmatch(number) is not None


def display_phone(number: str) -> str:
    """A stored number as people in China write it: 13800138000, 010-12345678."""
    parsed = phonenumbers.parse(number, "CN")
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return national.replace(" ", "") if national.startswith("1") else national.replace(" ", "-", 1).replace(" ", "")
