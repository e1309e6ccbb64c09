"""What agents say often: their own phrases and the hotline's, on both databases."""

import pytest
from handover_office import COLLEAGUE
from hotline import AGENT, SUPERVISOR

from handover.phrases import PHRASE_LIMIT, add_within, remove_within, seed, usable
from handover.talk import HandoverRefused


@pytest.fixture
def add(database, clock):
    async def adding(actor, text, person):
        await database.write(lambda connection: add_within(connection, actor, text, person, clock()))

    return adding


async def test_somebody_has_their_own_first_and_the_hotlines(database, add):
    await add(SUPERVISOR, "您好", None)
    await add(AGENT, "我马上帮您看", "agent")
    await add(COLLEAGUE, "稍等", "colleague")
    await add(AGENT, "我马上帮您看", "agent")  # once is enough

    found = await database.read(usable(AGENT))
    assert [(each.text, each.person) for each in found] == [("我马上帮您看", "agent"), ("您好", None)]


@pytest.mark.parametrize(
    ("text", "person", "why"),
    [
        ("您好", None, "由值班负责人来改"),
        ("您好", "colleague", "由值班负责人来改"),
        ("", "agent", "写点内容"),
        ("字" * (PHRASE_LIMIT + 1), "agent", "最多 300 个字"),
        ("请打 13800138000 找王女士", "agent", "不要留市民的信息"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_words(add, text, person, why):
    with pytest.raises(HandoverRefused, match=why):
        await add(AGENT, text, person)


async def test_what_was_taken_away_stays_away_and_only_its_owner_takes_it(database, clock, add):
    await database.write(seed(clock()))
    first, *others = await database.read(usable(AGENT))
    with pytest.raises(HandoverRefused):
        await database.write(lambda connection: remove_within(connection, AGENT, first.id))
    gone = await database.write(lambda connection: remove_within(connection, SUPERVISOR, first.id))
    await database.write(seed(clock()))

    assert gone == first
    assert await database.read(usable(AGENT)) == others
    with pytest.raises(HandoverRefused, match="已经删掉"):
        await database.write(lambda connection: remove_within(connection, SUPERVISOR, first.id))
