"""What citizens think of an answer, and hearing of one later: turn by turn, through the whole assistant."""

import pytest
from sqlalchemy import select

from bot.payloads import PayloadRefused
from knowledge_base.feedback import Reason
from knowledge_base.tables import answers

pytestmark = pytest.mark.asyncio

ANSWERED = "身份证过期了在外地能换吗"
UNANSWERED = "阳台上想架业余无线电天线要找谁，我电话13800138000"


def titles(citizen):
    return [button["title"] for reply in citizen.replies for button in reply["buttons"]]


async def logged(citizen):
    statement = select(answers).where(answers.c.conversation == citizen.id).order_by(answers.c.id)
    return await citizen.parts.database.read(lambda connection: connection.execute(statement).all())


@pytest.mark.parametrize("reason", list(Reason))
async def test_an_answer_that_did_not_help_is_asked_about_once_and_never_a_dead_end(citizen, reason):
    await citizen.say(ANSWERED)
    await citizen.click("没帮助")
    assert titles(citizen) == [*(why.label for why in Reason), "帮我登记", "转人工"]

    await citizen.click(reason.label)
    assert titles(citizen) == ["帮我登记", "转人工"]
    rows = await logged(citizen)
    assert [(row.verb, row.entry, row.reason) for row in rows] == [
        ("answer", "id-card", None),
        ("not_helped", "id-card", None),
        ("reason", "id-card", reason),
    ]
    await citizen.say("好的")
    assert "电话" in citizen.text  # the question is known already, and a question has no place


async def test_typing_instead_of_a_reason_goes_on_as_before(citizen):
    await citizen.say(ANSWERED)
    await citizen.say("没什么用")
    assert "看不懂" in titles(citizen)
    await citizen.say("居住证怎么办")

    assert citizen.replies[0]["entry"]["slug"] == "residence-permit"


async def test_without_an_answer_there_is_nothing_to_give_reasons_for(citizen):
    await citizen.say("没什么用")

    assert titles(citizen) == ["帮我登记", "转人工"]


async def test_a_reason_while_a_form_is_open_is_taken_and_the_form_goes_on(citizen):
    await citizen.say(ANSWERED)
    await citizen.click("没帮助")
    reasons = citizen.replies
    await citizen.click("帮我登记")
    citizen.replies = reasons
    await citizen.click("看不懂")

    assert (await logged(citizen))[-1].reason == Reason.UNCLEAR


async def test_a_reason_that_no_button_carries_is_refused(citizen):
    for payload in (
        '/answer_unhelpful{"reason": "because"}',
        '/tell_me{"entry": "id-card"}',
        '/solved{"reason": "unclear"}',
    ):
        with pytest.raises(PayloadRefused):
            await citizen.send(payload)


async def test_a_question_without_an_answer_can_be_waited_for(citizen):
    await citizen.say(UNANSWERED)
    await citizen.click("有答案了告诉我")
    assert "记下了" in citizen.text

    asked, waits = await logged(citizen)
    cipher = citizen.parts.keyring.cipher("conversations")
    assert (asked.verb, waits.verb) == ("no_answer", "tell_me")
    assert cipher.decrypt_text(waits.question) == cipher.decrypt_text(asked.question)
    assert "13800138000" not in cipher.decrypt_text(waits.question)
    assert waits.settles_at is not None
    await citizen.click("帮我登记")
    assert "哪里" in citizen.text


async def test_waiting_can_be_asked_for_in_words(citizen):
    await citizen.say(UNANSWERED)
    await citizen.say("有答案了通知我")
    assert "记下了" in citizen.text


async def test_waiting_for_nothing_asks_for_the_question(citizen):
    await citizen.send("/tell_me")
    assert "哪个问题" in citizen.text
    assert await logged(citizen) == []


async def test_every_decision_tells_by_what_it_was_made(citizen):
    await citizen.say(ANSWERED)
    await citizen.click("材料")
    typed, clicked = await logged(citizen)

    assert (typed.clicked, typed.revision > 0, " 0.9/0." in typed.decided_by) == (False, True, True)
    assert (clicked.clicked, clicked.question, clicked.settles_at) == (True, None, None)


async def test_a_ticket_is_logged_beside_the_questions_of_its_conversation(citizen):
    await citizen.say(UNANSWERED)
    await citizen.click("帮我登记")
    for answer in ("说不清", "李先生"):
        await citizen.say(answer)
    await citizen.click("同意")
    await citizen.click("确认提交")

    assert citizen.kinds == ["ticket"]
    assert (await logged(citizen))[-1].verb == "ticket"


async def test_what_is_no_question_is_not_logged_as_one(citizen):
    await citizen.say("。。。")
    await citizen.say("我家着火了怎么办")
    await citizen.say("我已经跑出来了")

    assert await logged(citizen) == []
