"""Phone numbers citizens give, checked and brought to one form."""

import re

import phonenumbers

_NUMBER_LIKE = re.compile(r"[+＋]?[\d０-９][\d０-９\s\-—()（）]{5,19}")


def parse_phone(text: str) -> str | None:
    """The first valid mainland phone number in a text, as +8613800138000; None where there is none."""
    for candidate in _NUMBER_LIKE.findall(text):
        try:
            number = phonenumbers.parse(candidate, "CN")
        except phonenumbers.NumberParseException:
            continue
        if number.country_code == 86 and phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def display_phone(number: str) -> str:
    """A stored number as people in China write it: 13800138000, 010-12345678."""
    parsed = phonenumbers.parse(number, "CN")
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return national.replace(" ", "") if national.startswith("1") else national.replace(" ", "-", 1).replace(" ", "")
