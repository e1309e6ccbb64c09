import pytest

from actions.present import show_choices
from knowledge_base.applicability import applicable, titles
from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.search.ranking import Candidate

HOME = ("示例区", "示例市")


def about(slug, region="", audience=(), matter="养犬登记"):
    return Entry(slug=slug, matter=matter, question="养狗要登记吗", answer=slug, region=region, audience=audience)


HERE, NEXT, EVERYWHERE = about("here", "示例区"), about("next", "邻水区"), about("everywhere")
STREET, OTHER_STREET = about("street", "示例区阳光街道"), about("other", "示例区河东街道")
FIRMS, PEOPLE = about("firms", "示例区", ("企业",)), about("people", "示例区", ("个人",))
BOTH = about("both", "示例区", ("个人", "企业"))
TAP = Entry(slug="tap", question="水龙头漏水找谁修", answer="找物业。")


def settled(question, *entries, home=HOME):
    ranked = [Candidate(entry, 1.0 - place / 10, 0.5, (0.5,) * 7) for place, entry in enumerate(entries)]
    found = applicable(question, ranked, home)
    return found.candidates[0].entry.slug, [entry.slug for entry in found.open]


@pytest.mark.parametrize(
    ("question", "entries", "first", "left_open"),
    [
        ("养狗要登记吗", (NEXT, HERE, TAP), "here", []),
        ("在邻水区养狗要登记吗", (HERE, NEXT), "next", []),
        ("邻水养狗要登记吗", (HERE, NEXT), "next", []),
        ("养狗要登记吗", (NEXT, EVERYWHERE), "everywhere", []),
        ("养狗要登记吗", (STREET, OTHER_STREET), "street", ["street", "other"]),
        ("河东街道养狗要登记吗", (STREET, OTHER_STREET), "other", []),
        ("示例区养狗要登记吗", (STREET, HERE), "here", []),
        ("养狗要登记吗", (FIRMS, PEOPLE), "firms", ["firms", "people"]),
        ("公司养狗要登记吗", (PEOPLE, FIRMS), "firms", []),
        ("个人养狗要登记吗", (FIRMS, PEOPLE), "people", []),
        ("公司养狗要登记吗", (PEOPLE, BOTH), "both", []),
        ("养狗要登记吗", (TAP, HERE), "tap", []),
        ("养狗要登记吗", (HERE,), "here", []),
    ],
)
def test_which_entry_applies(question, entries, first, left_open):
    assert settled(question, *entries) == (first, left_open)


def test_the_place_of_another_installation_prefers_its_own():
    assert settled("养狗要登记吗", HERE, NEXT, home=("邻水区",)) == ("next", [])
    assert settled("养狗要登记吗", HERE, NEXT, home=()) == ("here", ["here", "next"])


def test_two_entries_of_one_scope_are_none_of_this_rules_business():
    assert settled("养狗要登记吗", HERE, about("twin", "示例区")) == ("here", [])


def test_buttons_name_what_tells_the_choices_apart():
    assert titles([HERE, NEXT]) == ["养犬登记（示例区）", "养犬登记（邻水区）"]
    assert titles([FIRMS, PEOPLE, TAP]) == ["养犬登记（企业）", "养犬登记（个人）", "水龙头漏水找谁修"]
    assert titles([NEXT, FIRMS]) == ["养犬登记（邻水区 · 不限对象）", "养犬登记（示例区 · 企业）"]


@pytest.mark.parametrize("wording", ["养狗要登记吗", "家里养了狗要不要去登记"])
async def test_a_question_for_two_audiences_is_not_answered_for_one(clock, wording):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock, home=HOME)
    firms = FIRMS.model_copy(update={"similar_questions": ("家里养了狗要不要去登记",)})
    await knowledge.replace([firms, PEOPLE, TAP])

    decision = await knowledge.decide(wording)
    assert (decision.kind, {entry.slug for entry in decision.choices}) == ("choices", {"firms", "people"})
    shown = [button["title"] for button in show_choices(decision)["buttons"]]
    assert sorted(shown) == sorted(["养犬登记（企业）", "养犬登记（个人）", "都不是"])


async def test_this_place_answers_what_another_is_worded_for(clock):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock, home=HOME)
    await knowledge.replace([NEXT.model_copy(update={"question": "养狗上证怎么弄"}), HERE, TAP])

    decision = await knowledge.decide("养狗上证怎么弄")
    assert (decision.kind, decision.entry and decision.entry.slug) == ("answer", "here")
