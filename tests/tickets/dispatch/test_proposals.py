"""What is put right again and again is proposed for the list, and changes nothing before somebody agrees."""

from dataclasses import replace
from datetime import date

import pytest
from hotline import DISPATCHER, DRAFT, UNITS, clerk_of
from hypothesis import given
from hypothesis import strategies as st

from service.identity.roles import Actor, Role
from tickets.dispatch.corrections import FEWEST, SHARE, Settled, corrections
from tickets.dispatch.proposals import Proposals, waiting
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule, RulesRefused
from tickets.moves import Verb

CG, ZJ, SW = UNITS
DAY = date(2026, 12, 1)


@pytest.fixture
def rules(database, clock):
    return RuleStore(database, clock)


@pytest.fixture
def proposals(database, rules, clock):
    return Proposals(database, rules, clock)


async def corrected(hotline, number, category="环境/垃圾", street="阳光街道", first="zj", last="cg"):
    draft = replace(DRAFT, id=f"draft-{category}-{street}-{number}", category=category, street=street)
    ticket = await hotline.dispatched(first, draft)
    if first != last:
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit=last, reason="属城管职责")
    await hotline.do(clerk_of(last), ticket, Verb.ACCEPT)
    return ticket


async def test_a_kind_that_is_put_right_again_and_again_is_proposed_with_its_evidence(hotline, proposals, database):
    numbers = [(await corrected(hotline, number)).number for number in range(FEWEST)]
    await corrected(hotline, 9, first="cg")
    await corrected(hotline, 1, category="噪声")
    assert await proposals.find() == 1
    (proposal,) = await database.read(waiting)
    kind = proposal.correction
    assert (kind.category, kind.street, kind.unit, kind.first) == ("环境/垃圾", "阳光街道", "cg", {"zj": 3})
    assert (kind.tickets, kind.right, kind.numbers) == (4, 4, tuple(numbers))


async def test_agreed_it_counts_from_its_day_and_is_undone_as_a_whole(hotline, proposals, rules, database):
    before = Rule("旧-1", ZJ.name, category="环境/垃圾", place="阳光街道")
    await rules.put(DISPATCHER, before, reason="开始")
    for number in range(FEWEST):
        await corrected(hotline, number)
    await proposals.find()
    (proposal,) = await database.read(waiting)
    rule = await proposals.accept(DISPATCHER, proposal.id, DAY, "改派了 3 张")

    kept = {each.key: each for each in await rules.all()}
    assert (kept[rule.key].lead, kept[rule.key].effective_from) == (CG.name, DAY)
    assert kept["旧-1"].expires_on == date(2026, 11, 30)
    assert await database.read(waiting) == []
    assert await proposals.find() == 1  # until its day the list still says the other unit
    await rules.undo(DISPATCHER, await rules.revision())
    assert {each.key: each for each in await rules.all()}["旧-1"] == before


async def test_what_the_list_says_already_is_not_proposed(hotline, proposals, rules):
    await rules.put(DISPATCHER, Rule("1", CG.name, category="环境", place="阳光"), reason="开始")
    for number in range(FEWEST):
        await corrected(hotline, number)
    assert await proposals.find() == 0


async def test_what_was_dismissed_comes_again_only_when_it_happens_twice_as_often(hotline, proposals, database):
    for number in range(FEWEST):
        await corrected(hotline, number)
    await proposals.find()
    (proposal,) = await database.read(waiting)
    await proposals.dismiss(DISPATCHER, proposal.id)
    assert await proposals.find() == 0
    await corrected(hotline, 7)
    assert await proposals.find() == 0
    await proposals.propose_again(DISPATCHER, proposal.id)
    assert len(await database.read(waiting)) == 1
    await proposals.dismiss(DISPATCHER, proposal.id)
    for number in (8, 9, 10, 11):
        await corrected(hotline, number)
    assert await proposals.find() == 1


async def test_without_the_right_nothing_is_put_into_the_list_or_dismissed(hotline, proposals, database, rules):
    for number in range(FEWEST):
        await corrected(hotline, number)
    await proposals.find()
    (proposal,) = await database.read(waiting)
    agent = Actor("agent", frozenset({Role.AGENT}))
    for deed in (proposals.accept(agent, proposal.id, DAY, "试试"), proposals.dismiss(agent, proposal.id)):
        with pytest.raises(RulesRefused, match="没有修改派单目录的权限"):
            await deed
    assert len(await database.read(waiting)) == 1
    assert await rules.all() == []


async def test_at_night_one_process_looks_once(hotline, proposals, clock):
    assert await proposals.find_at_night() is None
    clock.forward(hours=16)  # two at night
    assert await proposals.find_at_night() == 0
    assert await proposals.find_at_night() is None


TICKETS = st.builds(
    Settled,
    number=st.integers(1, 99).map(str),
    category=st.sampled_from(["a", "b"]),
    street=st.sampled_from(["", "s", "t"]),
    first=st.sampled_from(["x", "y", "z"]),
    last=st.sampled_from(["x", "y"]),
)


@given(st.lists(TICKETS, max_size=40))
def test_whatever_happened_a_proposal_is_frequent_nearly_always_right_and_said_once(settled):
    found = corrections(settled)
    assert len({(each.category, each.street) for each in found}) == len(found)
    for each in found:
        kind = [one for one in settled if one.category == each.category and each.street in ("", one.street)]
        right = [one for one in kind if one.last == each.unit]
        assert (len(kind), len(right)) == (each.tickets, each.right)
        assert len(right) >= SHARE * len(kind)
        assert each.corrected == sum(one.first != each.unit for one in right) >= FEWEST
