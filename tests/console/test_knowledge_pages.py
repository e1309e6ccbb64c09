"""Entries in the console: written, looked at, reviewed, tried, published, and never over each other."""

import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from console.knowledge import review
from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.live import refresh_knowledge
from knowledge_base.tables import answers
from service.clock import china_date
from service.identity.roles import Actor, Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CARD = Entry(
    slug="card",
    matter="补办社保卡",
    question="社保卡丢了怎么补办",
    answer="带身份证到银行网点补办。",
    issuing_unit="市人社局",
    review_by=date(2026, 11, 30),
    similar_questions=("社保卡不见了怎么办",),
)
BUS = Entry(slug="bus", question="公交卡在哪里充值", answer="地铁站都能充。", expires_on=date(2026, 11, 1))
WRITTEN = {"question": "在阳台养蜜蜂要许可吗", "answer": "不用许可。", "visibility": "public"}


@pytest.fixture
async def base(console):
    """What the pages stand on, with two entries that are told."""
    office = console.office
    await EntryImports(office.database, office.entries, office.clock).put([CARD, BUS])
    await refresh_knowledge(office.entries, office.knowledge)
    return EntryLifecycle(office.database, office.entries, office.clock)


@pytest.fixture
async def curator(console, base):
    return await console.staff("li", Role.CURATOR)


@pytest.fixture
async def reviewer(console, base):
    return await console.staff("wang", Role.REVIEWER)


async def start_new(curator):
    """The address of a new entry's form."""
    page = await curator.get("/console/knowledge/new")
    assert page.has("新建条目")
    return page.url.partition("?")[0]


def seen_in(page):
    return re.search(r'name="seen" value="([^"]*)"', page.text)[1]


async def test_the_list_shows_what_is_told_and_what_needs_a_look(curator):
    page = await curator.get("/console/knowledge")
    assert page.has(
        "知识条目", "2 条", "公交卡在哪里充值", "已过期", "补办社保卡", "市人社局", "市民可见", "2026-11-30"
    )

    assert (await curator.get("/console/knowledge?look=due")).has("1 条", "补办社保卡")
    assert (await curator.get("/console/knowledge?look=expired")).has("1 条", "公交卡")
    assert (await curator.get("/console/knowledge?unit=市人社局")).has("1 条", "补办社保卡")
    assert (await curator.get("/console/knowledge?q=不见了")).has("1 条", "补办社保卡")
    assert (await curator.get("/console/knowledge?q=火星")).has("没有这样的条目")
    assert (await curator.get("/console/search?q=公交卡")).has("知识条目", "公交卡在哪里充值")


async def test_the_list_goes_on_by_key(console, base, curator):
    office = console.office
    many = [BUS.model_copy(update={"slug": f"many-{number:03}"}) for number in range(60)]
    await EntryImports(office.database, office.entries, office.clock).put(many)
    await refresh_knowledge(office.entries, office.knowledge)

    first = await curator.get("/console/knowledge")
    later = re.search(r'rel="next" href="([^"]+)"', first.text)[1]
    second = await curator.get(later.replace("&amp;", "&"))
    pages = re.findall(r"/entries/([\w-]+)\"", first.text + second.text)
    assert pages == sorted(pages)
    assert len(pages) == 62
    assert 'rel="next"' not in second.text


async def test_what_people_said_of_an_entry_stands_beside_it(console, clock, curator):
    row = {"at": clock() - timedelta(days=1), "conversation": "c", "channel": "widget", "clicked": False}
    said = ["answer"] * 4 + ["helped"] + ["not_helped"] * 2
    rows = [row | {"verb": verb, "entry": "card"} for verb in said]
    rows.append(row | {"at": clock() - timedelta(days=40), "verb": "answer", "entry": "card"})
    for one in rows:
        await console.office.database.write(lambda connection, one=one: connection.execute(insert(answers).values(one)))

    assert (await curator.get("/console/knowledge?look=unhelpful")).has("1 条", "补办社保卡", "要看看")
    assert (await curator.get("/console/knowledge?look=unused")).has("1 条", "公交卡")
    assert (await curator.get("/console/knowledge/entries/card")).has("答了 4 次", "没帮助", "2", "要看看")


async def test_the_page_of_an_entry_has_its_text_code_and_history(curator):
    page = await curator.get("/console/knowledge/entries/card")
    assert page.has("补办社保卡", "现在告诉市民的", "带身份证到银行网点补办", "打印张贴页", "第 1 版 导入")
    assert "/guide/card/sheet" in page.text
    assert (await curator.get("/console/knowledge/entries/nothing")).status == 404


