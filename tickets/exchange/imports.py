"""Tickets taken over from another platform: looked at first, then taken whole or not at all, and never twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from service.audit import Deed, Recorded, record_within
from service.identity.roles import Actor
from service.sheets.refusal import ImportRefused, RefusedRow
from service.storage import hold
from tickets.categories.tree import Categories
from tickets.exchange.drafts import COLUMNS, RowRefused, read_draft
from tickets.exchange.headings import read_sheet
from tickets.lifecycle import Lifecycle
from tickets.tables import tickets
from tickets.ticket import Draft

ROW_LIMIT = 5000  # all are one transaction, for which other writers wait; SQLite lets them wait 15 s
_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds.

    Attributes:
        drafts: with the place each stands at: 第 3 行.
        refused: rows that are no requests; as long as there is one, nothing is taken.
        unknown: headings nobody knows.
    """

    drafts: Sequence[tuple[str, Draft]]
    refused: Sequence[RefusedRow]
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do.

    Attributes:
        new: drafts that would become tickets.
        known: by place, the number of the ticket that is already there; nothing of it is changed.
    """

    new: Sequence[tuple[str, Draft]]
    known: dict[str, str]


def read_tickets(path: Path, categories: Categories) -> Reading:
    """All requests of a file, and all rows that are none.

    Raises:
        ImportRefused: it cannot be read, or there is nothing in it.
    """
    sheet = read_sheet(path, COLUMNS, ROW_LIMIT)
    drafts: list[tuple[str, Draft]] = []
    refused: list[RefusedRow] = []
    places: dict[str | None, str] = {}
    for row in sheet.rows:
        if isinstance(row.cells, RefusedRow):
            refused.append(row.cells)
            continue
        try:
            draft = read_draft(row.cells, categories)
        except RowRefused as wrong:
            refused.append(RefusedRow(row.place, str(wrong)))
            continue
        if draft.external in places:
            refused.append(RefusedRow(row.place, f"上级工单编号和{places[draft.external]}的一样，请删掉一行"))
            continue
        places[draft.external] = row.place
        drafts.append((row.place, draft))
    if not drafts and not refused:
        raise ImportRefused("文件里没有工单。")
    return Reading(drafts, refused, sheet.unknown)


def preview_within(connection: Connection, reading: Reading) -> Preview:
    """What of a file is new."""
    numbers: dict[str, str] = {}
    drafts = reading.drafts
    for start in range(0, len(drafts), _ASKED_AT_ONCE):
        asked = [draft.external for _, draft in drafts[start : start + _ASKED_AT_ONCE]]
        statement = select(tickets.c.external, tickets.c.number).where(tickets.c.external.in_(asked))
        numbers |= {row.external: row.number for row in connection.execute(statement)}
    new = [(place, draft) for place, draft in drafts if draft.external not in numbers]
    known = {place: numbers[draft.external or ""] for place, draft in drafts if draft.external in numbers}
    return Preview(new, known)


async def take_over(lifecycle: Lifecycle, actor: Actor, reading: Reading, name: str) -> Preview:
    """Register what is new, as one transaction; what was new and what was known.

    Args:
        name: the file's, for the record.

    Raises:
        ImportRefused: a row is wrong.
        MoveNotAllowed: the actor may not register tickets.
    """
    if reading.refused:
        raise ImportRefused("有几行不对，改好以后再导入；本次没有导入。")

    def work(connection: Connection) -> Preview:
        hold(connection, "ticket import")
        found = preview_within(connection, reading)
        for _, draft in found.new:
            lifecycle.submit_within(connection, actor, draft)
        counts = {"new": len(found.new), "known": len(found.known)}
        record_within(connection, Recorded(lifecycle.clock(), actor.name, Deed.IMPORT, name[:100], details=counts))
        return found

    return await lifecycle.database.write(work)
