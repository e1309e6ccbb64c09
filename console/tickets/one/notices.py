"""What the requester was told of a ticket, and whether it reached them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from channels.delivery.attempts import Attempt, of_notices
from channels.delivery.ladder import RUNG_LABELS
from console.notices.shown import text_of
from service.encryption import Cipher
from service.outbox import NoticeState, kept, outbox
from tickets.tables import timeline


@dataclass(frozen=True, slots=True)
class Told:
    """One notice.

    Attributes:
        cost_fen: of all attempts; None where nothing is known of it.
        text: what it says.
        tries: each attempt, in words.
        failure: why it has not arrived.
    """

    id: int
    at: datetime
    state: NoticeState
    text: str
    tries: list[str]
    failure: str | None
    cost_fen: float | None


def notices_of(
    connection: Connection, ticket_id: int, lines: list[int], merged_into: int | None, cipher: Cipher
) -> list[Told]:
    """The notices of a ticket, the newest first.

    Args:
        lines: of its timeline; each notice is named after one, so that all are found without looking through others.
        merged_into: what happens to this ticket is told to its requester, too.
    """
    if merged_into is not None:
        theirs = select(timeline.c.id).where(timeline.c.ticket_id == merged_into)
        lines = [*lines, *connection.scalars(theirs)]
    keys = [f"ticket {ticket_id} {line}" for line in lines]
    rows = connection.execute(select(outbox).where(outbox.c.key.in_(keys)).order_by(outbox.c.id.desc())).all()
    found = [kept(row) for row in rows]
    tries = of_notices([one.id for one in found])(connection)
    return [
        Told(
            one.id,
            one.created_at,
            one.state,
            text_of(one.notice, cipher),
            [_try(each) for each in tries[one.id]],
            one.failure,
            sum(each.cost_fen or 0 for each in tries[one.id]) or None,
        )
        for one in found
    ]


def _try(attempt: Attempt) -> str:
    said = f"{RUNG_LABELS.get(attempt.rung, attempt.rung)}：{attempt.state.label}"
    return f"{said}（{attempt.reason}）" if attempt.reason else said
