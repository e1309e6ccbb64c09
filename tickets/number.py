"""Ticket numbers people can read out: date, sequence within the day, check digit (20261121-00042-0)."""

import re
from datetime import date

from sqlalchemy import Connection

from service.storage import INSERTS
from tickets.tables import ticket_numbers

# What people write or say between the groups varies; the digits do not.
_WRITTEN = re.compile(r"(?<!\d)(20\d{6})[\s\-—–－_]?(\d{5,7})[\s\-—–－_]?(\d)(?!\d)")

_NEXT = {
    name: insert(ticket_numbers)
    .on_conflict_do_update(index_elements=["day"], set_={"last": ticket_numbers.c.last + 1})
    .returning(ticket_numbers.c.last)
    for name, insert in INSERTS.items()
}


def check_digit(digits: str) -> int:
    """The check digit of ISO/IEC 7064 MOD 11,10: finds any wrong digit and almost any swapped pair."""
    check = 10
    for digit in digits:
        check = (check + int(digit)) % 10 or 10
        check = check * 2 % 11
    return (11 - check) % 10


def format_number(day: date, sequence: int) -> str:
    """The number of the day's n-th ticket."""
    head = f"{day:%Y%m%d}"
    tail = f"{sequence:05d}"
    return f"{head}-{tail}-{check_digit(head + tail)}"


def find_number(text: str) -> str | None:
    """The first well-formed ticket number in a text, with its check digit right; None where there is none."""
    for head, tail, check in _WRITTEN.findall(text):
        if check_digit(head + tail) == int(check):
            return f"{head}-{tail}-{check}"
    return None


def next_number(connection: Connection, day: date) -> str:
    """Take the day's next number, within the transaction that uses it: no gap, no double."""
    sequence: int = connection.execute(_NEXT[connection.dialect.name], {"day": day, "last": 1}).scalar_one()
    return format_number(day, sequence)
