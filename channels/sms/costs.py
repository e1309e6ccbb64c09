"""What SMS cost, by month and gateway, as the ledger has it: codes, notices and guides alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from channels.sms.tables import messages
from service.clock import china_moment

_SETTLED = timedelta(days=4)  # reports, which may say how many parts were charged, come for three


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one month and one gateway.

    Attributes:
        month: its first day, in China.
        parts: what they were charged as.
        fen: by the prices of the settings at the time.
    """

    month: date
    gateway: str
    messages: int
    parts: int
    fen: float


def months_back(last: date, number: int) -> list[date]:
    """The first days of so many months, the last of them first."""
    count = last.year * 12 + last.month - 1
    return [date((count - back) // 12, (count - back) % 12 + 1, 1) for back in range(number)]


@dataclass(frozen=True, slots=True)
class Costs:
    """Adds costs up. A month that is over changes no more, so it is added up once by each process."""

    _over: dict[date, list[Cost]] = field(default_factory=dict)

    def of(self, months: Sequence[date], at: datetime) -> Callable[[Connection], list[Cost]]:
        """A unit of work: the costs of months (their first days), in this order; without messages that went nowhere."""

        def read(connection: Connection) -> list[Cost]:
            return [cost for month in months for cost in self._of_month(connection, month, at)]

        return read

    def _of_month(self, connection: Connection, month: date, at: datetime) -> list[Cost]:
        known = self._over.get(month)
        if known is not None:
            return known
        found = _month(connection, month)
        if at > china_moment(_following(month)) + _SETTLED:
            self._over[month] = found
        return found


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _month(connection: Connection, month: date) -> list[Cost]:
    sums = (func.count(), func.coalesce(func.sum(messages.c.parts), 0), func.coalesce(func.sum(messages.c.cost_fen), 0))
    statement = (
        select(messages.c.gateway, *sums)
        .where(messages.c.created_at >= china_moment(month), messages.c.created_at < china_moment(_following(month)))
        .where(messages.c.gateway.is_not(None))
        .group_by(messages.c.gateway)
        .order_by(messages.c.gateway)
    )
    return [Cost(month, gateway, number, parts, fen) for gateway, number, parts, fen in connection.execute(statement)]
