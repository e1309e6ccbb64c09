from datetime import timedelta

import pytest

from service.identity.roles import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the SQL has tests of its own


@pytest.fixture
async def anna(console):
    return await console.staff("anna", Role.ADMINISTRATOR)


HOTLINE = {
    "hotline_name": "新区12345",
    "hotline_phone": "12345",
    "district": "新区",
    "city": "示例市",
    "contact": "热线中心",
    "agent_title": "话务员",
}


async def test_a_name_is_changed_everywhere_and_its_history_tells_who_and_why(console, anna):
    page = await anna.post("/console/settings/values/hotline", **HOTLINE, note="区划调整", begins="")
    assert page.has("已保存")
    assert console.office.settings.hotline_name == "新区12345"
    page = await anna.get("/console/settings/history?kind=running&part=hotline_name")
    assert page.has("第 1 版", "现在用的", "anna", "区划调整", "示例区12345聊天办", "新区12345")
    page = await anna.get("/console/settings")
    assert page.has("最近改的", "热线名称", "anna", "区划调整")


async def test_the_overview_tells_of_units_the_dispatch_list_keys_and_calendars_too(console, anna, clock):
    path = "/console/settings"
    await anna.post(f"{path}/new-unit", code="cg", name="城管局", parent="", phone="", note="新设", begins="")
    clock.forward(minutes=1)
    await anna.post(f"{path}/units/cg", name="市城管局", parent="", phone="", note="机构改革", begins="2026-12-01")
    clock.forward(minutes=1)
    await anna.post(f"{path}/dispatch-rule", key="1", lead="城管局", keywords="路灯", note="按三定方案", begins="")
    clock.forward(minutes=1)
    await anna.post(f"{path}/api-keys/new", name="portal", scopes="open311:write", note="门户")
    clock.forward(minutes=1)
    await anna.post(f"{path}/calendars/2027", free="元旦 01-01", source="国办发明电", do="save", note="2027年放假")
    page = await anna.get(path)
    assert page.has("将要生效", "承办单位：城管局", "2026-12-01 00:00 起，anna：机构改革")
    assert page.has(
        "最近改的", "2027年放假", "接口密钥：portal", "派单目录：“1”", "按三定方案", "承办单位：城管局", "新设"
    )


async def test_which_requests_need_no_phone_is_chosen_and_told_in_words(console, anna):
    path = "/console/settings/values/tickets"
    page = await anna.get(path)
    assert page.has("不留电话也登记的", "咨询", "求助", "投诉")
    assert 'value="consultation" checked' in page.text
    assert 'value="help" checked' not in page.text
    page = await anna.post(path, ticket_without_phone=["consultation", "complaint"], note="试行", begins="")
    assert page.has("已保存")
    assert console.office.settings.ticket_without_phone == ("consultation", "complaint")
    history = await anna.get("/console/settings/history?kind=running&part=ticket_without_phone")
    assert history.has("试行", "咨询、举报、建议、表扬", "咨询、投诉")


async def test_a_change_for_later_is_shown_until_it_is_withdrawn(console, anna, clock):
    await anna.post("/console/settings/values/hotline", **HOTLINE, note="区划调整", begins="2026-12-01")
    assert console.office.settings.hotline_name == "示例区12345聊天办"
    assert (await anna.get("/console/settings")).has("将要生效", "热线名称", "2026-12-01 00:00", "区划调整")
    page = await anna.post("/console/settings/history/withdraw", kind="running", part="hotline_name", version="1")
    assert page.has("已撤回", "第 1 版", "已撤回", "anna 在 2026-11-21 10:00 撤回")
    clock.forward(days=30)
    await console.office.changeable.following.look()
    assert console.office.settings.hotline_name == "示例区12345聊天办"


