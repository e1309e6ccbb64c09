"""The day by which the citizen is promised a result."""

from datetime import date, timedelta

from tickets.ticket import Kind

WORKING_DAYS = {
    Kind.CONSULTATION: 1,
    Kind.HELP: 5,
    Kind.COMPLAINT: 10,
    Kind.REPORT: 10,
    Kind.SUGGESTION: 10,
    Kind.PRAISE: 5,
}
"""Working days from the day after registration, for requests that come in by web."""

_SATURDAY = 5


def add_working_days(day: date, days: int) -> date:
    """The day that many working days (Monday to Friday) later."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day


def promised_by(kind: Kind, registered: date) -> date:
    """The promised day for a request registered on a day."""
    return add_working_days(registered, WORKING_DAYS[kind])
