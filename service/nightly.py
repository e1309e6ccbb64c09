"""What is done once a night by one of however many processes."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Date, String, Table, insert, select, update

from service.clock import CHINA, china_date
from service.storage import Moment, hold, metadata

_NIGHT = range(1, 5)  # hours in China
_GIVEN_UP_AFTER = timedelta(minutes=30)
"""Who began and is not done by then has died; another may begin."""

nightly_jobs = Table(
    "nightly_jobs",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("night", Date, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("done_at", Moment),
)


def is_night(at: datetime) -> bool:
    """Whether few are awake whom heavy work would hold up."""
    return at.astimezone(CHINA).hour in _NIGHT


def begin_within(connection: Connection, name: str, at: datetime) -> bool:
    """Take a night's job on; False where it is done or somebody is at it."""
    hold(connection, f"nightly {name}")
    row = connection.execute(select(nightly_jobs).where(nightly_jobs.c.name == name)).one_or_none()
    night = china_date(at)
    if row is not None and row.night == night and (row.done_at is not None or at < row.begun_at + _GIVEN_UP_AFTER):
        return False
    values = {"night": night, "begun_at": at, "done_at": None}
    if row is None:
        connection.execute(insert(nightly_jobs).values(name=name, **values))
    else:
        connection.execute(update(nightly_jobs).where(nightly_jobs.c.name == name).values(values))
    return True


def done_within(connection: Connection, name: str, at: datetime) -> None:
    """The job is done, in the transaction that keeps its result."""
    connection.execute(update(nightly_jobs).where(nightly_jobs.c.name == name).values(done_at=at))


def last_done(connection: Connection, name: str) -> datetime | None:
    """When a job was last done; None where it never was, or is being done."""
    return connection.execute(select(nightly_jobs.c.done_at).where(nightly_jobs.c.name == name)).scalar_one_or_none()
