"""What keeps the base in order: open questions, words, test questions, files, checks."""

import re

import pytest
from sqlalchemy import insert, select

from knowledge_base.coverage.meaning import Meaning
from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.live import refresh_knowledge
from knowledge_base.synonym_store import SynonymStore
from knowledge_base.tables import answers, gaps, history
from service.identity.roles import Role
from service.tasks import tasks

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CARD = Entry(
    slug="card", matter="补办社保卡", question="社保卡丢了怎么补办", answer="到网点补办。", issuing_unit="市人社局"
)


@pytest.fixture(autouse=True)
async def base(console, database, clock):
    office = console.office
    await EntryImports(database, office.entries, clock).put([CARD])
    await SynonymStore(database, clock).seed()
    await refresh_knowledge(office.entries, office.knowledge)


@pytest.fixture
async def curator(console):
    return await console.staff("li", Role.CURATOR)


@pytest.fixture
async def reviewer(console):
    return await console.staff("wang", Role.REVIEWER)


@pytest.fixture
async def gap(console, clock):
    """A group of questions about bees that three people asked."""
    seal = console.office.keyring.cipher("conversations").encrypt_text

    def work(connection):
        at, meaning = clock(), Meaning(None)
        group = {"state": "open", "name": seal("阳台能养蜜蜂吗"), "space": meaning.space, "conversations": 3}
        group |= {"questions": 3, "first_at": at, "last_at": at, "changed": 1}
        number = connection.execute(insert(gaps).values(group).returning(gaps.c.id)).scalar_one()
        for person, wording in enumerate(("阳台能养蜜蜂吗", "家里养蜜蜂行不行", "能在阳台养蜂吗")):
            asked = {"at": at, "conversation": f"c-{person}", "channel": "widget", "verb": "no_answer", "gap": number}
            asked |= {"question": seal(wording), "clicked": False, "cause": "no_answer", "nearest": ["card"]}
            connection.execute(insert(answers).values(asked))
        return number

    return await console.office.database.write(work)


async def test_a_group_of_open_questions_becomes_a_draft_with_unit_and_day_in_one_step(console, curator, gap):
    page = await curator.get("/console/knowledge/gaps")
    assert page.has("阳台能养蜜蜂吗", "近 7 天", "3", "人问", "在增加", "没有答案 3", "补办社保卡")

    page = await curator.post(
        f"/console/knowledge/gaps/{gap}/draft", **{f"unit-{gap}": "市农业农村局", f"due-{gap}": "2026-11-27"}
    )
    assert page.has("已起好草稿", "能在阳台养蜂吗")
    assert 'value="市农业农村局"' in page.text
    assert (await curator.get("/console/knowledge/tasks")).has("1 件", "编写条目", "市农业农村局", "2026-11-27")
    row = await console.office.database.read(lambda connection: connection.execute(select(tasks)).one())
    assert row.assignee == "li"
    assert (await curator.get("/console/knowledge/gaps?state=drafted")).has("阳台能养蜜蜂吗", "看这一条")


async def test_a_day_that_is_over_is_refused_and_what_was_typed_stays(curator, gap):
    fields = {f"unit-{gap}": "市农业农村局", f"due-{gap}": "2026-11-01"}
    page = await curator.post(f"/console/knowledge/gaps/{gap}/draft", **fields)
    assert page.status == 422
    assert page.has("还没有保存", "已经过了")
    assert 'value="市农业农村局"' in page.text


async def test_what_several_people_asked_waits_on_the_curators_start_page(console, curator, gap, clock):
    assert (await curator.get("/console/")).has("1", "组问题几个人问了还没有答案")
    reviewer = await console.staff("fang", Role.REVIEWER)
    assert not (await reviewer.get("/console/")).has("组问题几个人问了")
    clock.forward(days=31)
    assert not (await (await console.signed_in("li")).get("/console/")).has("组问题几个人问了")


