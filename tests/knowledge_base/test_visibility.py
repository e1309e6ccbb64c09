"""Entries for staff are found by staff and by nobody else."""

import pytest
from test_knowledge import CountingEncoder

from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import STAFF_CHANNELS, Knowledge
from knowledge_base.sample import sample_entries

SECRET = Entry(
    slug="script",
    matter="噪音投诉答复口径",
    question="市民投诉夜间施工噪音怎么答复",
    answer="先致歉，再登记。",
    visibility="staff",
)
PUBLIC_CHANNELS = ("", "widget", "wechat", "terminal", "sms")


@pytest.fixture
async def knowledge(clock):
    opened = Knowledge(AnswerSettings(), encoder=False, clock=clock, home=("示例区",))
    await opened.replace([*sample_entries(), SECRET])
    return opened


async def test_citizens_are_told_as_if_it_were_not_there(knowledge, clock):
    without = Knowledge(AnswerSettings(), encoder=False, clock=clock, home=("示例区",))
    await without.replace(sample_entries())

    for question in (SECRET.question, SECRET.matter, "夜间施工噪音", "身份证过期了在外地能换吗"):
        decided, ranked = await without.decide(question), await without.candidates(question, 50)
        for channel in PUBLIC_CHANNELS:
            assert await knowledge.decide(question, channel=channel) == decided
            assert await knowledge.candidates(question, 50, channel=channel) == ranked
    for channel in PUBLIC_CHANNELS:
        assert knowledge.entry("script", channel=channel) is None
        assert SECRET not in knowledge.entries(channel=channel)
    assert SECRET not in knowledge.popular(100)


async def test_staff_find_it_beside_what_citizens_are_told(knowledge):
    for channel in STAFF_CHANNELS:
        assert (await knowledge.decide(SECRET.question, channel=channel)).entry == SECRET
        found = await knowledge.candidates("夜间施工噪音投诉怎么答复", 3, channel=channel)
        assert SECRET in [candidate.entry for candidate in found]
        assert (await knowledge.decide("身份证过期了在外地能换吗", channel=channel)).entry.slug == "id-card"
        assert knowledge.entry("script", channel=channel) == SECRET
        assert SECRET in knowledge.entries(channel=channel)


async def test_what_was_decided_for_staff_is_not_remembered_for_citizens(knowledge):
    assert (await knowledge.decide(SECRET.question, channel="console")).entry == SECRET
    assert (await knowledge.decide(SECRET.question, channel="widget")).entry != SECRET


async def test_it_begins_and_expires_like_any_other(knowledge, clock):
    clock.forward(minutes=1)
    await knowledge.put(SECRET.model_copy(update={"expires_on": clock.moment}))
    assert knowledge.entry("script", channel="console") is None
    assert (await knowledge.decide(SECRET.question, channel="console")).entry != SECRET


async def test_vectors_take_part_for_staff_too(clock):
    knowledge = Knowledge(AnswerSettings(), encoder=True, clock=clock)
    knowledge._encoder = CountingEncoder()
    public = Entry(slug="tap", question="水龙头漏水找谁修", answer="找物业。")
    await knowledge.replace([public, SECRET])
    await knowledge.ready()

    found = await knowledge.candidates("噪音", 5, channel="desk")
    assert {len(candidate.signals) for candidate in found} == {11}
    assert {candidate.entry.slug for candidate in found} == {"tap", "script"}
