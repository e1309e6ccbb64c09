"""The hours in which nobody is woken for what can wait."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from service.clock import CHINA


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day in China to another, over midnight where the first is later; none where they are equal.

    Attributes:
        begin: the first quiet moment.
        end: the first one that no longer is.
    """

    begin: time
    end: time

    def left(self, at: datetime) -> timedelta | None:
        """How long it stays quiet from a moment on; None where it is not quiet."""
        local = at.astimezone(CHINA)
        clock = local.time()
        within = (self.begin <= clock, clock < self.end)
        if not (all(within) if self.begin <= self.end else any(within)):
            return None
        over = datetime.combine(local.date(), self.end, CHINA)
        return (over if over > local else over + timedelta(days=1)) - local