async def test_a_group_is_set_aside_with_a_reason(curator, gap):
    assert (await curator.post(f"/console/knowledge/gaps/{gap}/dismiss")).has("请写明不处理的原因")
    page = await curator.post(f"/console/knowledge/gaps/{gap}/dismiss", **{f"reason-{gap}": "开玩笑的"})
    assert page.has("不再列在待处理里", "没有待处理的问题组")
    assert (await curator.get("/console/knowledge/gaps?state=dismissed")).has("不处理的原因：开玩笑的", "还是要处理")
    assert (await curator.post(f"/console/knowledge/gaps/{gap}/reopen")).has("又列在待处理里了", "阳台")
    assert (await curator.post(f"/console/knowledge/gaps/{gap}/reopen")).has("不用恢复")


async def test_synonyms_are_edited_looked_back_at_and_taken_back(console, curator):
    page = await curator.post("/console/knowledge/synonyms", official="住房公积金", words="公基金、房补钱")
    assert page.has("“住房公积金”已保存")
    assert "住房公积金" in (await SynonymStore(console.office.database).all()).groups
    page = await curator.get("/console/knowledge/synonyms?q=公基金")
    assert page.has("住房公积金", "公基金、房补钱", "最近的改动", "修改", "li")

    revision = re.search(r"/synonyms/(\d+)/undo", page.text)[1]
    assert (await curator.post(f"/console/knowledge/synonyms/{revision}/undo")).has("已撤销")
    assert "房补钱" not in str((await SynonymStore(console.office.database).all()).groups)
    page = await curator.post("/console/knowledge/synonyms", official="社保卡", words="卡")
    assert page.status == 422
    assert page.has("只有一个字")


async def test_questions_to_try_are_added_by_the_entrys_name_and_removed(curator):
    page = await curator.post("/console/knowledge/questions", question="社保卡找不到了", expected="补办社保卡")
    assert page.has("已记下", "社保卡找不到了", "补办社保卡", "li")
    page = await curator.post("/console/knowledge/questions", question="火星旅游怎么报名", expected="没有这条")
    assert page.status == 422
    assert page.has("没有已发布的条目")
    page = await curator.post("/console/knowledge/questions/remove", question="社保卡找不到了")
    assert page.has("已删掉", "0 个")
    undo = re.search(r'action="(/console/knowledge/questions/\d+/restore)"', page.text)[1]
    assert (await curator.post(undo)).has("放回来了", "社保卡找不到了", "补办社保卡")


FILE = "编号,问题,答案\nbees,在阳台养蜜蜂要许可吗,不用。\ncard,社保卡丢了怎么补办,到社区补办。\n".encode()


async def handed_in(visitor, file=FILE):
    """The page of a file that was looked at and handed in."""
    page = await visitor.ended(await visitor.send("/console/knowledge/files/import", "条目.csv", file))
    page = await visitor.get(re.search(r'href="(/console/knowledge/files/[^"]+)"', page.text)[1])
    page = await visitor.ended(await visitor.post(f"{page.url}/submit"))
    return await visitor.get(re.search(r'href="(/console/knowledge/imports/[^"]+)"', page.text)[1])


async def test_a_file_is_looked_at_reviewed_by_another_and_taken_back_as_a_whole(console, curator, reviewer):
    page = await curator.ended(await curator.send("/console/knowledge/files/import", "条目.csv", FILE))
    assert page.has("还没有送审")
    page = await curator.get(re.search(r'href="(/console/knowledge/files/[^"]+)"', page.text)[1])
    assert page.has("新增 1 条", "改动 1 条", "不能导入 0", "bees", "card", "答案")
    page = await handed_in(curator)
    assert page.has("新增 1 条，改动 1 条", "正在等知识审核来看")
    assert page.has("答案", "到", "网点", "补办", "到", "社区", "补办")
    assert console.office.knowledge.entry("bees") is None

    assert (await reviewer.get("/console/")).has("次导入待审核")
    assert (await reviewer.get("/console/knowledge/review")).has("整份导入的", "条目.csv", "li")
    page = await reviewer.ended(await reviewer.post(f"{page.url}/try", then="publish"))
    assert page.has("发布了 2 条")
    assert console.office.knowledge.entry("card").answer == "到社区补办。"
    page = await reviewer.get("/console/knowledge/files")
    batch = re.search(r"/files/(\d+)/undo", page.text)[1]
    assert page.has(batch, "wang", "2")
    assert (await reviewer.post(f"/console/knowledge/files/{batch}/undo")).has("已撤销 2 条", "已撤销")
    assert console.office.knowledge.entry("card").answer == "到网点补办。"


