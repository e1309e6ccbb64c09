"""Why a unit is suggested, in words staff can check."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import jieba
import numpy as np

from tickets.dispatch.features import prepared
from tickets.dispatch.model import Array, Model

_WORDS = 3
_ALIKE = 2
_LEAST_LIKENESS = 0.15
_SHORTEST = 2  # characters of a word that says something alone


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier ticket that is alike: its number, its unit, and how much, from 0 to about 1."""

    number: str
    unit: str
    likeness: float


def words_for(model: Model, text: str, unit: int) -> list[str]:
    """The words of a text that speak most for a unit, the strongest first."""
    plain = prepared(text)
    weight_of = _weights(model, plain, unit)
    spoken: defaultdict[str, float] = defaultdict(float)
    for word, start, stop in _cutter().tokenize(plain):
        if stop - start >= _SHORTEST and not word.isdecimal():
            spoken[word] += float(weight_of[start:stop].sum())
    best = sorted(spoken, key=lambda word: (-spoken[word], word))
    return [word for word in best[:_WORDS] if spoken[word] > 0]


def alike(model: Model, likeness: Array) -> list[Alike]:
    """The earlier tickets most alike, of those that have a number."""
    found: list[Alike] = []
    for place in np.argsort(-likeness, kind="stable")[: 5 * _ALIKE]:
        if model.mark_numbers[place] and likeness[place] >= _LEAST_LIKENESS and len(found) < _ALIKE:
            unit = model.units[model.mark_labels[place]]
            found.append(Alike(model.mark_numbers[place], unit, float(likeness[place])))
    return found


def _weights(model: Model, plain: str, unit: int) -> Array:
    """How much each character of a prepared text speaks for a unit rather than for all."""
    known = model.features.columns_at(plain)
    spoken = np.zeros(len(plain))
    if not known:
        return spoken
    columns = np.unique([column for _, _, column in known])
    ours = model.wide.weights[:, unit] - model.wide.weights.mean(axis=1)
    worth = dict(zip(columns, model.marks[:, columns].T @ ours * model.features.idf[columns], strict=True))
    for start, stop, column in known:
        spoken[start:stop] += worth[column] / (stop - start)
    return spoken


@cache
def _cutter() -> jieba.Tokenizer:
    return jieba.Tokenizer()  # Rasa's loads other words into the global one
