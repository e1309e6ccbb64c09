"""Template and subscription messages: what is written fits the fields, and nobody gets it twice."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.fields import _FITS, FieldRefused, fitted
from channels.wechat.templates import KNOWN, SEED, Templates, TemplatesRefused
from simulators.wechat.account import Via
from simulators.wechat.faults import loses_answer, loses_call, refuses
from simulators.wechat.field_limits import holds
from tickets.announcements import wordings

TEMPLATE = "/cgi-bin/message/template/send"
FACTS = {"number": "20261121000018", "unit": "示例区城市管理局", "promised": "11月27日"}
TYPED = [kind for kind in _FITS if kind not in {"keyword", "first", "remark"}]
MOMENTS = st.datetimes(timezones=st.just(UTC))
VALUES = st.text() | st.text("年月日-/.:0123456789 ¥元ABc（）\n\t😀辖区") | MOMENTS


@given(kind=st.sampled_from(TYPED), value=VALUES)
def test_whatever_is_written_fits_or_is_refused(kind, value):
    try:
        text = fitted(f"{kind}3", value)
    except FieldRefused:
        return
    assert holds(f"{kind}3", text)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("thing1", "请补充\n三号楼  的照片😀", "请补充 三号楼 的照片"),
        ("thing1", "维保公司更换了门机，试运行正常，请您再试用一下", "维保公司更换了门机，试运行正常…"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
        ("phrase2", "已转办（城管局）", "已转办城管"),
        ("character_string1", "工单２０２６１１２１", "20261121"),
        ("time1", KNOWN["at"], "2026年11月21日 10:00"),
        ("time1", "2026-11-24 18:00", "2026年11月24日 18:00"),
        ("date1", "2026/11/24", "2026年11月24日"),
        ("name1", "阿卜杜热西提·阿不都热合曼", "阿卜杜热西提·阿不都"),
        ("amount1", "共 1,234.50元", "1234.50元"),
        ("phone_number1", "０１０－１２３４５", "010-12345"),
    ],
)
def test_values_are_shortened_as_people_would(key, value, shown):
    assert fitted(key, value) == shown


@pytest.mark.parametrize(
    ("key", "value"), [("time1", "明天"), ("character_string1", "编号"), ("thing1", " \n"), ("blob1", "x")]
)
def test_what_cannot_fit_is_refused_without_being_repeated(key, value):
    with pytest.raises(FieldRefused) as refused:
        fitted(key, value)
    assert value.strip() not in str(refused.value) or not value.strip()


def test_everything_citizens_are_told_of_has_a_template():
    assert {*wordings(), "answered"} <= Templates.load().purposes.keys()


async def test_every_purpose_arrives_the_same_both_ways(wechat, wechat_client):
    for purpose in Templates.load().purposes:
        wechat.account.consent(wechat.openid, "S-progress")
        wechat.account.consent(wechat.openid, "S-answered")
        await wechat_client.send_template(wechat.openid, purpose, KNOWN, "", purpose)
        await wechat_client.send_subscription(wechat.openid, purpose, KNOWN, "")
        by_template, by_subscription = wechat.account.arrived_at(wechat.openid)[-2:]
        assert (by_template.via, by_subscription.via) == (Via.TEMPLATE, Via.SUBSCRIPTION)
        assert by_template.body["lines"] == by_subscription.body["lines"]


async def test_a_ticket_just_registered_is_told_in_five_lines(wechat, wechat_client):
    await wechat_client.send_template(
        wechat.openid, "submit", FACTS | {"unit": ""}, "https://a.example/t", "ticket 1 1"
    )
    (arrived,) = wechat.account.arrived_at(wechat.openid)
    assert {line["name"]: line["value"] for line in arrived.body["lines"]} == {
        "编号": "20261121000018",
        "进度": "已登记",
        "单位": "12345热线",
        "说明": "11月27日前给您结果",
        "时间": "2026年11月21日 10:00",
    }
    assert arrived.body["url"] == "https://a.example/t"


async def test_a_template_message_whose_answer_was_lost_arrives_once(wechat, wechat_client):
    wechat.api.faults.plan(TEMPLATE, loses_answer)
    wechat.api.faults.plan(TEMPLATE, loses_call)
    message = await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "ticket 1 2")
    again = await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "ticket 1 2")
    assert message == again != ""
    assert len(wechat.account.arrived_at(wechat.openid)) == 1


async def test_whatever_goes_wrong_no_template_message_arrives_twice(wechat, wechat_client):
    wechat.api.faults.share = 0.4
    failed = 0
    for number in range(60):
        for _ in range(3):  # as delivery tries again
            try:
                await wechat_client.send_template(
                    wechat.openid, "accept", FACTS | {"number": f"{number}"}, "", f"{number}"
                )
            except (SendRefused, SendUnknown):
                failed += 1
            else:
                break
    told = [arrival.body["lines"][0]["value"] for arrival in wechat.account.arrived_at(wechat.openid)]
    assert failed
    assert told == [f"{number}" for number in range(60)]


async def test_a_platform_that_says_it_has_it_already_counts_as_sent(wechat, wechat_client):
    wechat.api.faults.plan(TEMPLATE, refuses(45065, "clientmsgid exist"))
    assert await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "ticket 1 2") == ""


async def test_the_end_of_a_template_message_is_told_with_its_id(wechat, wechat_client):
    events = []
    wechat.account.listeners.append(lambda openid, event: events.append((openid, event)))
    sent = await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "1")
    wechat.account.follower(wechat.openid).refuses_templates = True
    blocked = await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "2")
    await wechat_client.was_sent(wechat.openid, "", wechat.account.clock())
    assert [(str(event["MsgID"]), event["Status"]) for _, event in events] == [
        (sent, "success"),
        (blocked, "failed:user block"),
    ]


async def test_a_subscription_message_needs_consent_and_is_never_repeated(wechat, wechat_client):
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_subscription(wechat.openid, "accept", FACTS, "")
    assert (refused.value.code, refused.value.remedy) == ("43101", Remedy.ANOTHER_WAY)
    wechat.account.consent(wechat.openid, "S-progress", 2)
    wechat.api.faults.plan("/cgi-bin/message/subscribe/bizsend", loses_answer)
    with pytest.raises(SendUnknown):
        await wechat_client.send_subscription(wechat.openid, "accept", FACTS, "")
    assert len(wechat.account.arrived_at(wechat.openid)) == 1


@pytest.mark.parametrize(
    ("purpose", "code", "told"),
    [("archive", "no_purpose", "wechat_templates.yml"), ("answered", "no_template", "LTB_WECHAT_SUBSCRIPTIONS")],
)
async def test_what_is_not_set_up_goes_another_way(wechat, database, keyring, purpose, code, told):
    wechat.subscriptions = {"progress": "S-progress"}
    async with wechat.client(database, keyring) as client:
        with pytest.raises(SendRefused) as refused:
            await client.send_subscription(wechat.openid, purpose, KNOWN, "")
    assert (refused.value.code, refused.value.remedy) == (code, Remedy.ANOTHER_WAY)
    assert told in refused.value.reason


async def test_a_field_the_platforms_template_does_not_have_is_named(wechat, wechat_client):
    wechat.account.templates["T-progress"].fields["thing9"] = "地点"
    with pytest.raises(SendRefused) as refused:
        await wechat_client.send_template(wechat.openid, "accept", FACTS, "", "1")
    assert (refused.value.code, refused.value.remedy) == ("47003", Remedy.PERMANENT)
    assert "thing9" in refused.value.reason


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("进度: 已转办}", "进度: 已经转给负责单位}", "放不进字段 phrase2"),
        ('编号: "{number}"', '编号: "{nummer}"', "没有 {nummer} 可用"),
        ('编号: "{number}"', '编号: "{number"', "花括号没有配对"),
        ("thing4, 时间", "blob4, 时间", "不认识字段"),
        ("{<<: *progress, 进度: 已转办}", "{<<: *progress, template: x}", "template 要是"),
        ("{<<: *progress, 进度: 已转办}", "{<<: *progress, 地点: x}", "不能多也不能少"),
        ("templates:", "template:", "templates要写成"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, before, after, complaint):
    text = SEED.read_text(encoding="utf-8")
    assert before in text
    own = tmp_path / "wechat_templates.yml"
    own.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(TemplatesRefused, match=complaint):
        Templates.load(own)
