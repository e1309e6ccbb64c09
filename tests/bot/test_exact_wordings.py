"""What staff have published is answered when it is asked in its own words, and forms still get their answers."""

import pytest
import pytest_asyncio

from knowledge_base.entry import Entry

pytestmark = pytest.mark.asyncio

OFFICIAL = (
    "统计信息咨询",
    "服务记录查询",
    "补打照片回执",
    "投诉维权",
    "更改发票信息",
    "公路施工作业验收",
    "省作协维权信息",
)
STORY, PLACE, PHONE = "楼道里的灯坏了三天没人修", "阳光小区3号楼", "13800138000"
ASKS_AGAIN = {"description": "请说说", "place": "哪里", "phone": "电话", "name": "称呼", "consent": "同意"}


@pytest_asyncio.fixture
async def publish(parts):
    published = []

    async def put(question: str, **fields) -> Entry:
        entry = Entry(slug=f"official-{len(published)}", question=question, answer=f"{question}的答复。", **fields)
        await parts.knowledge.put(entry)
        published.append(entry)
        return entry

    yield put
    await parts.knowledge.apply((), [entry.slug for entry in published])


async def open_form_at(citizen, field: str) -> None:
    await citizen.send("/request_help")
    for asked, told in (("description", STORY), ("place", PLACE), ("phone", PHONE), ("name", "王女士")):
        if asked == field:
            return
        await citizen.say(told)


@pytest.mark.parametrize("question", OFFICIAL)
async def test_an_official_name_is_answered_whatever_it_sounds_like(citizen, publish, question):
    entry = await publish(question)
    await citizen.say(question)

    assert citizen.replies[0]["entry"]["slug"] == entry.slug


@pytest.mark.parametrize("field", ASKS_AGAIN)
async def test_inside_the_form_it_is_answered_and_the_form_asks_again(citizen, publish, field):
    entry = await publish("省作协维权信息")
    await open_form_at(citizen, field)
    await citizen.say("省作协维权信息")

    assert citizen.replies[0]["entry"]["slug"] == entry.slug
    assert ASKS_AGAIN[field] in citizen.replies[-1]["text"]


async def test_the_same_matter_of_two_regions_is_offered_inside_the_form(citizen, publish):
    for region in ("东山区", "西山区"):
        await publish("省作协维权信息", matter="省作协维权信息", region=region)
    await open_form_at(citizen, "name")
    await citizen.say("省作协维权信息")

    assert citizen.kinds == ["choices", "prompt"]


@pytest.mark.parametrize(("field", "next_asked"), [("description", "哪里"), ("place", "电话"), ("name", "同意")])
async def test_said_once_more_it_is_what_the_citizen_tells_the_form(citizen, publish, field, next_asked):
    await publish("暖气片冰凉")
    await open_form_at(citizen, field)
    await citizen.say("暖气片冰凉")
    await citizen.say("暖气片冰凉")

    assert citizen.kinds == ["prompt"]
    assert next_asked in citizen.text


async def test_a_place_that_is_also_an_entry_is_a_place_where_one_is_asked(citizen, publish):
    await publish("幸福路农贸市场")
    await open_form_at(citizen, "place")
    await citizen.say("在幸福路农贸市场")

    assert "电话" in citizen.text
    assert citizen.kinds == ["prompt"]


async def test_a_road_in_an_official_name_makes_no_place_of_it(citizen, publish):
    entry = await publish("公路施工作业验收")
    await open_form_at(citizen, "place")
    await citizen.say("公路施工作业验收")

    assert citizen.replies[0]["entry"]["slug"] == entry.slug


async def test_a_name_that_is_also_an_entry_is_a_name_where_one_is_asked(citizen, publish):
    await publish("王女士")
    await open_form_at(citizen, "name")
    await citizen.say("王女士")

    assert "同意" in citizen.text
    assert citizen.kinds == ["prompt"]


async def test_a_phone_number_that_is_also_an_entry_is_a_phone_number(citizen, publish):
    await publish("010-12345678")
    await open_form_at(citizen, "phone")
    await citizen.say("010-12345678")

    assert "称呼" in citizen.text


async def test_a_correction_that_is_also_an_entry_corrects_the_form(citizen, publish):
    await publish("更改姓名")
    await open_form_at(citizen, "consent")
    await citizen.say("是")
    await citizen.say("更改姓名")

    assert "现在的称呼是" in citizen.text


@pytest.mark.parametrize(("word", "heard"), [("是", "请核对"), ("否", "没有您的同意"), ("取消", "已取消")])
async def test_yes_no_and_cancel_are_heard_whatever_entries_are_called(citizen, publish, word, heard):
    await publish(word)
    await open_form_at(citizen, "consent")
    await citizen.say(word)

    assert heard in citizen.text


async def test_a_person_is_asked_for_whatever_entries_are_called(citizen, publish):
    await publish("转人工")
    await citizen.say("转人工")

    assert citizen.kinds == ["handover"]


async def test_danger_comes_before_a_published_question(citizen, publish):
    await publish("家里着火了")
    await citizen.say("家里着火了")

    assert citizen.kinds == ["emergency"]


async def test_an_expired_wording_is_no_question_any_longer(citizen, publish):
    await publish("省作协维权信息", expires_on="2020-01-01")
    await open_form_at(citizen, "name")
    await citizen.say("省作协维权信息")

    assert "同意" in citizen.text


async def test_a_question_between_does_not_lose_the_note(citizen, publish):
    entry = await publish("省作协维权信息")
    await open_form_at(citizen, "consent")
    await citizen.say("是")
    await citizen.click("确认提交")
    await citizen.click("补充内容")
    await citizen.say("省作协维权信息")

    assert citizen.replies[0]["entry"]["slug"] == entry.slug
    assert "补充的内容" in citizen.replies[-1]["text"]

    await citizen.say("还有楼下的灯也坏了")
    assert "已记到工单里" in citizen.text


async def test_a_question_ends_the_look_up_of_a_ticket(citizen, publish):
    entry = await publish("省作协维权信息")
    await citizen.send("/ask_ticket_status")
    await citizen.say("省作协维权信息")

    assert [reply["entry"]["slug"] for reply in citizen.replies] == [entry.slug]


async def test_a_question_about_a_side_of_a_matter_still_shows_that_side(citizen, publish):
    await publish("居家护理补贴要带什么材料", facets={"materials": "身份证原件"})
    await citizen.say("居家护理补贴要带什么材料")

    assert citizen.text == "身份证原件"
