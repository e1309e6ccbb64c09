from datetime import timedelta

import pytest

from service.identity.roles import Role


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