async def test_an_earlier_version_is_taken_back_as_a_new_one(console, anna):
    for name in ("甲热线", "乙热线"):
        await anna.post("/console/settings/values/hotline", **HOTLINE | {"hotline_name": name}, note="改", begins="")
    page = await anna.post(
        "/console/settings/history/go-back", kind="running", part="hotline_name", version="1", note="还是甲", begins=""
    )
    assert page.has("第 3 版", "现在用的", "还是甲", "乙热线 → 甲热线")


async def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(anna):
    page = await anna.post(
        "/console/settings/values/answering", answer_at="0.05", offer_at="0.2", review_ahead_days="三"
    )
    assert page.status == 422
    assert page.has("请写明为什么改")
    typed = {"answer_at": "0.05", "offer_at": "0.2", "review_ahead_days": "30", "note": "试", "begins": ""}
    page = await anna.post("/console/settings/values/answering", **typed)
    assert page.status == 422
    assert page.has("“给出选项的把握”不能高于")
    assert 'value="0.05"' in page.text
    page = await anna.post("/console/settings/values/answering", **typed | {"begins": "2026-11-01"})
    assert page.has("生效日期不能早于今天")


async def test_a_setting_is_found_by_its_name(anna):
    page = await anna.get("/console/settings?q=验证码")
    assert page.has("一个会话每天的验证码", "全部每小时的验证码")
    assert (await anna.get("/console/search?q=复核")).has("提前多少天提醒复核")


async def test_the_effect_of_thresholds_is_told_from_what_people_asked(console, anna, clock):
    from sqlalchemy import insert

    from knowledge_base.tables import answers

    rows = [
        {
            "at": clock() - timedelta(days=1),
            "conversation": "c",
            "channel": "widget",
            "verb": "answer",
            "clicked": False,
            "probability": probability,
        }
        for probability in (0.97, 0.93, 0.87, 0.05)
    ]
    await console.office.database.write(lambda connection: connection.execute(insert(answers), rows))
    page = await anna.get("/console/settings/values/answering")
    assert page.has("0.85", "75%", "0%", "25%", "92%", "0.9", "现在", "50%", "25%", "25%", "95%")


async def test_who_is_no_administrator_sees_only_their_own_sections(console):
    dispatcher = await console.staff("dora", Role.DISPATCHER)
    assert not (await dispatcher.get("/console/settings")).has("回答的把握")
    assert (await dispatcher.get("/console/settings/history?kind=running&part=city")).status == 403


# Texts


@pytest.fixture
def own_words():
    """What a test lets the process say is forgotten after it."""
    from service.changeable import _WORDS

    yield
    for _, words in _WORDS:
        words.now = words.file


async def test_every_text_of_the_product_can_be_opened_and_shows_itself(console, anna):
    for kind in ("dialogue", "announcements", "handover_words", "sms_texts", "wechat_words", "wechat_templates"):
        store = console.office.changeable.stores[kind]
        page = await anna.get(f"/console/settings/texts/{kind}")
        assert page.status == 200
        assert all(page.has(store.kind.called(part)) for part in store.kind.shipped())
        part = next(iter(store.kind.shipped()))
        assert (await anna.get(f"/console/settings/texts/{kind}/{part}")).status == 200
    for kind in ("entry_phrases", "reply_phrases"):
        assert (await anna.get(f"/console/settings/texts/{kind}")).has("正在办理中：写清办到哪一步")


async def test_a_notice_says_what_was_written_and_the_products_words_are_one_click_away(anna, own_words):
    from tickets.announcements import spoken

    path, words = "/console/settings/texts/announcements/accept", "{unit}收到了，{promised}前给您结果。编号 {number}。"
    page = await anna.post(path, text=words, note="更口语", begins="")
    assert page.has("已保存")
    assert spoken["accept"] == words
    page = await anna.post(path, text=words, note="还是自带的好", begins="", shipped="1")
    assert spoken["accept"] == spoken.file["accept"]


async def test_a_preview_shows_each_channel_with_examples(anna):
    page = await anna.post("/console/settings/texts/announcements/approve/preview", text="{number}有答复：{text}")
    assert page.has("网页对话里", "20261121-00042-0有答复：维保公司", "解决了", "没解决", "微信里", "1. 解决了")


