"""A curator's and a reviewer's day with one entry, and the first entry of a new installation, in a real browser."""

import re
from datetime import date

import pytest
import pytest_asyncio
from console_pages import LOOKS, browser_page, look_at, look_at_both_sizes, staff_page
from office import open_console
from playwright.async_api import expect
from served import ForkedServer
from sqlalchemy import insert

from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.live import refresh_knowledge
from knowledge_base.synonym_store import SynonymStore
from knowledge_base.tables import gaps
from service.identity.roles import Role

PASSWORD = "Zhihui-2026-an"
CARD = Entry(
    slug="card",
    matter="补办社保卡",
    question="社保卡丢了怎么补办",
    answer="带身份证到银行网点补办：\n1. 先打 12333 挂失。\n2. 带身份证到网点。\n当场就能拿到新卡。",
    issuing_unit="市人社局",
    review_by=date(2026, 11, 30),
    similar_questions=("社保卡不见了怎么办",),
    facets={"materials": "身份证原件", "fee": "首次补办免费"},
)


@pytest_asyncio.fixture(loop_scope="session")
async def base(console):
    office = console.office
    await EntryImports(office.database, office.entries, office.clock).put([CARD])
    await refresh_knowledge(office.entries, office.knowledge)
    await console.account("li", Role.CURATOR, name="李华")
    await console.account("wang", Role.REVIEWER, name="王芳")
    return console


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_from_the_first_word_to_the_published_answer(base, browser):
    console = base
    async with staff_page(browser, console, "li") as page:
        await page.goto(f"{console.address}/console/knowledge")
        await look_at(page, "list")
        await page.get_by_role("link", name="新建条目").click()
        await page.get_by_label("问题").fill("在阳台养蜜蜂要许可吗")
        await page.get_by_label("答案", exact=True).fill("不用许可，但不能扰邻：\n1. 离窗户两米以上。\n2. 夏天备好水。")
        preview = page.get_by_role("complementary", name="市民看到的样子")
        await expect(preview.get_by_role("listitem").first).to_have_text("离窗户两米以上。")
        await expect(page.get_by_text("写的已经存下")).to_be_visible()
        await page.get_by_label("简短答案").fill("阳台养蜜蜂不用许可，不要扰邻。")
        await expect(preview).to_contain_text("1 条")
        await look_at(page, "editor")
        await page.get_by_role("button", name="保存并送审").click()
        await expect(page.get_by_role("status")).to_contain_text("已送审")
        await look_at(page, "submitted")
        address = page.url

    async with staff_page(browser, console, "wang") as page:
        await page.goto(f"{console.address}/console/knowledge/review")
        await look_at(page, "review")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(address)
        await page.get_by_role("button", name="通过").click()
        await expect(page.get_by_role("status")).to_contain_text("已通过")
        await page.get_by_role("button", name="试问后发布").click()
        await expect(page.get_by_text("已发布，市民现在就能问到")).to_be_visible()
        await page.get_by_role("link", name="看结果").click()
        await expect(page.get_by_role("heading", name="现在告诉市民的")).to_be_visible()
        await look_at(page, "published")
        await page.goto(f"{address}/1/gate")
        await look_at(page, "gate")
        await page.goto(f"{console.address}/console/knowledge/try?q=阳台能养蜜蜂吗")
        await look_at(page, "try")
    decision = await console.office.knowledge.decide("在阳台养蜜蜂要许可吗")
    assert decision.entry.answer.startswith("不用许可")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_two_people_wrote_is_made_one(base, browser, clock):
    console = base
    await console.account("zhao", Role.CURATOR, name="赵敏")
    async with staff_page(browser, console, "li") as mine, staff_page(browser, console, "zhao") as theirs:
        for page in (mine, theirs):
            await page.goto(f"{console.address}/console/knowledge/entries/card/edit")
        await theirs.get_by_label("电话").fill("12333")
        await theirs.get_by_role("button", name="保存草稿").click()
        await expect(theirs.get_by_role("status").first).to_contain_text("草稿已保存")
        clock.forward(minutes=1)
        await mine.get_by_label("费用").fill("补办收费 20 元")
        await mine.get_by_role("button", name="保存草稿").click()
        await expect(mine.get_by_role("heading", name=re.compile("两个人都改了"))).to_be_visible()
        await look_at(mine, "both")
        await mine.get_by_label("用 zhao 的：电话").check()
        await mine.get_by_role("button", name="合成一份，保存").click()
        await expect(mine.get_by_label("电话")).to_have_value("12333")
        await expect(mine.get_by_label("费用")).to_have_value("补办收费 20 元")
        await mine.goto(f"{console.address}/console/knowledge/entries/card/compare")
        await look_at(mine, "compare")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_from_a_file_to_what_another_person_publishes_of_it(database, keyring, clock, browser, tmp_path):
    bees, card = "bees,阳台养蜂,在阳台养蜜蜂要许可吗,不用。", "card,补办社保卡,社保卡丢了怎么补办,到社区补办。"
    file = f"编号,事项,问题,答案\n{bees}\n{card}\n"
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        office = console.office
        await EntryImports(database, office.entries, clock).put([CARD])
        await refresh_knowledge(office.entries, office.knowledge)
        await console.account("li", Role.CURATOR, name="李华")
        await console.account("wang", Role.REVIEWER, name="王芳")
        async with staff_page(browser, console, "li") as page:
            await page.goto(f"{console.address}/console/knowledge/files")
            sent = {"name": "条目.csv", "mimeType": "text/csv", "buffer": file.encode()}
            await page.get_by_label("文件").first.set_input_files(sent)
            await page.get_by_role("button", name="先看会改什么").click()
            await page.get_by_role("link", name="看结果").click()
            await expect(page.get_by_role("button", name="送审这 2 条")).to_be_visible()
            await look_at(page, "import")
            await page.get_by_role("button", name="送审这 2 条").click()
            await page.get_by_role("link", name="看结果").click()
            await expect(page.get_by_text("正在等知识审核来看")).to_be_visible()
            address = page.url
        async with staff_page(browser, console, "wang") as page:
            await page.goto(address)
            await page.get_by_role("main").locator("summary").filter(has_text="答案").click()
            await look_at_both_sizes(page, "handed-in")
            await page.get_by_label("留下 补办社保卡").check()
            await page.get_by_role("button", name="勾选的留下，不导入").click()
            await page.get_by_role("button", name="试问后通过，发布这 1 条").click()
            await expect(page.get_by_text("发布了 1 条")).to_be_visible()
            await page.get_by_role("link", name="看结果").click()
            await expect(page.get_by_role("button", name="整个撤销")).to_be_visible()
            await look_at(page, "handed-in-published")
            clock.forward(days=30)
        async with staff_page(browser, console, "wang") as page:
            await page.goto(f"{console.address}/console/knowledge/entries/card")
            await expect(page.get_by_role("button", name="仍然有效")).to_be_visible()
            await look_at_both_sizes(page, "due")
            await page.get_by_label("核对了什么").fill("社会保险法第五十八条")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("status").first).to_contain_text("仍然有效")
            await look_at(page, "confirmed")
    assert office.knowledge.entry("card").answer == CARD.answer
    assert office.knowledge.entry("bees") is not None


