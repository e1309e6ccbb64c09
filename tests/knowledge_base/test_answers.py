"""The acceptance figures, on questions written apart from the entries."""

from pathlib import Path

import pytest

from knowledge_base.decision import AnswerSettings
from knowledge_base.evaluation import evaluate_answers, read_questions
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries
from service.settings import Settings

QUESTIONS = Path(__file__).parent.parent / "data" / "questions"


@pytest.fixture(scope="module")
async def report():
    settings = Settings()
    knowledge = Knowledge(
        AnswerSettings(answer_at=settings.answer_at, offer_at=settings.offer_at),
        home=(settings.district, settings.city),
    )
    await knowledge.replace(sample_entries())
    await knowledge.ready()
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
