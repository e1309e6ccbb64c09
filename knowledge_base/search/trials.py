"""Questions with known answers, taken from knowledge bases themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.entry import Entry
from knowledge_base.evaluation import Question

_FOLDS = 5
_SOME = 3  # every third similar question is asked of the mixed base: they are many


@dataclass(frozen=True, slots=True)
class Trial:
    """Questions to one state of a base; one that no entry answers has no right slugs."""

    entries: Sequence[Entry]
    questions: Sequence[Question]


def held_out(entries: Sequence[Entry], small_talk: Sequence[str] = ()) -> list[Trial]:
    """In five rounds, a fifth of each entry's similar questions is taken out and asked; so is the small talk."""
    trials = []
    for fold in range(_FOLDS):
        asked = [
            Question(text, frozenset({entry.slug}))
            for entry in entries
            for text in entry.similar_questions[fold::_FOLDS]
        ]
        asked += [Question(text, frozenset()) for text in small_talk[fold::_FOLDS]]
        trials.append(Trial([_without(entry, fold) for entry in entries], asked))
    return trials


def mixed(entries: Sequence[Entry], foreign: Sequence[Entry]) -> Trial:
    """Entries stripped of their similar questions, which are asked, together with a foreign base."""
    bare = [entry.model_copy(update={"similar_questions": ()}) for entry in entries]
    asked = [Question(text, frozenset({entry.slug})) for entry in entries for text in entry.similar_questions[::_SOME]]
    return Trial([*bare, *foreign], asked)


def _without(entry: Entry, fold: int) -> Entry:
    kept = tuple(text for place, text in enumerate(entry.similar_questions) if place % _FOLDS != fold)
    return entry.model_copy(update={"similar_questions": kept})