async def test_an_entry_goes_from_the_form_to_citizens(console, curator, reviewer):
    form = await start_new(curator)
    page = await curator.post(form, **WRITTEN, then="submit", seen="")
    assert page.has("已送审", "待审核", "正在等知识审核来看")
    entry = page.url

    assert (await reviewer.get("/console/")).has("1", "条知识待审核")
    assert (await reviewer.get("/console/knowledge/review")).has("1 条待审", "在阳台养蜜蜂要许可吗")
    page = await reviewer.post(f"{entry}/1/approve")
    assert page.has("第 1 版已通过", "试问后发布")

    page = await reviewer.ended(await reviewer.post(f"{entry}/1/try", then="publish"))
    assert page.has("已发布，市民现在就能问到")
    decision = await console.office.knowledge.decide("在阳台养蜜蜂要许可吗")
    assert decision.entry.answer == "不用许可。"
    assert (await reviewer.get(entry)).has("现在告诉市民的", "市民可见", "发布")


async def test_what_waits_longest_is_looked_at_first_however_much_waits(console, base, reviewer, clock, monkeypatch):
    monkeypatch.setattr(review, "_SHOWN", 2)
    await console.account("li", Role.CURATOR)
    author = Actor("li", frozenset({Role.CURATOR}))
    for number in range(3):
        entry = CARD.model_copy(update={"slug": f"new-{number}", "question": f"第{number}件事怎么办", "matter": ""})
        version = await base.save_draft(author, entry)
        await base.submit(author, entry.slug, version.number)
        clock.forward(minutes=1)

    page = await reviewer.get("/console/knowledge/review")
    assert page.has("3 条待审", "等得最久的 2 条", "第0件事怎么办", "第1件事怎么办")
    assert not page.has("第2件事怎么办")


async def test_nobody_reviews_what_they_wrote(console, base):
    both = await console.staff("zhao", Role.CURATOR, Role.REVIEWER)
    page = await both.post(await start_new(both), **WRITTEN, then="submit", seen="")
    assert page.has("自己不能审核", "请系统管理员在")
    assert (await both.get("/console/knowledge/review")).has("0 条待审", "您送审的")
    assert (await both.post(f"{page.url}/1/approve")).has("自己写的不能自己通过")


async def test_the_only_account_of_a_new_installation_may_and_the_history_says_so(console, base):
    root = await console.staff("root", Role.ADMINISTRATOR)
    page = await root.post(await start_new(root), **WRITTEN, then="submit", seen="")
    assert page.has("现在只有您一个账号能审核，可以自己通过")
    assert (await root.post(f"{page.url}/1/approve")).has("第 1 版已通过", "由编写人自己通过")

    await console.account("wang", Role.REVIEWER)
    page = await root.post(await start_new(root), **WRITTEN, then="submit", seen="")
    assert (await root.post(f"{page.url}/1/approve")).has("自己写的不能自己通过")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"question": ""}, "请填写"),
        ({"effective_from": "明天"}, "应写成 2026-01-31"),
        ({"effective_from": "2026-05-01", "expires_on": "2026-03-01"}, "失效日期早于生效日期"),
        ({"review_by": "2026-13-01"}, "请写成 2026-01-31 这样"),
        ({"attachments": "申请表 javascript:alert(1)"}, "第 1 行：应是 http"),
        ({"attachments": "https://example.com/a.docx"}, "第 1 行：先写标题"),
        ({"visibility": "all"}, "请选“市民”"),
    ],
)
async def test_what_is_wrong_is_told_at_the_field_and_nothing_typed_is_lost(curator, fields, complaint):
    form = await start_new(curator)
    page = await curator.post(form, **WRITTEN | {"matter": "蜜蜂", "seen": ""} | fields)
    assert page.status == 422
    assert page.has("还没有保存", complaint)
    assert 'value="蜜蜂"' in page.text
    (field,) = list(fields)[-1:]
    assert f'id="{field}-error"' in page.text


async def test_an_answer_still_to_be_written_is_kept_and_not_submitted(curator):
    form = await start_new(curator)
    assert (await curator.post(form, question="在阳台养蜜蜂要许可吗", seen="")).has("草稿已保存")
    page = await curator.get(form)
    assert "【待填写】" not in re.search(r'<textarea id="answer".*?</textarea>', page.text, re.DOTALL)[0]
    page = await curator.post(form, question="在阳台养蜜蜂要许可吗", then="submit", seen=seen_in(page))
    assert page.status == 422
    assert page.has("还没有写完（答案）")


