"""Measure dispatch on tickets with known units, by the very code that suggests units for new ones."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from service.text_encoding import EncodingRefused, open_text
from tickets.dispatch.model import MEANT, Encode, Model, train
from tickets.dispatch.request import ClosedTicket, Request

_CONFUSED = 10
_BATCH = 256
_CELL_LIMIT = 1_000_000  # characters
_PLACES = ("place", "category", "matter", "number")


class TicketsRefused(Exception):
    """The file cannot be read; the message says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """Shares of the tickets, from 0 to 1.

    Attributes:
        automatic_precision: how many of those sent automatically were right; None if none were.
        confused: right unit, suggested unit, how often; the most frequent first.
    """

    n: int
    top1: float
    top3: float
    automatic_share: float
    automatic_precision: float | None
    confused: tuple[tuple[str, str, int], ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON carries it."""
        names = ("n", "top1", "top3", "automatic_share", "automatic_precision")
        return {name: getattr(self, name) for name in names}


def read_tickets(file: Path) -> list[ClosedTicket]:
    """Tickets of a CSV with `text` and `unit`, and if there are, `place`, `category`, `matter` and `number`.

    Raises:
        TicketsRefused: the file is not of that form.
    """
    try:
        with _wide_cells(), open_text(file, newline="") as (text, _):
            reader = csv.reader(text, strict=True)
            heads = [head.strip().lstrip("\ufeff").lower() for head in next(reader, [])]
            if missing := [head for head in ("text", "unit") if head not in heads]:
                raise TicketsRefused(
                    f"{file.name} 第一行缺少 {'、'.join(missing)} 列；应有 text（诉求内容）和 unit（承办单位）。"
                )
            return [_ticket(dict(zip(heads, row, strict=False))) for row in reader if any(row)]
    except EncodingRefused as refused:
        raise TicketsRefused(f"{file.name}：{refused}。") from refused
    except csv.Error as error:
        raise TicketsRefused(f"{file.name} 不是完整的 CSV 文件，请用表格软件重新导出。") from error


def evaluate_dispatch(
    history: Sequence[ClosedTicket],
    tickets: Sequence[ClosedTicket],
    encode: Encode | None,
    done: Callable[[float], None],
) -> DispatchReport:
    """Learn from the history and suggest a unit for each ticket.

    Args:
        encode: makes sentence vectors; without it words alone decide.
        done: is told how much is done, from 0 to 1.

    Raises:
        NothingToLearn: the history names no unit.
    """
    model = train(history, encode)
    done(0.7)
    places = {unit: place for place, unit in enumerate(model.units)}
    ranks, automatic = [], []
    confused: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(tickets), _BATCH):
        batch = tickets[start : start + _BATCH]
        chances = _chances(model, batch, encode)
        order = np.argsort(-chances, axis=1, kind="stable")
        for row, ticket in enumerate(batch):
            right = places.get(ticket.unit, -1)
            found = np.flatnonzero(order[row] == right)
            ranks.append(int(found[0]) if len(found) else len(places))
            first = order[row, 0]
            automatic.append(bool(chances[row, first] >= model.automatic_from))
            if first != right:
                confused[ticket.unit, model.units[first]] += 1
        done(0.7 + 0.3 * min(start + _BATCH, len(tickets)) / len(tickets))
    ranked, alone = np.array(ranks, dtype=int), np.array(automatic, dtype=bool)
    return DispatchReport(
        n=len(tickets),
        top1=_share(ranked < 1),
        top3=_share(ranked < 3),
        automatic_share=_share(alone),
        automatic_precision=_share(ranked[alone] < 1) if alone.any() else None,
        confused=tuple((*pair, count) for pair, count in confused.most_common(_CONFUSED)),
    )


def _chances(model: Model, tickets: Sequence[ClosedTicket], encode: Encode | None) -> Any:
    texts = [ticket.request.told for ticket in tickets]
    vectors = None
    if encode is not None and len(model.vectors):
        vectors = encode([ticket.request.text[:MEANT] for ticket in tickets])
    return model.chances(texts, vectors)


def _ticket(row: dict[str, str]) -> ClosedTicket:
    cells = {name: (row.get(name) or "").strip() for name in ("text", "unit", *_PLACES)}
    request = Request(cells["text"], cells["place"], cells["category"], cells["matter"])
    return ClosedTicket(request, cells["unit"], cells["number"])


@contextmanager
def _wide_cells() -> Iterator[None]:
    """Let the story of a ticket be longer than the usual limit of a cell."""
    before = csv.field_size_limit(_CELL_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _share(those: Any) -> float:
    return round(float(np.mean(those)), 4) if len(those) else 0.0