async def test_a_preview_counts_the_parts_of_an_sms_and_gives_the_gateways_notation(anna):
    page = await anna.post(
        "/console/settings/texts/sms_texts/ticket_accept/preview", text="{unit}收到了您的诉求{number}。"
    )
    assert page.has(
        "【示例区12345聊天办】", "按 1 条收费", "去阿里云报备", "${unit}收到了您的诉求${number}", "{1}收到了"
    )
    page = await anna.post("/console/settings/texts/sms_texts/ticket_accept/preview", text="啊" * 80)
    assert page.has("按 2 条收费")


UNSAYABLE = [
    ("announcements/accept", "{reason}", "不能写 {reason}"),
    ("announcements/accept", "{number", "花括号没有配对"),
    ("announcements/accept", " ", "要写内容"),
    ("dialogue/greet", "{phone}您好", "这句话里不能用"),
    ("sms_texts/ticket_accept", "{code}", "不能写 {code}"),
    ("sms_texts/ticket_accept", "{unit}{number}", "两个变量连在一起"),
    ("wechat_templates/accept.进度", "这是一句太长太长的进度", "放不进字段"),
    ("entry_phrases/phrases", "没有写法", "冒号后面要写该怎么写"),
]


async def test_a_text_that_cannot_be_said_is_refused_and_kept_in_the_form(anna):
    for path, text, why in UNSAYABLE:
        page = await anna.post(f"/console/settings/texts/{path}", text=text, note="改", begins="")
        assert (page.status, page.has(why)) == (422, True), path
        assert text.strip() in page.text


async def test_phrases_are_looked_for_as_they_are_set(anna, own_words):
    from tickets.replies.check import check_reply

    page = await anna.post(
        "/console/settings/texts/reply_phrases/phrases", text="一定会好的: 写清哪天好\n\n", note="新规定", begins=""
    )
    assert page.has("已保存", "一定会好的：写清哪天好")
    findings = check_reply("您放心，路灯一定会好的。", "路灯坏了")
    assert any("写清哪天好" in finding.suggestion for finding in findings)


async def test_the_assistant_says_its_responses_as_they_are_set(anna, own_words):
    from bot.collector import ReplyCollector

    await anna.post("/console/settings/texts/dialogue/utter_goodbye", text="回见！", note="短些", begins="")
    collector = ReplyCollector()
    await collector.send_response("c", {"text": "再见！", "utter_action": "utter_goodbye"})
    assert collector.replies[0]["text"] == "回见！"


# Categories


async def test_a_category_is_added_renamed_and_retired(console, anna):
    categories = console.office.categories
    page = await anna.post(
        "/console/settings/categories", top="渔业", name="禁渔期", keywords="偷捕、电鱼", note="新设", begins=""
    )
    assert page.has("加上了“渔业 / 禁渔期”", "禁渔期", "偷捕、电鱼")
    await anna.post(
        "/console/settings/categories/one", code="渔业/禁渔期", top="渔业", name="禁渔", note="短些", begins=""
    )
    assert categories.current("渔业/禁渔期").code == "渔业/禁渔"
    page = await anna.get("/console/settings/categories?state=retired")
    assert page.has("禁渔期", "渔业/禁渔")
    page = await anna.post(
        "/console/settings/categories/retire", code="渔业/禁渔", now="市场监管/食品安全", note="并", begins=""
    )
    assert page.has("“渔业/禁渔”已停用")
    assert categories.current("渔业/禁渔期").code == "市场监管/食品安全"
    page = await anna.post("/console/settings/categories/restore", code="渔业/禁渔", note="还要用", begins="")
    assert categories.current("渔业/禁渔期").code == "渔业/禁渔"


async def test_a_category_tells_what_hangs_on_it_and_refuses_a_name_that_is_taken(anna):
    page = await anna.get("/console/settings/categories/one?code=供水/停水")
    assert page.has("用在哪里", "工单", "0 张", "时限规则", "派单清单")
    page = await anna.post(
        "/console/settings/categories/one", code="供水/停水", top="供水", name="水质", note="改", begins=""
    )
    assert page.status == 422
    assert page.has("已经有“供水/水质”了")


