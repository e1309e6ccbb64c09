"""What stands in an address: whoever types it, or follows an old link, may have written anything."""

from datetime import date

_YEARS = range(1970, 2200)  # beyond them a moment of the day may be none that can be kept
_LONGEST_ID = 18  # digits; what a database counts has no more


def day_of(text: str) -> date | None:
    """A day, 2026-11-21; None where it is no day anybody asks about."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def id_of(text: str) -> int | None:
    """The id of a row; None where it can be none."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_ID else None