@pytest.mark.parametrize("look", ["dark", "phone", "more contrast"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_pages_are_readable_in_every_look(base, browser, look):
    async with staff_page(browser, base, "li", **LOOKS[look]) as page:
        for path in ("", "/entries/card", "/entries/card/edit", "/try?q=社保卡丢了怎么补办"):
            await page.goto(f"{base.address}/console/knowledge{path}")
            await expect(page.get_by_role("main")).to_be_visible()
            await look_at(page, f"{look}-{path.strip('/').replace('/', '-').partition('?')[0]}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_keeps_the_base_in_order_is_readable(database, keyring, clock, browser, tmp_path):
    async with open_console(database, keyring, clock, data_dir=tmp_path) as console:
        office = console.office
        await EntryImports(database, office.entries, clock).put([CARD])
        await SynonymStore(database, clock).seed()
        await refresh_knowledge(office.entries, office.knowledge)
        await console.account("wang", Role.CURATOR, Role.REVIEWER, name="王芳")
        seal = keyring.cipher("conversations").encrypt_text
        group = {"state": "open", "name": seal("阳台能养蜜蜂吗"), "space": "pairs", "conversations": 3, "questions": 3}
        group |= {"first_at": clock(), "last_at": clock(), "changed": 1}
        await database.write(lambda connection: connection.execute(insert(gaps).values(group)))
        async with staff_page(browser, console, "wang") as page:
            for path in ("gaps", "tasks", "synonyms?official=住房公积金", "questions", "files", "check"):
                await page.goto(f"{console.address}/console/knowledge/{path}")
                await expect(page.get_by_role("main")).to_be_visible()
                await look_at(page, path.partition("?")[0])
            await page.get_by_role("button", name="查一遍").click()
            await expect(page.get_by_text("处要看")).to_be_visible()
            await page.get_by_role("link", name="看结果").click()
            await expect(page.get_by_role("heading", name="没有依据")).to_be_visible()
            await look_at(page, "checked")


async def test_the_first_administrator_publishes_an_entry_that_the_widget_answers(tmp_path, model_dir, browser):
    server = ForkedServer(tmp_path, model_dir)
    server.start()
    password = re.search(r"一次性密码\s+(\S+)", server.said)[1]
    async with browser_page(browser) as page:
        await page.goto(f"{server.address}/console/")
        await page.get_by_label("用户名").fill("admin")
        await page.get_by_label("密码").fill(password)
        await page.keyboard.press("Enter")
        await page.get_by_label("现在的密码").fill(password)
        await page.get_by_label("新密码", exact=True).fill(PASSWORD)
        await page.get_by_label("再写一次新密码").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=re.compile("动态码"))).to_be_visible()
        await page.goto(f"{server.address}/console/knowledge/new")  # the second factor can wait a week
        await page.get_by_label("问题").fill("在阳台养蜜蜂要许可吗")
        await page.get_by_label("答案", exact=True).fill("不用许可，但不能扰邻。")
        await page.get_by_role("button", name="保存并送审").click()
        await page.get_by_role("button", name="通过").click()
        await page.get_by_role("button", name="试问后发布").click()
        await expect(page.get_by_text("已发布，市民现在就能问到")).to_be_visible(timeout=120_000)
    told = server.say(server.open(), "在阳台养蜜蜂要许可吗")
    assert told[0]["text"] == "不用许可，但不能扰邻。"
    assert server.stop() == 0
