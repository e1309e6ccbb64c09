"""Texts as numbers, many at once: what search counts are characters and pairs of neighbours.

Everything here works on whole arrays: half a million wordings are read in seconds, where a loop over their
characters would take minutes.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import opencc

Keys = np.ndarray[Any, np.dtype[np.uint32]]
Rows = np.ndarray[Any, np.dtype[np.int32]]
Places = np.ndarray[Any, np.dtype[np.uint64]]

_SPACE = 0
_END = ord("\n")
_CODES = 0x40000
_SPREAD = np.uint32(2_654_435_761)  # Knuth's multiplier: two pairs rarely share a key


@cache
def _forms() -> tuple[Keys, Any]:
    """For each code point: its simplified, lower-case form, nothing for what is neither letter nor digit.

    And whether Unicode makes one letter of it and its neighbours, or several of it: then a text is normalised whole.
    """
    codes = (*range(0x80, 0xD800), *range(0xE000, 0xFFFE), *range(0x20000, 0x32000))
    usual = {code: unicodedata.normalize("NFKC", chr(code)) for code in codes if not _is_ideograph(code)}
    letters = [(code, form) for code in codes if len(form := usual.get(code, chr(code))) == 1 and form.isalnum()]
    simplified = opencc.OpenCC("t2s").convert("\n".join(form for _, form in letters)).split("\n")
    forms = np.zeros(_CODES, dtype=np.uint32)
    for (code, letter), form in zip(letters, simplified, strict=True):
        forms[code] = _in_two_bytes(ord((form.lower() or letter)[0]))
    for code in range(0x80):
        forms[code] = ord(chr(code).lower()) if chr(code).isalnum() else _SPACE
    whole = np.zeros(_CODES, dtype=bool)
    for code, form in usual.items():
        parts = any(map(str.isalnum, form)) if len(form) > 1 else 0x1100 <= ord(form) < 0x1200  # of Hangul
        whole[code] = parts or any(map(unicodedata.combining, form))
    whole[_CODES - 1] = True
    return forms, whole


def _in_two_bytes(code: int) -> int:
    """The code point; the rare ones of more bytes share Unicode's private area, of which no letter is."""
    return code if code < 0x10000 else 0xE000 + code % 0x1900


def _is_ideograph(code: int) -> bool:
    """Whether it is one of the many Chinese characters, which Unicode leaves as they are."""
    return 0x3400 <= code < 0xA000 or 0x20000 <= code < 0x2F800


def _codes(texts: Sequence[str]) -> tuple[Keys, Rows]:
    """All characters of all texts in one row, spaces between words and texts; and whose text each is of."""
    lines = [text.replace("\n", " ") for text in texts]
    forms, whole = _forms()
    raw = _raw(lines)
    if (marked := whole[raw]).any():  # to normalise all texts would take a fifth of the time of building
        for row in np.unique(np.cumsum(raw == _END)[marked]):
            lines[row] = unicodedata.normalize("NFKC", lines[row])
        raw = _raw(lines)
    rows = np.cumsum(raw == _END, dtype=np.int32)
    rows -= raw == _END
    return forms[raw], rows


def _raw(lines: Sequence[str]) -> Keys:
    codes = np.frombuffer(("\n".join(lines) + "\n").encode("utf-32-le", "replace"), dtype=np.uint32)
    return np.minimum(codes, _CODES - 1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of texts: a key for each, and the number of the text it stands in, which never falls."""

    keys: Keys
    rows: Rows


def characters_and_pairs(texts: Sequence[str]) -> tuple[Tokens, Tokens]:
    """Every letter and digit of the texts, and every two neighbours within a word or a run of Chinese characters."""
    codes, rows = _codes(texts)
    meant = codes != _SPACE
    beside = meant[:-1] & meant[1:]
    pairs = codes[:-1][beside] * _SPREAD + codes[1:][beside]
    characters: Any = codes[meant].astype(np.uint16)  # two bytes, of which a large base has many
    return Tokens(characters, rows[meant]), Tokens(pairs, rows[:-1][beside])


def sorted_once(upper: Keys | Rows, lower: Keys | Rows) -> Places:
    """Two numbers as one, sorted, each combination once."""
    placed, _ = counted(upper, lower)
    return placed


def counted(upper: Keys | Rows, lower: Keys | Rows) -> tuple[Places, Places]:
    """Two numbers as one, sorted, each combination once, and how often it is there.

    Sorted in place: these are the largest tables there are, and `numpy.unique` would copy them twice.
    """
    placed: Places = upper.astype(np.uint64)
    placed <<= np.uint64(32)
    placed |= lower.astype(np.uint32)
    placed.sort()
    firsts = np.flatnonzero(np.append(True, placed[1:] != placed[:-1])) if len(placed) else np.zeros(0, np.int64)
    return placed[firsts], np.diff(np.append(firsts, len(placed)))


def parts_of(starts: Any, rows: Rows) -> tuple[Any, Any]:
    """The places of what these rows consist of, one row after the other, and where each row's begin.

    Args:
        starts: for each row its first place, then the number of places.
    """
    first = starts[rows].astype(np.intp)
    sizes = starts[rows + 1] - first
    ends = np.cumsum(sizes)
    begins = ends - sizes
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    places += np.repeat(first - begins, sizes)
    return places, begins
