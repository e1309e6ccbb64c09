"""The first start: what is left, what the installation shows by itself, what can be left out and found again."""

import pytest

from knowledge_base.imports import EntryImports
from knowledge_base.live import refresh_knowledge
from knowledge_base.sample import sample_entries
from service.identity.roles import Role
from tickets.units import Unit, put_within, seed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def root(console, database, clock):
    """The administrator of an installation nobody has set up."""
    office = console.office
    await database.write(seed(clock()))
    await EntryImports(database, office.entries, clock).put(sample_entries()[:3])
    await refresh_knowledge(office.entries, office.knowledge)
    return await console.staff("root", Role.ADMINISTRATOR)


async def test_the_start_page_tells_what_is_left_until_it_is_put_away(root, console):
    assert (await root.get("/console/")).has("还差 6 步就设好了", "下一步：热线的名称和电话")
    assert (await root.get("/console/first-start")).has(
        "放假安排", "好了", "微信和短信", "还没做"
    )  # this year is entered

    page = await root.post("/console/first-start/put-away")
    assert page.has("首页不再提醒", "撤销")
    assert not (await root.get("/console/")).has("就设好了")
    await root.post("/console/first-start/remind")
    assert (await root.get("/console/")).has("还差 6 步")
    agent = await console.staff("agent", Role.AGENT)
    assert not (await agent.get("/console/")).has("就设好了")
    assert (await agent.get("/console/first-start")).status == 403


async def test_the_names_are_set_at_once_and_the_next_step_comes(root, console):
    names = {"hotline_phone": "0000-12345", "district": "云山区", "city": "云江市", "contact": "热线中心"}
    page = await root.post("/console/first-start/hotline", hotline_name="", agent_title="话务员", **names)
    assert (page.status, page.has("请填“热线名称”")) == (422, True)
    assert 'value="云山区"' in page.text

    page = await root.post("/console/first-start/hotline", hotline_name="云山热线", agent_title="话务员", **names)
    assert page.url == "/console/first-start/units"
    assert page.has("云山热线", "名称已保存", "承办单位")
    assert console.office.settings.district == "云山区"
    assert (await root.get("/console/first-start/hotline")).has("这一步好了")


async def test_a_step_is_left_out_and_found_again(root):
    page = await root.post("/console/first-start/units/mark", mark="left_out")
    assert page.url == "/console/first-start/accounts"
    assert (await root.get("/console/first-start")).has("还差 5 步", "承办单位", "跳过了")
    page = await root.post("/console/first-start/units/mark", mark="done")
    assert (await root.get("/console/first-start")).has("还差 5 步", "承办单位", "好了")
    await root.post("/console/first-start/units/mark", mark="again")
    assert (await root.get("/console/first-start")).has("还差 6 步")
    assert (await root.get("/console/first-start/nothing")).status == 404


async def test_what_the_installation_shows_needs_no_saying(root, console, database, clock):
    await database.write(lambda connection: put_within(connection, [Unit("own", "云山区城管局")], clock()))
    await console.account("wang", Role.AGENT)
    page = await root.get("/console/first-start")
    assert page.has("还差 4 步")
    assert (await root.get("/console/first-start/accounts")).has("话务员", "1 人", "派单员", "还没有")


async def test_the_samples_go_and_come_back_but_for_what_somebody_made_their_own(root, console):
    office, (own, *_) = console.office, sample_entries()
    await EntryImports(office.database, office.entries, office.clock).put(
        [own.model_copy(update={"answer": "本区的办法。"})]
    )
    await refresh_knowledge(office.entries, office.knowledge)
    page = await root.post("/console/first-start/knowledge/empty")
    assert page.has("示例的 2 条已经撤下", "撤销")
    assert [entry.slug for entry in office.knowledge.stored()] == [own.slug]

    page = await root.post("/console/first-start/knowledge/samples")
    assert page.has("放回了")
    assert office.knowledge.entry(own.slug).answer == "本区的办法。"


async def test_the_ways_to_citizens_are_told_as_doctor_tells_them(root):
    page = await root.get("/console/first-start/channels")
    assert page.has("管理台", "微信", "短信")


async def test_a_question_is_answered_as_citizens_hear_it(root):
    question = sample_entries()[0].question
    assert (await root.post("/console/first-start/try", question="")).status == 422
    page = await root.post("/console/first-start/try", question=question)
    assert page.has("市民看到的回答", sample_entries()[0].answer.split("\n")[0])
    assert (await root.get("/console/first-start/try")).has("这一步好了")
