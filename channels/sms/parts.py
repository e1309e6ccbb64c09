"""How many SMS a text is charged as."""

import math

_ALONE = 70
_JOINED = 67  # the rest of each part says which part it is
LONGEST = 500
"""Characters of sign name and text together, at either cloud."""


def signed(sign: str, text: str) -> str:
    """A text as it stands on the phone."""
    return f"【{sign}】{text}"


def parts_of(sign: str, text: str) -> int:
    """How many parts a text is sent and charged as: up to 70 characters one, then 67 each.

    Characters are counted as phones do, in units of UTF-16.
    """
    length = len(signed(sign, text).encode("utf-16-be")) // 2
    return 1 if length <= _ALONE else math.ceil(length / _JOINED)