async def test_what_is_typed_is_kept_by_itself_and_no_step_of_the_history(base, curator):
    form = await start_new(curator)
    keep = form.replace("/edit", "/autosave")
    for answer in ("不", "不用", "不用。"):
        told = json.loads((await curator.post(keep, **WRITTEN | {"answer": answer, "question": ""}, seen="")).text)
        assert told["state"] == "kept"
    slug = form.split("/")[-2]
    assert (await base.versions(slug), await base.history(slug)) == ([], [])  # nobody else sees any of it

    assert (await curator.get("/console/knowledge")).has("您在写", slug, "还没有保存")
    page = await curator.get(form)
    assert page.has("没有保存的内容", "不用。")
    await curator.post(form, **WRITTEN, seen=seen_in(page))
    assert [item.verb for item in await base.history(slug)] == ["draft"]
    assert not (await curator.get("/console/knowledge")).has("还没有保存")


async def test_what_is_typed_is_its_writers_own_and_can_be_left(console, base, curator):
    other = await console.staff("zhang", Role.CURATOR)
    form = "/console/knowledge/entries/card/edit"
    fields = {"question": CARD.question, "visibility": "public"}
    await curator.post(form.replace("edit", "autosave"), **fields, answer="打电话。", seen="")

    assert not (await other.get(form)).has("打电话。")
    assert not (await other.get("/console/knowledge")).has("还没有保存")
    page = await curator.post(form.replace("edit", "autosave/drop"))
    assert page.has("已经去掉", "带身份证到银行网点补办")
    assert not page.has("打电话。")


async def test_two_who_edit_one_entry_do_not_overwrite_each_other(console, base, clock, curator):
    other = await console.staff("zhang", Role.CURATOR)
    form = "/console/knowledge/entries/card/edit"
    mine, theirs = seen_in(await curator.get(form)), seen_in(await other.get(form))
    common = {"question": CARD.question, "matter": CARD.matter, "visibility": "public"}
    clock.forward(minutes=1)
    await other.post(form, **common, answer="到社区补办。", phone="12333", seen=theirs)
    clock.forward(minutes=1)

    page = await curator.post(form, **common, answer="到网点补办。", fee="不收费", seen=mine)
    assert page.status == 409
    assert page.has("两个人都改了", "zhang", "社区", "网点", "合成一份")
    told = json.loads(
        (await curator.post(form.replace("edit", "autosave"), **common, answer="去网点。", seen=mine)).text
    )
    assert told == {"state": "kept", "meanwhile": "zhang"}
    assert (await curator.get(form)).has("zhang", "在这之后保存过", "去网点。")
    assert (await base.version("card", 2)).entry.answer == "到社区补办。"

    await curator.post(form, **common, answer="到网点补办。", fee="不收费", take="phone", seen=seen_in(page))
    entry = (await base.version("card", 2)).entry
    assert (entry.answer, entry.facets.fee, entry.facets.phone) == ("到网点补办。", "不收费", "12333")


async def test_the_unit_finds_what_it_has_to_look_at_and_says_it_is_still_right(console, base, clock):
    due = CARD.model_copy(update={"review_by": china_date(clock()) - timedelta(days=1), "issuing_unit": "cg"})
    await EntryImports(console.office.database, console.office.entries, clock).put([due])
    await refresh_knowledge(console.office.entries, console.office.knowledge)
    clerk = await console.staff("ma", Role.UNIT_CLERK, units=["cg"])
    other = await console.staff("wu", Role.UNIT_CLERK, units=["rs"])
    assert (await clerk.get("/console/")).has("1", "条知识过了复核日期")
    assert not (await other.get("/console/")).has("条知识过了复核日期")
    assert not (await other.get("/console/knowledge?look=due")).has(CARD.matter)
    assert (await clerk.get("/console/knowledge?look=due")).has(CARD.matter, "过了", "去复核")

    path = "/console/knowledge/entries/card"
    assert (await clerk.get(path)).has("过了复核日期", "仍然有效")
    page = await clerk.post(f"{path}/confirm", evidence="", until="2027-11-21")
    assert page.status == 422
    assert page.has("请写明核对了什么")
    page = await clerk.post(f"{path}/confirm", evidence="社会保险法第五十八条", until="2027-11-21")
    assert page.has("记下了：仍然有效", "2027-11-21", "ma 核对过：社会保险法第五十八条", "复核：仍然有效")
    assert not page.has("过了复核日期")
    assert (await clerk.post(f"{path}/confirm/undo")).has("撤销了", "过了复核日期", "撤销复核")


async def test_what_is_pasted_from_a_word_processor_or_an_input_method_is_taken_as_it_is_meant(base, curator):
    form = await start_new(curator)
    pasted = {
        "answer": "不用\u200b许可\x0b带\xa0身份证👨‍👩‍👧\x07",
        "expires_on": "２０２７年１月５日",
        "review_by": "2027/2/1",
    }
    await curator.post(form, **WRITTEN | pasted, seen="")
    entry = (await base.version(form.split("/")[-2], 1)).entry
    assert entry.answer == "不用许可\n带 身份证👨‍👩‍👧"
    assert (entry.expires_on, entry.review_by) == (date(2027, 1, 5), date(2027, 2, 1))


