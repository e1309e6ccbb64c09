"""What is kept of SMS, and how long: numbers and texts as long as is prescribed, states and costs for the accounts."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, update

from channels.sms.tables import early_reports, messages, replies

_REPORTS_WAIT = timedelta(days=7)


def forget_within(connection: Connection, at: datetime, personal: timedelta, rows: timedelta) -> int:
    """Forget numbers and texts older than `personal`, and rows older than `rows`; how many rows were touched."""
    nothing = {"phone": None, "phone_hash": None, "text": None}
    old = (messages.c.created_at < at - personal) & messages.c.phone.is_not(None)
    return sum(
        connection.execute(statement).rowcount
        for statement in (
            update(messages).where(old).values(nothing),
            delete(messages).where(messages.c.created_at < at - rows),
            delete(replies).where(replies.c.received_at < at - personal),
            delete(early_reports).where(early_reports.c.received_at < at - _REPORTS_WAIT),
        )
    )
