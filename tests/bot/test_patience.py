"""How the dialogue bears with people: who steps back, is interrupted, leaves no phone, picks by number, is sad."""

import pytest

STORY = "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修"


def titles(citizen):
    return [button["title"] for reply in citizen.replies for button in reply["buttons"]]


async def ask_for_a_ticket(citizen, question="养信鸽参加比赛要找哪个协会"):
    await citizen.say(question)
    if "都不是" in titles(citizen):
        await citizen.click("都不是")
    await citizen.click("帮我登记")


@pytest.mark.parametrize("words", ["转人工", "我家着火了", "我被人骗了两万块钱"])
async def test_an_interrupted_form_is_kept_and_goes_on_where_it_stood(citizen, words):
    await citizen.say(STORY)
    await citizen.say("13800138000")
    await citizen.say(words)
    if "着火" in words:
        assert "替您留着" in citizen.text
        await citizen.say("安全了")
    await citizen.click("接着填")

    assert "称呼" in citizen.text
    await citizen.say("王女士")
    await citizen.click("同意")
    for told in ("电梯坏了半个月", "阳光小区3号楼", "13800138000"):
        assert told in citizen.text


async def test_a_question_asked_again_offers_to_cancel_once(citizen):
    await citizen.say(STORY)
    for _ in range(2):
        await citizen.say("1380013")

    assert titles(citizen).count("取消") == 1
    assert "转人工" in titles(citizen)


@pytest.mark.parametrize("words", ["接着填", "好的", "继续刚才的登记"])
async def test_a_kept_form_is_taken_up_by_words_as_well(citizen, words):
    await citizen.say(STORY)
    await citizen.say("转人工")
    await citizen.say(words)

    assert "电话" in citizen.replies[-1]["text"]
    assert citizen.kinds[-1] == "prompt"


async def test_a_kept_form_waits_while_something_else_is_asked(citizen):
    await citizen.say(STORY)
    await citizen.say("转人工")
    await citizen.say("身份证过期了在外地能换吗")
    await citizen.say("接着刚才的填")

    assert citizen.kinds[-1] == "prompt"
    assert "电话" in citizen.replies[-1]["text"]


@pytest.mark.parametrize("words", ["不填了", "不用了"])
async def test_a_kept_form_is_left_for_good_when_it_is_not_wanted(citizen, words):
    await citizen.say(STORY)
    await citizen.say("转人工")
    await citizen.say(words)
    await citizen.say("接着填")

    assert "没有填到一半的登记" in citizen.text


async def test_what_was_interrupted_is_offered_after_another_ticket(citizen):
    await citizen.say(STORY)
    await citizen.say("转人工")
    await citizen.say("我要投诉幸福路12号的饭店油烟太大，天天熏得睡不着")
    for answer in ("13800138000", "王女士", "同意", "确认提交"):
        await citizen.say(answer)

    assert "ticket" in citizen.kinds
    await citizen.click("接着填")
    assert "电话" in citizen.text


async def test_nothing_is_kept_of_a_form_in_which_nothing_stands(citizen):
    await citizen.say("我要投诉")
    await citizen.say("转人工")

    assert "帮我登记" in titles(citizen)


@pytest.mark.parametrize("words", ["上一步", "返回上一步", "返回"])
async def test_one_step_back_asks_once_more_and_what_stood_there_can_stay(citizen, words):
    await citizen.say(STORY)
    await citizen.say("13800138000")
    await citizen.say(words)
    assert "13800138000" in citizen.text
    await citizen.say("13900139000")
    await citizen.say(words)
    await citizen.click("不改了")
    for answer in ("王女士", "同意"):
        await citizen.say(answer)

    assert "电话：13900139000" in citizen.text


async def test_before_the_first_step_there_is_none(citizen):
    await citizen.say("我要投诉")
    await citizen.say("上一步")

    assert "第一步" in citizen.text
    assert citizen.kinds[-1] == "prompt"


@pytest.mark.parametrize("words", ["重新填", "从头来", "我想重新填一遍"])
async def test_the_form_can_begin_anew(citizen, words):
    await citizen.say(STORY)
    await citizen.say("13800138000")
    await citizen.say(words)
    assert "从头来" in citizen.text
    await citizen.say("幸福路12号的饭店油烟太大")
    for answer in ("13900139000", "王女士", "同意"):
        await citizen.say(answer)

    assert "电梯" not in citizen.text
    assert "幸福路12号" in citizen.text
    assert "类型：投诉" in citizen.text


async def test_a_question_goes_without_a_place_and_without_a_phone(citizen, parts):
    await ask_for_a_ticket(citizen)
    assert "电话" in citizen.text
    await citizen.say("不想留电话")
    assert "不留电话也可以登记" in citizen.text
    await citizen.click("不留电话")
    await citizen.say("李先生")
    await citizen.click("同意")
    assert "电话：不留" in citizen.text
    assert "地点" not in citizen.text
    await citizen.click("确认提交")

    ticket = (await parts.desk.of_conversation(citizen.id))[0]
    assert ticket.requester_phone is None


