"""Dispatchers see what they put right again and again, and put it into the list with one press."""

from dataclasses import replace

import pytest
from hotline import DISPATCHER, DRAFT, UNITS, Hotline, clerk_of

from service.identity.roles import Role
from tickets.dispatch.proposals import Proposals
from tickets.dispatch.rule_store import RuleStore
from tickets.moves import Verb
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/console/settings/dispatch-proposals"


@pytest.fixture
async def chief(console, clock):
    office = console.office
    await office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    hotline = Hotline(office.desk.lifecycle, office.desk)
    for number in range(3):
        draft = replace(DRAFT, id=f"draft-{number}", category="环境/垃圾", street="阳光街道")
        ticket = await hotline.dispatched("zj", draft)
        await hotline.do(DISPATCHER, ticket, Verb.REASSIGN, unit="cg", reason="属城管职责")
        await hotline.do(clerk_of("cg"), ticket, Verb.ACCEPT)
    await Proposals(office.database, RuleStore(office.database, clock), clock).find()
    return await console.staff("chief", Role.DISPATCHER)


async def test_a_proposal_with_its_evidence_is_put_into_the_list_from_a_day_on(console, chief, clock):
    assert (await chief.get("/console/settings/dispatch")).has("有 1 条建议", "看一看")
    page = await chief.get(PATH)
    assert page.has(
        "环境/垃圾，阳光街道 → 示例区城市管理局", "近半年有 3 张先派给示例区住房和城乡建设局（3 张）", "同类一共 3 张"
    )
    assert (await chief.post(f"{PATH}/1", note="", begins="")).has("请写明为什么改")
    page = await chief.post(f"{PATH}/1", note="3 张都改派", begins="2026-12-01")
    assert page.has("2026-12-01 起派给示例区城市管理局", "没有建议")
    (rule,) = [each for each in await RuleStore(console.office.database, clock).all() if each.key.startswith("建议")]
    assert (rule.lead, rule.place, str(rule.effective_from)) == (UNITS[0].name, "阳光街道", "2026-12-01")
    assert (await chief.post(f"{PATH}/1", note="再来", begins="")).has("别人刚刚处理过了")


async def test_a_proposal_nobody_wants_goes_and_can_be_brought_back(chief):
    page = await chief.post(f"{PATH}/1/dismiss")
    assert page.has("不再建议", "没有建议")
    assert (await chief.post(f"{PATH}/1/again")).has("又放回来了", "环境/垃圾")
