"""What SMS cost, by month and gateway, as the ledger has it: codes, notices and guides alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from channels.sms.tables import messages
from service.clock import china_moment


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


def costs_of(months: Sequence[date]) -> Callable[[Connection], list[Cost]]:
    """A unit of work: the costs of months (their first days), in this order; without messages that went nowhere."""

    def read(connection: Connection) -> list[Cost]:
        return [cost for month in months for cost in _month(connection, month)]

    return read


def _month(connection: Connection, month: date) -> list[Cost]:
    until = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    sums = (func.count(), func.coalesce(func.sum(messages.c.parts), 0), func.coalesce(func.sum(messages.c.cost_fen), 0))
    statement = (
        select(messages.c.gateway, *sums)
        .where(messages.c.created_at >= china_moment(month), messages.c.created_at < china_moment(until))
        .where(messages.c.gateway.is_not(None))
        .group_by(messages.c.gateway)
        .order_by(messages.c.gateway)
    )
    return [Cost(month, gateway, number, parts, fen) for gateway, number, parts, fen in connection.execute(statement)]