async def test_who_refuses_a_phone_twice_is_believed(citizen):
    await ask_for_a_ticket(citizen)
    await citizen.say("不想留电话")
    await citizen.say("就是不想留")

    assert "称呼" in citizen.text


async def test_a_complaint_needs_a_phone_and_says_why(citizen):
    await citizen.say(STORY)
    await citizen.say("不想留电话")

    assert "打电话核实" in citizen.text
    assert "转人工" in titles(citizen)
    assert "不留电话" not in titles(citizen)


async def test_the_place_of_a_question_is_asked_where_it_has_one(citizen):
    await ask_for_a_ticket(citizen, "阳台上想架业余无线电天线要找谁")

    assert "哪里" in citizen.text


@pytest.mark.parametrize("words", ["1", "第一个", "选第一个", "一", "①", "第1个", "1.", "选1"])
async def test_a_choice_is_picked_by_its_number(citizen, words):
    await citizen.say("孩子有什么补贴")
    first = titles(citizen)[0]
    await citizen.say(words)

    assert citizen.kinds == ["answer"], words
    assert first in (citizen.replies[0]["entry"]["matter"], citizen.replies[0]["entry"]["question"])


async def test_the_last_choice_and_none_of_them_are_picked_by_number(citizen):
    await citizen.say("孩子有什么补贴")
    last = len(titles(citizen))
    await citizen.say(f"选第{last}个")

    assert citizen.kinds == ["no_answer"]


@pytest.mark.parametrize("words", ["9", "第九个", "0"])
async def test_a_number_nobody_offered_picks_nothing(citizen, words):
    await citizen.say("孩子有什么补贴")
    await citizen.say(words)

    assert citizen.kinds != ["answer"]


async def test_a_matter_is_picked_from_a_list_by_saying_which(citizen):
    await citizen.say("能问哪些事")
    wanted = titles(citizen)[1]
    await citizen.say("第二个")
    assert wanted in citizen.text

    first = titles(citizen)[0]
    await citizen.say("选第一个")
    assert citizen.kinds == ["answer"]
    assert first in (citizen.replies[0]["entry"]["matter"], citizen.replies[0]["entry"]["question"])


async def test_where_nothing_was_offered_a_number_is_no_choice(citizen):
    await citizen.say(STORY)
    await citizen.say("1")

    assert "好像不对" in citizen.text


@pytest.mark.parametrize(
    ("words", "slug"), [("那居住证呢", "residence-permit"), ("那失业金呢", "unemployment-benefit")]
)
async def test_naming_another_matter_in_a_short_follow_up_begins_it(citizen, words, slug):
    await citizen.say("身份证过期了在外地能换吗")
    await citizen.say(words)

    assert citizen.kinds in (["answer"], ["choices"])
    assert slug in str(citizen.replies)


@pytest.mark.parametrize("words", ["那要带什么材料", "那外地的呢"])
async def test_a_side_of_the_matter_stays_with_it(citizen, words):
    await citizen.say("身份证过期了在外地能换吗")
    await citizen.say(words)
    await citizen.say("多少钱")

    assert citizen.replies[0]["entry"]["slug"] == "id-card"


@pytest.mark.parametrize("words", ["我很难过", "我心情不好", "我压力好大", "失恋了好难过"])
async def test_who_is_sad_gets_a_kind_word(citizen, words):
    await citizen.say(words)

    assert "12356" in citizen.text
    assert "我不懂" not in citizen.text


@pytest.mark.parametrize(
    "words",
    ["我被骗了", "刚才被骗了五万块", "我妈遇到诈骗了", "刷单被骗了怎么办", "我把钱转给骗子了", "银行卡被盗刷了"],
)
async def test_fraud_is_answered_with_the_numbers_first(citizen, words):
    await citizen.say(words)

    assert citizen.kinds == ["emergency"]
    assert titles(citizen)[:2] == ["拨打96110", "拨打110"]
    await citizen.click("帮我登记")
    assert citizen.kinds[-1] == "prompt"


@pytest.mark.parametrize("words", ["怎么防止被骗", "中介骗了我押金不退", "我要投诉健身房骗钱", "建议多宣传防诈骗"])
async def test_a_quarrel_or_a_question_about_fraud_is_no_emergency(citizen, words):
    await citizen.say(words)

    assert "emergency" not in citizen.kinds


async def test_fraud_told_in_the_form_is_taken_down_and_the_numbers_come_first(citizen):
    await citizen.say("我要举报")
    await citizen.say("上个月在网上买东西被骗了三千块钱，对方微信把我拉黑了")

    assert citizen.kinds[0] == "emergency"
    assert citizen.kinds[-1] == "prompt"
    assert "哪里" in citizen.replies[-1]["text"]
