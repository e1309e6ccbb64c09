"""Cells of CSV that no spreadsheet runs."""

_FORMULA_STARTS = "=+-@\t\r＝＋－＠"  # spreadsheets in Chinese take the full-width signs as well


def guard_formula(text: str) -> str:
    """A cell of CSV that no spreadsheet runs: an apostrophe comes before what begins like a formula.

    A text that begins with an apostrophe gets another one, so that `unguard_formula` gives every text back.
    """
    return f"'{text}" if text and text[0] in _FORMULA_STARTS + "'" else text


def unguard_formula(text: str) -> str:
    """The text without the apostrophe that `guard_formula` set; one that stands before anything else stays."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _FORMULA_STARTS + "'" else text
