"""When the same way is tried again after it failed, and when the next one is used."""

from datetime import datetime, timedelta

from channels.outcomes import Remedy, SendRefused

ANOTHER = frozenset({Remedy.ANOTHER_WAY, Remedy.PERMANENT, Remedy.SPLIT})
"""Remedies that say that this way will never do for this notice; ours are short enough for every service."""

TROUBLE = frozenset({Remedy.RETRY, Remedy.REFRESH, Remedy.ALARM})
"""Remedies that say that the service is in trouble, not the notice."""

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=30)
_USUAL_DELAY = timedelta(minutes=10)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: 5 s, then twice as long each time, up to half an hour."""
    longer: int = 2 ** min(max(tries - 1, 0), 16)
    return min(_FIRST_PAUSE * longer, _LONGEST_PAUSE)


def again_at(refused: SendRefused, tries: int, at: datetime, ends: datetime) -> datetime | None:
    """When to try the same way again; None: never.

    Args:
        tries: how often it was tried by now, at least 1.
        ends: when the patience with this way ends.
    """
    if refused.remedy in ANOTHER:
        return None
    if refused.after is None and refused.remedy is not Remedy.DELAY:
        return asked_again_at(tries, at, ends)
    until = at + (refused.after or _USUAL_DELAY)
    return until if until <= ends else None


def asked_again_at(tries: int, at: datetime, ends: datetime) -> datetime | None:
    """The same for what has no moment of its own: after a pause, for the last time when patience ends."""
    return min(at + pause(tries), ends) if at < ends else None
