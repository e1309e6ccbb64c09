"""The beginnings of replies that the product brings."""

import re

import pytest
from hotline import AGENT

from tickets.categories.tree import Categories
from tickets.replies.check import check_reply
from tickets.replies.finding import Code
from tickets.replies.templates import (
    BODY_LIMIT,
    TITLE_LIMIT,
    TemplateRefused,
    put_back_within,
    readable,
    remove_within,
    seed,
    shipped,
)

FILLED = {
    "几月几日几点": "11月20日15点",
    "几月几日": "11月20日",
    "电话": "0000-1234567",
    "多久": "两小时",
    "地点": "和平路3号",
}


@pytest.mark.parametrize("template", shipped(), ids=lambda template: template.title)
def test_it_cannot_go_out_unfilled_and_tells_something_once_it_is_filled(template):
    assert "【" in template.body
    assert Code.UNFILLED in {finding.code for finding in check_reply(template.body, "")}
    filled = re.sub("【(.*?)】", lambda blank: FILLED.get(blank[1], "换了新的门机"), template.body)
    findings = [finding for finding in check_reply(filled, "") if finding.code is not Code.NOT_TOUCHED]
    assert findings == []


@pytest.mark.parametrize("template", shipped(), ids=lambda template: template.title)
def test_it_can_be_kept_and_is_of_a_category_there_is(template):
    known = {category.code for category in Categories.load()}
    assert template.category is None or template.category in known
    assert (len(template.title) <= TITLE_LIMIT, len(template.body) <= BODY_LIMIT) == (True, True)


async def test_what_was_taken_away_does_not_come_back(database, clock):
    await database.write(seed(clock()))
    first, *others = await database.read(readable(AGENT))
    await database.write(lambda connection: remove_within(connection, AGENT, first.id, clock()))
    await database.write(seed(clock()))
    assert await database.read(readable(AGENT)) == others

    await database.write(lambda connection: put_back_within(connection, AGENT, first.id))
    assert await database.read(readable(AGENT)) == [first, *others]
    await database.write(lambda connection: remove_within(connection, AGENT, first.id, clock()))
    clock.forward(days=31)
    await database.write(lambda connection: remove_within(connection, AGENT, others[0].id, clock()))
    with pytest.raises(TemplateRefused, match="已经删掉"):
        await database.write(lambda connection: put_back_within(connection, AGENT, first.id))


def test_the_number_of_a_document_is_no_blank():
    reply = "您好，按发改价格【2019】798号文，停车费每小时2元，封顶10元，不清楚的请打0000-1234567。"
    assert Code.UNFILLED not in {finding.code for finding in check_reply(reply, "停车费怎么收")}
