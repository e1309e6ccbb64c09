"""Reasons the requester reads are checked like replies, so that nobody is told 正在办理 or somebody else's phone."""

import pytest
from hotline import AGENT, DISPATCHER, EXPLAINED, SUPERVISOR, clerk_of, head_of

from tickets.moves import Verb
from tickets.refusal import WordsRefused
from tickets.replies.check import check_reason
from tickets.replies.finding import Code

STRANGER = "请联系业主13911112222问清楚是哪一户漏水。"


async def submitted(hotline):
    return await hotline.submitted()


async def accepted(hotline):
    return await hotline.accepted()


async def called_back(hotline):
    return await hotline.called_back()


async def extension_requested(hotline):
    return await hotline.do(
        head_of("cg"), await hotline.accepted(), Verb.REQUEST_EXTENSION, reason="等配件", span="3个工作日"
    )


TOLD = [
    (Verb.NOT_ACCEPT, AGENT, submitted, {"route": "可以向区人民法院起诉"}),
    (Verb.SUSPEND, clerk_of("cg"), accepted, {}),
    (Verb.REQUEST_EXTENSION, head_of("cg"), accepted, {"span": "3个工作日"}),
    (Verb.GRANT_EXTENSION, DISPATCHER, extension_requested, {}),
    (Verb.CONCLUDE, SUPERVISOR, called_back, {"solved": False}),
]


@pytest.mark.parametrize(("verb", "actor", "begin", "given"), TOLD, ids=[str(told[0]) for told in TOLD])
@pytest.mark.parametrize(("reason", "code"), [("正在办理中。", Code.NOTHING_SAID), (STRANGER, Code.PERSONAL_DATA)])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_reason_that_must_not_reach_a_citizen_is_stopped(hotline, verb, actor, begin, given, reason, code):
    ticket = await begin(hotline)

    with pytest.raises(WordsRefused) as refused:
        await hotline.do(actor, ticket, verb, reason=reason, **given)
    assert code in [finding.code for finding in refused.value.findings]


async def test_more_time_that_was_well_reasoned_is_granted_in_its_own_words(hotline):
    granted = await hotline.do(DISPATCHER, await extension_requested(hotline), Verb.GRANT_EXTENSION)

    assert (await hotline.desk.timeline(granted))[-1].note == "等配件"


async def test_an_explanation_that_ends_a_ticket_answers_like_a_reply(hotline):
    ticket = await hotline.called_back()

    with pytest.raises(WordsRefused, match="答复"):
        await hotline.do(SUPERVISOR, ticket, Verb.CONCLUDE, reason="实在太贵了办不到", solved=False)
    await hotline.do(SUPERVISOR, ticket, Verb.CONCLUDE, reason=EXPLAINED, solved=False)


@pytest.mark.parametrize(
    "reason",
    [
        "等配件。",
        "请告诉我们是几单元。",
        "请补充购物小票的照片",
        "这件事已经由区人民法院立案，热线不能再办。",
        "不属于热线受理范围，房屋买卖纠纷由区人民法院管。",
        "施工要等天气转晴",
        "需要您本人到场确认",
    ],
)
def test_a_brief_reason_is_a_reason(reason):
    assert check_reason(reason, "阳光小区3号楼电梯坏了半个月") == []


def test_being_sent_away_is_stopped_where_no_way_is_named():
    assert [finding.code for finding in check_reason("不属于我单位职责", "电梯坏了")] == [Code.SHIRKING]
