from knowledge_base.calibration import reliability
from knowledge_base.entry import Entry
from knowledge_base.sample import sample_entries


async def test_what_is_said_to_be_sure_is_right_on_questions_the_index_has_not_seen():
    shares = []
    found = await reliability(sample_entries(), progress=shares.append)

    sure = found.answerable[-1]
    assert sure.low == 0.9
    assert sure.questions > 200
    assert sure.right >= 0.9
    assert found.wrongly_answered(0.9) <= 0.15
    assert sum(item.questions for item in found.answerable) == len(found.unanswerable) == len(shares)
    assert shares == sorted(shares)


async def test_a_base_without_similar_questions_has_nothing_to_measure():
    found = await reliability([Entry(slug="a", question="甲", answer="乙")])

    assert found.answerable == ()
    assert found.wrongly_answered(0.9) == 0
