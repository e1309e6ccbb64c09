from datetime import date

import pytest

from knowledge_base.check import Problem, check
from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry, Facets, LegalBasis
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries

SOURCE = (LegalBasis(document="示例区养蜂办法", article="第三条"),)
BEES = Entry(slug="bees", question="在阳台养蜜蜂要许可吗", answer="不用。", legal_basis=SOURCE)
PLUMBER = Entry(slug="tap", question="水龙头漏水找谁修", answer="找物业。", legal_basis=SOURCE)


async def found(clock, *entries):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await knowledge.replace(entries)
    return [(finding.problem, finding.slug, finding.other) for finding in await check(entries, knowledge, clock())]


async def test_the_sample_is_sound(clock):
    assert await found(clock, *sample_entries()) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"expires_on": date(2026, 11, 21)}, Problem.EXPIRED),
        ({"expires_on": "2026-11-21 09:59"}, Problem.EXPIRED),
        ({"review_by": date(2026, 11, 20)}, Problem.REVIEW_OVERDUE),
        ({"legal_basis": ()}, Problem.UNSOURCED),
        ({"answer": "正在办理中，请等。"}, Problem.FORBIDDEN_PHRASE),
        ({"facets": Facets(steps="请耐心等待。")}, Problem.FORBIDDEN_PHRASE),
    ],
)
async def test_what_is_wrong_with_one_entry(clock, changed, problem):
    wrong = Entry.model_validate(BEES.model_dump() | changed)

    assert await found(clock, wrong, PLUMBER) == [(problem, "bees", None)]


async def test_what_is_still_right_today_is_no_finding(clock):
    right = BEES.model_copy(update={"expires_on": date(2026, 11, 22), "review_by": date(2026, 11, 21)})

    assert await found(clock, right, PLUMBER) == []


async def test_two_entries_with_one_wording(clock):
    other = PLUMBER.model_copy(update={"similar_questions": ("请问在阳台养蜜蜂要许可吗？",)})

    problems = await found(clock, BEES, other)
    assert (Problem.SAME_WORDING, "bees", "tap") in problems


async def test_two_entries_that_ask_the_same_and_differ_in_what_they_tell(clock):
    first = BEES.model_copy(update={"facets": Facets(fee="收 10 元", phone="12345", time_limit="3 个工作日")})
    second = BEES.model_copy(
        update={
            "slug": "hives",
            "question": "在阳台养蜜蜂要不要许可",
            "facets": Facets(fee="不收费", phone="12345", time_limit="5 个工作日"),
        }
    )

    problems = [problem for problem, _, _ in await found(clock, first, second, PLUMBER)]
    assert problems.count(Problem.NEAR_DUPLICATE) == 1
    assert problems.count(Problem.CONTRADICTION) == 2


async def test_a_wording_that_finds_another_entry_first(clock):
    robbed = BEES.model_copy(update={"similar_questions": ("邻居有意见怎么办",)})
    thief = PLUMBER.model_copy(
        update={"similar_questions": ("邻居有意见怎么办？",), "answer": "邻居有意见，找居委会。"}
    )

    assert (Problem.STEALING, "bees", "tap") in await found(clock, robbed, thief)
    assert (Problem.STEALING, "tap", "bees") not in await found(clock, robbed, thief)