async def test_the_preview_says_which_file_is_missing(curator):
    form = (await start_new(curator)).replace("/edit", "/preview")
    page = await curator.post(form, **WRITTEN, attachments="申请表 /files/apply.docx")
    assert page.has("没有 /files/apply.docx 这个文件")


async def test_the_preview_shows_widget_wechat_and_sms(curator):
    form = (await start_new(curator)).replace("/edit", "/preview")
    page = await curator.post(form, **WRITTEN, materials="身份证", short_answer="不用许可。" * 20)
    assert page.has("网页对话里", "不用许可。", "材料", "有帮助", "微信里", "1. 材料", "短信里", "2 条")
    assert (await curator.post(form, question="")).has("写好问题，这里就能看到")


async def test_versions_are_compared_word_by_word_and_brought_back(console, base, clock, curator):
    form = "/console/knowledge/entries/card/edit"
    fields = {"question": CARD.question, "matter": CARD.matter, "visibility": "public"}
    page = await curator.post(form, **fields, answer="带户口簿到银行网点补办。", seen="")
    assert (await curator.get("/console/knowledge/entries/card")).has("和现在的不同：", "答案", "户口簿")
    page = await curator.get("/console/knowledge/entries/card/compare")
    assert "<del>" in page.text
    assert page.has("删去：", "身份证", "新增：", "户口簿")

    assert (await curator.post("/console/knowledge/entries/card/2/archive")).has("第 2 版已归档")
    page = await curator.post("/console/knowledge/entries/card/2/restore")
    assert page.has("内容已取回，成为第 3 版草稿")
    assert (await base.version("card", 3)).entry.answer == "带户口簿到银行网点补办。"


async def test_what_becomes_worse_takes_a_written_reason(console, base, curator, reviewer):
    form = await start_new(curator)
    stolen = {"question": "社保卡丢了怎么补办", "answer": "找我们。", "visibility": "public"}
    entry = (await curator.post(form, **stolen, then="submit", seen="")).url
    await reviewer.post(f"{entry}/1/approve")
    page = await reviewer.ended(await reviewer.post(f"{entry}/1/try", then="publish"))
    assert page.has("变差", "看结果")

    page = await reviewer.get(f"{entry}/1/gate")
    assert page.has("会答得更差", "为什么仍要发布")
    page = await reviewer.post(f"{entry}/1/publish", reason="")
    assert page.status == 422
    assert page.has("还没有保存", "会答得更差")
    assert (await reviewer.post(f"{entry}/1/publish", reason="旧的马上撤下")).has("已发布", "旧的马上撤下")


async def test_a_version_is_sent_back_and_an_entry_withdrawn_with_a_reason(console, base, curator, reviewer):
    page = await curator.post(await start_new(curator), **WRITTEN, then="submit", seen="")
    assert (await reviewer.post(f"{page.url}/1/send-back", reason="")).has("请写明退回修改的原因")
    assert (await reviewer.post(f"{page.url}/1/send-back", reason="电话不对")).has("已退回修改", "电话不对")

    page = await reviewer.post("/console/knowledge/entries/card/1/withdraw", reason="内容有错")
    assert page.has("已撤下", "还没有发布", "内容有错")


async def test_the_test_box_tells_the_decision_and_its_reasons_also_for_a_draft(console, curator):
    agent = await console.staff("agent", Role.AGENT)
    page = await agent.get("/console/knowledge/try?q=社保卡丢了怎么补办")
    assert page.has("直接回答", "把握 100%", "原因：与条目的问法相同", "找到的条目", "补办社保卡")
    assert (await agent.get("/console/knowledge/try?q=嗯")).has("没有答案", "没有可以检索的内容")

    form = await start_new(curator)
    await curator.post(form, **WRITTEN, seen="")
    slug = form.split("/")[-2]
    page = await agent.get(f"/console/knowledge/try?q=在阳台养蜜蜂要许可吗&draft={slug}")
    assert page.has("好像它已经发布了", "直接回答", "不用许可。")


async def test_open_questions_that_would_fit_are_offered(console, clock, curator):
    seal = console.office.keyring.cipher("conversations").encrypt_text
    asked = {"at": clock(), "conversation": "c", "channel": "widget", "verb": "no_answer", "clicked": False, "gap": 1}
    for text, nearest in (("社保卡补办要多久", ["card"]), ("火星旅游", None), ("社保卡不见了怎么办", ["card"])):
        row = asked | {"question": seal(text), "nearest": nearest}
        await console.office.database.write(lambda connection, row=row: connection.execute(insert(answers).values(row)))
    page = await curator.get("/console/knowledge/entries/card/edit")
    assert re.findall(r'data-add="([^"]+)"', page.text) == ["社保卡补办要多久"]