async def test_nobody_approves_the_file_they_handed_in(console, reviewer):
    page = await handed_in(reviewer)
    assert page.has("自己不能通过", "请另一位知识审核")
    assert not page.has("试问后通过")
    page = await reviewer.ended(await reviewer.post(f"{page.url}/try", then="publish"))
    assert page.has("自己导入的不能自己通过")
    assert console.office.knowledge.entry("bees") is None


async def test_the_only_one_who_could_review_approves_their_own_file_and_the_history_says_so(console):
    root = await console.staff("root", Role.ADMINISTRATOR)
    page = await handed_in(root)
    assert page.has("现在只有您一个账号能审核")
    page = await root.ended(await root.post(f"{page.url}/try", then="publish"))
    assert page.has("发布了 2 条")
    page = await root.get(re.search(r'href="(/console/knowledge/imports/[^"]+)"', page.text)[1])
    assert page.has("由编写人自己通过")


async def test_some_of_a_file_stay_out_and_come_back_at_a_press(console, curator, reviewer):
    url = (await handed_in(curator)).url
    assert (await reviewer.post(f"{url}/leave-out")).has("请先勾选要留下的")
    assert (await reviewer.post(f"{url}/leave-out", slug="card")).has("1 条留下，不导入", "发布这 1 条")
    assert (await reviewer.post(f"{url}/take-in", slug="card")).has("1 条放回来了", "发布这 2 条")
    await reviewer.post(f"{url}/leave-out", slug="card")
    assert (await reviewer.ended(await reviewer.post(f"{url}/try", then="publish"))).has("发布了 1 条")
    assert console.office.knowledge.entry("card").answer == "到网点补办。"
    assert console.office.knowledge.entry("bees") is not None


async def test_what_a_colleague_published_meanwhile_is_not_written_over(console, curator, reviewer):
    url = (await handed_in(curator)).url
    newer = CARD.model_copy(update={"answer": "到银行补办。"})
    await EntryImports(console.office.database, console.office.entries, console.office.clock).put([newer])
    assert (await reviewer.get(url)).has("送审以后有 1 条被同事改过")
    page = await reviewer.ended(await reviewer.post(f"{url}/try", then="publish"))
    assert page.has("送审以后有人改过 card")
    assert (await reviewer.post(f"{url}/leave-overtaken")).has("后来有人改过的 1 条留下")
    assert (await reviewer.ended(await reviewer.post(f"{url}/try", then="publish"))).has("发布了 1 条")
    assert console.office.knowledge.entry("card").answer == "到银行补办。"


async def test_what_becomes_worse_by_a_file_takes_a_reason(console, curator, reviewer):
    await curator.post("/console/knowledge/questions", question="火星旅游怎么报名", expected="")
    url = (await handed_in(curator, "编号,问题,答案\nmars,火星旅游怎么报名,没有这项业务。\n".encode())).url
    page = await reviewer.ended(await reviewer.post(f"{url}/try", then="publish"))
    assert page.has("1 个变差")
    page = await reviewer.get(url)
    assert page.has("会答得更差", "为什么仍要发布", "火星旅游怎么报名")
    page = await reviewer.post(f"{url}/approve")
    assert page.status == 422
    assert page.has("请写明为什么仍要发布")
    page = await reviewer.ended(await reviewer.post(f"{url}/approve", reason="近来问的人多"))
    assert page.has("发布了 1 条")


