"""Numbers as they are said in Chinese."""

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_LONGEST = 16  # digits; more is no amount, and is read digit by digit


def said_number(digits: str) -> str:
    """An amount: 1050 is 一千零五十, 12 is 十二, 2.50 is 二点五零.

    Args:
        digits: ASCII digits, perhaps with one decimal point among them.
    """
    whole, point, decimals = digits.partition(".")
    said = said_digits(whole) if len(whole.lstrip("0")) > _LONGEST else _said_whole(int(whole))
    return said + ("点" + said_digits(decimals) if point else "")


def said_digits(digits: str) -> str:
    """Digit by digit, as years are read."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def said_phone(digits: str) -> str:
    """Digit by digit as phone numbers are read: 幺 for 1, which sounds like no other; 12345 is known as it is."""
    said = said_digits(digits)
    return said if digits == "12345" else said.replace("一", "幺")


def _said_whole(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    parts: list[str] = []
    skipped = False
    for place in range((len(str(number)) - 1) // 4, -1, -1):
        group = number // 10_000**place % 10_000
        if group == 0:
            skipped = bool(parts)
            continue
        if parts and (skipped or group < 1000):
            parts.append(_DIGITS[0])
        parts.append(_said_group(group) + _GROUPS[place])
        skipped = False
    said = "".join(parts)
    return said.removeprefix("一") if said.startswith("一十") else said


def _said_group(group: int) -> str:
    """A number below ten thousand."""
    said, digits = "", str(group)
    for position, digit in enumerate(digits):
        place = len(digits) - 1 - position
        if digit == "0":
            said += "" if said.endswith("零") else "零"
        else:
            said += _DIGITS[int(digit)] + _PLACES[place]
    return said.rstrip("零")