async def test_a_sheet_of_categories_is_taken_in_after_a_look(console, anna):
    async def send(text):
        return await anna.send("/console/settings/categories/files", "分类.csv", text.encode("utf-8-sig"))

    page = await send("大类,小类,常用说法\n供水,停水,停水；没水\n渔业,禁渔期,偷捕\n")
    assert page.has("2 个", "供水/停水", "常用说法", "渔业/禁渔期", "新的")
    assert "渔业" not in console.office.categories
    page = await anna.post(page.url, note="换新表", begins="")
    assert page.has("改了 2 个分类")
    assert console.office.categories.get("供水/停水").keywords == ("停水", "没水")
    assert (await send("大类,小类\n供水,停水\n供水,停水\n")).has("第 3 行", "出现了两次", "什么都没有导入")
    exported = await anna.post("/console/settings/categories/files/export")
    assert "渔业,禁渔期,偷捕,是," in exported.text


async def test_a_ticket_keeps_its_retired_category_to_be_chosen(console):
    from console.tickets.options import category_options
    from tickets.category_kind import leaf_of, tree_of

    tree = console.office.categories
    retired = {leaf.code: leaf_of(leaf) for leaf in tree.leaves}
    retired["供水/停水"] |= {"retired": True}
    tree = tree_of(retired)
    assert ("供水/停水", "供水 / 停水") not in category_options(tree)
    assert ("供水/停水", "供水 / 停水") in category_options(tree, "供水/停水")


# The ways of notices


async def test_a_notice_takes_the_ways_that_were_set(console, anna):
    ladders = console.office.changeable.ladders
    page = await anna.get("/console/settings/ladders")
    assert page.has("网页来的：要市民看到的", "网页 → 微信客服消息", "每条通知现在怎么走", "问过的问题有答案了")
    typed = {"name": "答复只发短信", "kinds": "ticket", "verbs": ["approve"], "way_1": "sms", "staff": "1", "seen": "0"}
    page = await anna.post("/console/settings/ladders/new", **typed, note="试", begins="")
    assert page.has("已保存", "答复只发短信")
    assert [step.rung for step in ladders.of("ticket", "approve", "widget").steps] == ["sms"]
    await anna.post("/console/settings/ladders/1/arrange", deed="later", seen="1", note="下移")
    assert ladders.of("ticket", "approve", "widget").steps[0].rung == "widget"
    await anna.post("/console/settings/ladders/2/arrange", deed="remove", seen="2", note="去掉")
    assert (await anna.get("/console/settings/history?kind=ladders&part=ladders")).has("第 3 版", "答复只发短信")


async def test_of_two_who_change_the_ways_the_second_is_told(anna):
    await anna.post("/console/settings/ladders/1/arrange", deed="later", seen="0", note="下移")
    page = await anna.post("/console/settings/ladders/1/arrange", deed="later", seen="0", note="下移")
    assert page.status == 422
    assert page.has("别人刚刚改过这一项")


async def test_what_is_wrong_with_a_way_stands_beside_it(anna):
    typed = {"name": "两次", "way_1": "sms", "way_2": "sms", "wait_2": "很久", "seen": "0", "note": "试", "begins": ""}
    page = await anna.post("/console/settings/ladders/1", **typed)
    assert page.has("同一种方式只能用一次", "要是数字，如 5")


async def test_how_a_way_is_treated_is_changed(console, anna):
    from channels.delivery.ladder import RUNG_LABELS

    typed = {f"{rung}_{name}": "7" for rung in RUNG_LABELS for name in ("patience_minutes", "per_second")}
    assert (await anna.post("/console/settings/ladders/rungs", **typed, note="慢些", begins="")).has("已保存")
    assert console.office.changeable.ladders.file.rungs["sms"].per_second == 7