async def test_a_file_is_sent_back_with_a_reason_and_that_is_taken_back_at_a_press(curator, reviewer):
    url = (await handed_in(curator)).url
    assert (await reviewer.post(f"{url}/reject")).has("请写明退回的原因")
    assert (await reviewer.post(f"{url}/reject", **{"reject-reason": "答案没有依据"})).has("整个退回了")
    assert (await curator.get(url)).has("没有通过", "答案没有依据", "改好文件")
    assert (await curator.post(f"{url}/reopen")).has("不能改回待审核")
    assert (await reviewer.post(f"{url}/reopen")).has("又在等审核了")
    assert (await curator.post(f"{url}/take-back")).has("收回了", "已收回")
    assert (await curator.post(f"{url}/reopen")).has("待审核")


async def test_a_row_that_is_wrong_keeps_the_whole_file_out_and_is_named(console, reviewer):
    file = "编号,问题,答案\nbees,在阳台养蜜蜂要许可吗,\n".encode()
    page = await reviewer.send("/console/knowledge/files/import", "条目.csv", file)
    page = await reviewer.ended(page)
    page = await reviewer.get(re.search(r'href="(/console/knowledge/files/[^"]+)"', page.text)[1])
    assert page.has("一条都还不能导入", "第 2 行", "答案（answer）是空的")
    page = await reviewer.ended(await reviewer.post(f"{page.url}/submit"))
    assert page.has("第 2 行", "本次未导入任何条目")


async def test_no_file_is_said_at_the_field(reviewer):
    page = await reviewer.post("/console/knowledge/files/import")
    assert page.status == 422
    assert page.has("请先选一个文件")


async def test_entries_go_out_as_a_file_that_comes_back_the_same(reviewer):
    page = await reviewer.ended(await reviewer.post("/console/knowledge/files/export", kind="csv"))
    assert page.has("导出了 1 条")
    page = await reviewer.get(re.search(r'href="(/console/knowledge/files/[^"]+/download)"', page.text)[1])
    assert "社保卡丢了怎么补办" in page.text
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert "公交卡办理" in (await reviewer.get("/console/knowledge/files/template?kind=csv")).text


async def test_a_document_becomes_drafts_that_have_to_be_edited(console, curator):
    text = "阳台养蜂管理办法\n\n第一条 阳台养蜂不用许可。\n\n第二条 蜂箱离窗户两米以上。\n".encode()
    page = await curator.send("/console/knowledge/files/document", "办法.txt", text, field="document")
    assert (await curator.ended(page)).has("存了 2 份草稿")
    page = await curator.get("/console/knowledge?state=draft")
    assert page.has("2 条", "li")
    entry = re.search(r'href="(/console/knowledge/entries/[^"]+)"', page.text)[1]
    assert (await curator.post(f"{entry}/1/submit")).has("还没有人编辑过")
    row = await console.office.database.read(
        lambda c: c.execute(select(history.c.note).where(history.c.verb == "draft")).first()
    )
    assert "办法.txt" in row.note


async def test_the_check_names_what_is_wrong_and_what_to_do(curator):
    assert (await curator.get("/console/knowledge/check")).has("还没有查过")
    page = await curator.ended(await curator.post("/console/knowledge/check"))
    assert page.has("查了 1 条，有 1 处要看")
    assert (await curator.get("/console/knowledge/check")).has("没有依据", "补办社保卡", "请补上")


async def test_the_check_opens_links_where_it_is_asked_to(console, curator):
    linked = CARD.model_copy(update={"answer": "办事指南 http://127.0.0.1/guide"})
    await EntryImports(console.office.database, console.office.entries, console.office.clock).put([linked])
    await refresh_knowledge(console.office.entries, console.office.knowledge)
    await curator.ended(await curator.post("/console/knowledge/check"))
    assert not (await curator.get("/console/knowledge/check")).has("打不开的链接")
    await curator.ended(await curator.post("/console/knowledge/check", links="yes"))
    page = await curator.get("/console/knowledge/check")
    assert page.has("连同里面的链接", "打不开的链接", "补办社保卡", "是内部地址")
