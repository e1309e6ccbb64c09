"""Replies nothing could be done with, for staff: masked, or in full for who says why, which is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from channels.sms.numbers import national
from channels.sms.replies import Meaning
from channels.sms.tables import replies
from service.audit import Deed, Recorded, record_within
from service.encryption import Cipher
from service.privacy import mask_personal_data


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply as staff read it.

    Attributes:
        phone: eleven digits, or masked.
        subject: the ticket it was taken for.
        problem: why nothing could be done with it.
    """

    id: int
    phone: str
    text: str
    said_at: datetime
    meaning: Meaning
    subject: str | None
    problem: str | None


def masked(cipher: Cipher, limit: int, before: int | None = None) -> Callable[[Connection], list[KeptReply]]:
    """A unit of work: the replies, the newest first, without what tells whose they are.

    Args:
        before: only those that came before the one with this id: how a list goes on.
    """
    return lambda connection: [
        KeptReply(
            each.id,
            mask_personal_data(each.phone),
            mask_personal_data(each.text),
            each.said_at,
            each.meaning,
            each.subject,
            each.problem,
        )
        for each in _whole(connection, cipher, limit, before)
    ]


def looked_at(
    cipher: Cipher, limit: int, by: str, reason: str, at: datetime, before: int | None = None
) -> Callable[[Connection], list[KeptReply]]:
    """A unit of work: the same in full; who looked at them and why is recorded in its transaction."""

    def work(connection: Connection) -> list[KeptReply]:
        found = _whole(connection, cipher, limit, before)
        details = {"lines": len(found)} | ({"newest": found[0].id, "oldest": found[-1].id} if found else {})
        record_within(connection, Recorded(at, by, Deed.LOOK, "短信回复", reason, details))
        return found

    return work


def _whole(connection: Connection, cipher: Cipher, limit: int, before: int | None) -> list[KeptReply]:
    statement = select(replies).where(replies.c.problem.is_not(None)).order_by(replies.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(replies.c.id < before)
    return [
        KeptReply(
            row.id,
            national(cipher.decrypt_text(row.phone) or ""),
            cipher.decrypt_text(row.text) or "",
            row.said_at,
            Meaning(row.meaning),
            row.subject,
            row.problem,
        )
        for row in connection.execute(statement)
    ]
