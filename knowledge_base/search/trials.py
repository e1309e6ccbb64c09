"""Questions with known answers, taken from knowledge bases themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.entry import Entry
from knowledge_base.evaluation import Question

_FOLDS = 5
_SOME = 3  # every third similar question is asked of the mixed base: they are many


@dataclass(frozen=True, slots=True)
class Trial:
    """Questions to one state of a base, each with the rows of the entries that answer it; none for small talk."""

    entries: Sequence[Entry]
    questions: Sequence[tuple[str, tuple[int, ...]]]


def held_out(entries: Sequence[Entry], small_talk: Sequence[str] = ()) -> list[Trial]:
    """In five rounds, a fifth of each entry's similar questions is taken out and asked; so is the small talk."""
    trials = []
    for fold in range(_FOLDS):
        asked: list[tuple[str, tuple[int, ...]]] = [
            (question, (row,))
            for row, entry in enumerate(entries)
            for question in entry.similar_questions[fold::_FOLDS]
        ]
        asked += [(text, ()) for text in small_talk[fold::_FOLDS]]
        trials.append(Trial([_without(entry, fold) for entry in entries], asked))
    return trials


def imported_cold(entries: Sequence[Entry], foreign: Sequence[Entry], questions: Sequence[Question]) -> list[Trial]:
    """Bases without similar questions: a foreign one alone, and ours, stripped of its own, together with it."""
    rows = {entry.slug: row for row, entry in enumerate(foreign)}
    alone = [(question.text, tuple(sorted(rows[slug] for slug in question.right))) for question in questions]
    bare = [entry.model_copy(update={"similar_questions": ()}) for entry in entries]
    among = [(text, (row,)) for row, entry in enumerate(entries) for text in entry.similar_questions[::_SOME]]
    return [Trial(foreign, alone), Trial([*bare, *foreign], among)]


def _without(entry: Entry, fold: int) -> Entry:
    kept = tuple(text for place, text in enumerate(entry.similar_questions) if place % _FOLDS != fold)
    return entry.model_copy(update={"similar_questions": kept})
