import string
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from actions.reply import Reply, ReplyKind, button, notice, prompt
from channels.wechat.arriving.chosen import chosen
from channels.wechat.bubbles import TEXT_BYTES, clean, join, split
from channels.wechat.rendering import as_texts, offered, render

CARD = {
    "slug": "id-card",
    "facet": {"name": "fee", "title": "费用"},
    "facets": [
        {"name": name, "title": title, "payload": f'/ask_{name}{{"entry": "id-card"}}'}
        for name, title in (("materials", "材料"), ("fee", "费用"), ("place", "地点"))
    ],
    "unit": "示例市公安局",
    "version_date": "2026-01-01",
    "guide_url": "/guide/id-card",
}
ANSWER = Reply(ReplyKind.ANSWER, "换证二十元。", [button("有帮助", "solved", entry="id-card")], entry=CARD).as_dict()
TICKET = {
    "number": "20261121-00042-0",
    "state_title": "办理中",
    "promised_text": "11月27日前",
    "next_step": "单位正在办。",
}


def test_an_answer_names_its_source_and_numbers_what_can_be_asked_next():
    assert as_texts(ANSWER, "https://hotline.example.gov.cn") == [
        "换证二十元。\n"
        "\n来源：示例市公安局，2026-01-01 起执行\n"
        '<a href="https://hotline.example.gov.cn/guide/id-card">打开完整的办事指南</a>\n'
        "\n还想看哪一项，回复数字：\n1. 材料\u30002. 地点\u30003. 有帮助"
    ]


def test_choices_are_numbered_lines():
    reply = Reply(
        ReplyKind.CHOICES, "您想问的是哪一件？", [button("办理居民身份证", "ask_policy"), button("都不是", "deny")]
    )

    assert as_texts(reply.as_dict()) == ["您想问的是哪一件？\n\n回复数字就行：\n1. 办理居民身份证\n2. 都不是"]


def test_an_emergency_shows_numbers_to_call_and_nothing_to_choose():
    reply = Reply(ReplyKind.EMERGENCY, "请马上拨打 119。", [{"title": "拨打119", "payload": "tel:119"}]).as_dict()

    assert as_texts(reply) == ["请马上拨打 119。\n\n☎ 拨打 119"]
    assert offered([reply]) == []


def test_a_handover_shows_the_number_and_the_way_on():
    buttons = [{"title": "拨打12345", "payload": "tel:12345"}, button("帮我登记", "request_help")]

    text = as_texts(Reply(ReplyKind.HANDOVER, "请直接拨打 12345。", buttons).as_dict())[0]

    assert "1. 帮我登记" in text
    assert text.endswith("☎ 拨打 12345")


def test_a_ticket_tells_what_its_text_has_not_said():
    reply = Reply(ReplyKind.TICKET, "已登记，编号 20261121-00042-0。", [], ticket=TICKET).as_dict()

    assert as_texts(reply) == [
        "已登记，编号 20261121-00042-0。\n\n进度：办理中\n答复：11月27日前\n下一步：单位正在办。"
    ]


def test_several_replies_become_one_text_whose_numbers_run_on():
    replies = [
        notice("先看看办法。", button("看看指南", "ask_policy")),
        prompt("请说说是什么事。", button("取消", "cancel")),
    ]

    texts = render(replies)

    assert len(texts) == 1
    assert "1. 看看指南" in texts[0]
    assert "2. 取消" in texts[0]
    assert [each["title"] for each in offered(replies)] == ["看看指南", "取消"]


def test_a_number_means_what_it_stands_beside():
    replies = [ANSWER, prompt("请说说是什么事。", button("取消", "cancel"))]

    for said, title in {
        "1": "材料",
        " ２。": "地点",
        "第3个": "有帮助",
        "选四": "取消",
        "一": "材料",
        "选 2": "地点",
        "就第二个吧": "地点",
        "取消": "取消",
        "取消！": "取消",
    }.items():
        assert chosen(said, replies)["title"] == title
    for said in ("5", "0", "12345", "1号楼", "材料要哪些", "", "最后一个"):
        assert chosen(said, replies) is None


def test_long_texts_are_cut_where_sentences_end():
    pieces = split("这句话有十二个汉字那么长。" * 200)

    assert len(pieces) > 1
    assert all(piece.endswith("。") for piece in pieces)


@given(st.text())
def test_no_text_is_too_long_or_breaks_its_xml(text):
    for piece in split(text * 20):
        assert 0 < len(piece.encode()) <= TEXT_BYTES
        assert ElementTree.fromstring(f"<x><![CDATA[{piece}]]></x>") is not None


@given(st.text(alphabet=string.ascii_letters + "。，\n好 ", max_size=3000), st.integers(20, 300))
def test_splitting_loses_nothing(text, limit):
    kept = "".join("".join(split(text, limit)).split())

    assert kept == "".join(text.split())


@given(st.lists(st.text(max_size=800)))
def test_joining_keeps_the_order_and_the_limit(texts):
    pieces = [piece for text in texts for piece in split(text)]
    bubbles = join(pieces)

    assert all(len(bubble.encode()) <= TEXT_BYTES for bubble in bubbles)
    assert "".join("".join(bubbles).split()) == "".join("".join(pieces).split())


def test_what_xml_cannot_hold_is_dropped():
    assert clean("a\x00\x0b\ud800]]>\ufffe好") == "a]]＞好"
