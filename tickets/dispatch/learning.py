"""Learning every night: a new model is used when it is at least as good as the old on tickets neither has seen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.encryption import Undecipherable
from tickets.dispatch.model import Encode, Model, train
from tickets.dispatch.model_file import ModelUnreadable
from tickets.dispatch.model_store import ModelStore
from tickets.dispatch.request import ClosedTicket

NEW = 100  # closed tickets since the last model before it is worth learning again
FEWEST = 50  # closed tickets before anything is learned


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of a night: right at first, of the tickets held out, by the new model and by the one before."""

    used: bool
    tickets: int
    new: float
    before: float | None


async def learn(store: ModelStore, history: Sequence[ClosedTicket], encode: Encode | None = None) -> Learned | None:
    """Learn from all closed tickets, the oldest first; None while there is too little that is new.

    The newer half of what came since the last model is held out. Both models are tried on it, the new one as learned
    from the rest; then one is learned from everything. Training runs in a thread.
    """
    try:
        current = await store.current()
    except (ModelUnreadable, Undecipherable):
        current = None  # what cannot be read is replaced
    if current is None:
        if len(history) < FEWEST:
            return None
        fresh = len(history) // 5
    else:
        fresh = sum(ticket.closed_at is not None and ticket.closed_at > current.trained_at for ticket in history)
        if fresh < NEW:
            return None
    held_out = history[-(fresh + 1) // 2 :]
    rest = history[: -len(held_out)]

    def attempt() -> tuple[float, float | None, Model | None]:
        new = top1(train(rest, encode), held_out)
        before = top1(current.model, held_out) if current else None
        return new, before, train(history, encode) if before is None or new >= before else None

    new, before, model = await asyncio.to_thread(attempt)
    if model is not None:
        await store.put(model, len(history), {"top1": new, "held_out": len(held_out)})
    return Learned(model is not None, len(history), new, before)


def top1(model: Model, tickets: Sequence[ClosedTicket]) -> float:
    """The share of tickets whose unit a model names first."""
    texts = [ticket.request.told for ticket in tickets]
    empty = np.zeros(model.vectors.shape[1], dtype=np.float32)
    vectors = [empty if ticket.request.vector is None else ticket.request.vector for ticket in tickets]
    chances = model.chances(texts, np.array(vectors) if len(model.vectors) else None)
    first = chances.argmax(axis=1)
    return float(np.mean([model.units[place] == ticket.unit for place, ticket in zip(first, tickets, strict=True)]))
