"""Masking of personal data in whatever leaves for a log, a page or an export."""

import re

_PATTERNS = (
    (re.compile(r"(?<!\d)(\d)\d{16}([\dXx])(?!\d)"), r"\1****************\2"),  # identity number
    (re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)"), r"\1********\2"),  # bank card
    (re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)"), r"\1****\2"),  # mobile
    (re.compile(r"(?<!\d)(0\d{2,3}[- ]?\d{2})\d{3}(\d{2,3})(?!\d)"), r"\1***\2"),  # landline
)


def mask_personal_data(text: str) -> str:
    """Replace the middle of phone, identity and card numbers: 138****1234."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def mask_name(name: str) -> str:
    """A person's name as others may see it: 张*."""
    return name[:1] + "*" if name else ""
