from itertools import pairwise

import pytest

from knowledge_base.calibration import Outcome, bins, correction, wrongly_answered
from knowledge_base.decision import UNCORRECTED, AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries


@pytest.fixture
async def knowledge(clock):
    opened = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await opened.replace(sample_entries())
    return opened


async def test_what_is_said_to_be_sure_is_right_on_questions_the_index_has_not_seen(knowledge):
    shares = []
    outcomes = await knowledge.ask_held_out(shares.append)
    learned = correction(outcomes)
    sure = bins(outcomes, learned)[-1]

    assert len(outcomes) >= 600
    assert sure.low == 0.9
    assert sure.questions > 150
    assert sure.right >= 0.9
    assert wrongly_answered(outcomes, learned, 0.9) <= 0.15
    assert shares == sorted(shares)
    assert sum(item.questions for item in bins(outcomes, UNCORRECTED)) == len(outcomes)


async def test_asking_leaves_the_base_as_it_was(knowledge):
    before = await knowledge.index()
    await knowledge.ask_held_out()

    assert await knowledge.index() is before
    entry = sample_entries()[0]
    assert (await knowledge.decide(entry.similar_questions[0])).entry == entry


async def test_a_base_without_similar_questions_has_nothing_to_measure(clock):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await knowledge.replace([Entry(slug="a", question="甲", answer="乙")])

    assert await knowledge.ask_held_out() == []
    assert correction([]) == UNCORRECTED


def test_a_base_that_is_more_often_right_than_it_says_is_corrected_upwards_and_the_other_way_round():
    timid = [Outcome(0.6, number % 20 != 0, 0.02) for number in range(400)]
    boastful = [Outcome(0.95, number % 2 == 0, 0.6) for number in range(400)]

    assert correction(timid).apply(0.6) > 0.8
    assert correction(boastful).apply(0.95) < 0.8
    for outcomes in (timid, boastful):
        learned = correction(outcomes)
        assert learned.stretch > 0  # the order of probabilities stays
        assert all(learned.apply(low) < learned.apply(high) for low, high in pairwise((0.0, 0.1, 0.5, 0.9, 1.0)))


def test_few_questions_correct_nothing():
    assert correction([Outcome(0.1, True, 0.0)] * 50) == UNCORRECTED
