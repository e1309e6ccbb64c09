"""BM25 over one kind of token of one field, for every entry at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Scores = np.ndarray[Any, np.dtype[np.float32]]

_SATURATION = 1.2  # BM25's k1


class Bm25Field:
    """Texts, each belonging to an entry; an entry is as good as the best of its texts. Read-only once built.

    Scores are shares of what the question asks for, 0 to about 2, so that they compare between questions.

    Args:
        texts: the tokens of each text; the texts of an entry stand together.
        owners: the entry's row for each text.
        count: how many entries there are.
        length_weight: BM25's b, from 0 (length does not matter) to 1.
    """

    def __init__(self, texts: Sequence[Iterable[str]], owners: Sequence[int], count: int, length_weight: float) -> None:
        bags = [Counter(tokens) for tokens in texts]
        lengths = np.array([bag.total() for bag in bags], dtype=np.float32)
        usual = float(lengths.mean()) if len(lengths) else 1.0
        damping = _SATURATION * (1 - length_weight + length_weight * lengths / max(1.0, usual))
        rows: defaultdict[str, list[int]] = defaultdict(list)
        counts: defaultdict[str, list[int]] = defaultdict(list)
        entries: defaultdict[str, int] = defaultdict(int)
        last: dict[str, int] = {}
        for row, (bag, owner) in enumerate(zip(bags, owners, strict=True)):
            for token, number in bag.items():
                rows[token].append(row)
                counts[token].append(number)
                if last.get(token) != owner:  # a token is as rare as the entries that have it, not their wordings
                    last[token] = owner
                    entries[token] += 1
        self._postings: dict[str, tuple[Any, Scores, float]] = {}
        for token, found in rows.items():
            places = np.array(found, dtype=np.int32)
            times = np.array(counts[token], dtype=np.float32)
            known = entries[token]
            rarity = float(np.log(1 + (count - known + 0.5) / (known + 0.5)))
            fit = (times * (_SATURATION + 1) / (times + damping[places])).astype(np.float32)
            self._postings[token] = places, fit, rarity
        self._unknown = float(np.log(1 + count))
        self._texts = len(bags)
        self._starts = np.flatnonzero(np.diff(np.array(owners, dtype=np.int64), prepend=-1))
        self._owners = np.array(owners, dtype=np.int64)[self._starts]
        self._count = count

    def scores(self, tokens: Iterable[str]) -> tuple[Scores, Scores]:
        """For each entry: BM25, and the weight of the question's tokens it knows, both as shares of the whole."""
        fit, covered = np.zeros(self._texts, dtype=np.float32), np.zeros(self._texts, dtype=np.float32)
        total = 0.0
        for token in set(tokens):
            posting = self._postings.get(token)
            if posting is None:
                total += self._unknown
                continue
            places, weights, rarity = posting
            fit[places] += rarity * weights
            covered[places] += rarity
            total += rarity
        return self._best(fit, total), self._best(covered, total)

    def _best(self, values: Scores, total: float) -> Scores:
        best = np.zeros(self._count, dtype=np.float32)
        if total and self._texts:
            best[self._owners] = np.maximum.reduceat(values, self._starts) / total
        return best
