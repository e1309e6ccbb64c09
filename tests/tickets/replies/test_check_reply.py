"""Replies and complaints here are written for these tests."""

import pytest

from tickets.replies import Code, Severity, check_reply, stops
from tickets.replies.asked import touched

NOISE = "幸福路 12 号楼下的烧烤店每天开到凌晨两点，油烟往楼上灌，音响很吵，打过两次电话都没有人管，请尽快处理。"
GOOD = (
    "您好！您反映的烧烤店油烟和噪音问题，我局 11 月 20 日晚上到幸福路 12 号现场检查，情况属实。"
    "店家没有装油烟净化设施，已责令 11 月 30 日前装好，并当场关掉室外音响，晚上十点后不得在店外经营。"
    "我们 12 月 1 日再去复查，结果由李队长打电话告诉您，联系电话 010-62345678。"
)

STOPPED = {
    "已收悉。": Code.NOTHING_SAID,
    "您好，您的来信已收悉，感谢您对我们工作的支持！": Code.NOTHING_SAID,
    "您反映的问题正在办理。": Code.NOTHING_SAID,
    "已处理。": Code.NOTHING_SAID,
    "您好，该问题已处理完毕，谢谢！": Code.NOTHING_SAID,
    "您好！我们高度重视您的问题，将尽快处理。感谢理解。": Code.NOTHING_SAID,
    "问题正在抓紧解决中，请耐心等待。": Code.NOTHING_SAID,
    "您反映的情况我局已知悉，有进展会及时反馈。": Code.NOTHING_SAID,
    "您好，油烟扰民不是我单位职责，请您向有关部门反映。": Code.SHIRKING,
    "该事项不归我们管，建议联系相关单位。": Code.SHIRKING,
    "您反映的烧烤店问题不属于我街道管辖范围，感谢您的来电。": Code.SHIRKING,
    "餐饮油烟与我局无关，您可以找主管部门处理这家烧烤店。": Code.SHIRKING,
    "经查，烧烤店已于X月X日停业整改，油烟问题已经解决，欢迎继续监督。": Code.UNFILLED,
    "烧烤店的油烟净化设施【待填写】前装好，届时我们再去复查一次现场。": Code.UNFILLED,
    "烧烤店老板的手机是13900139000，您可以直接找他协商油烟和噪音的事。": Code.PERSONAL_DATA,
    "经查，烧烤店经营者身份证号110101199003074514，已对其油烟扰民立案。": Code.PERSONAL_DATA,
    "夜里噪音来自一辆京A12345的货车给烧烤店送货，已劝其改在白天送。": Code.PERSONAL_DATA,
    "您的问题已登记，后续会有专人与您联系。": Code.NOTHING_SAID,
    "该问题已按程序办理完毕，感谢您的监督。": Code.NOTHING_SAID,
    "已督促相关单位落实。": Code.NOTHING_SAID,
    "我们没有权限处理，请向上级部门反映。": Code.SHIRKING,
    "烤串的王桂兰，电话13900139000，已被我队教育，烧烤店油烟您可以监督她。": Code.PERSONAL_DATA,
    "接举报人张小明，反映烧烤店油烟扰民，我局已责令该店停业整改三天。": Code.NAME,
}

CONFIRMED = {
    "您好，您反映的问题已转区城管局办理。": Code.ONLY_PASSED_ON,
    "已查，店家会改。油烟少了。": Code.TOO_SHORT,
    "我们去过烧烤店了，油烟问题确实有。按有关规定办理，请市民放心，店家也表示愿意配合整改。": Code.EMPTY_PHRASE,
    "烧烤店油烟躁音问题，已责令 11 月 30 日前按装净化设施，届时再查。": Code.WRONG_CHARACTER,
    "烧烤店负责人李建国，答应 11 月 30 日前装好油烟净化设施，晚上十点后不放音响。": Code.NAME,
}


@pytest.mark.parametrize(("reply", "code"), STOPPED.items())
def test_a_reply_that_harms_or_says_nothing_is_stopped(reply, code):
    assert code in {finding.code for finding in check_reply(reply, NOISE) if finding.severity is Severity.HARD}


@pytest.mark.parametrize(("reply", "code"), CONFIRMED.items())
def test_a_doubtful_reply_needs_a_confirmation(reply, code):
    findings = check_reply(reply, NOISE)

    assert code in {finding.code for finding in findings}
    assert not stops(findings)


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        "您好，餐饮油烟由区城管局负责，不属于我局职责，材料已转过去，您也可以拨打 010-62345678 问烧烤店的进度。",
        "烧烤店油烟的事请拨打 12345 转区城管局，值班手机 13900139000，联系人王队长，晚上也有人接，会到现场看。",
        "请补充店名、门牌和油烟大的时段，以便我们上门时赶得上。",
        "经核实，烧烤店 11 月 20 日已搬走，油烟和噪音不会再有。如果新店又开，请打 010-62345678，我们当天到场。",
        "您反映的烧烤店，自己经过整改，已按装修合同装好油烟净化设施，11 月 20 日我们测过，达到标准。",
    ],
)
def test_a_plain_and_full_reply_passes(reply):
    assert check_reply(reply, NOISE) == []


def test_a_finding_points_at_the_place():
    reply = "烧烤店的事不归我们管。"
    (finding,) = [finding for finding in check_reply(reply, NOISE) if finding.code is Code.SHIRKING]

    assert reply[slice(*finding.span)] == "不归我们管"
    assert "归哪个单位管" in finding.suggestion


def test_what_the_citizen_said_or_is_may_be_repeated():
    request = f"{NOISE}我的车京A12345停在门口，店主李建国的电话是13900139000。"
    reply = f"{GOOD}已告诉店主李建国（13900139000），不得再占用京A12345的车位；结果打您 13800138000。"

    assert check_reply(reply, request, known=["13800138000"]) == []


def test_a_reply_to_something_else_is_stopped():
    reply = (
        "您好！关于灵活就业人员参加职工养老保险，年满十六周岁、未达退休年龄的本地户籍人员均可参保，携带身份证到就近社保窗口登记，"
        "缴费基数在上下限之间自选，按月或按年缴纳均可。断缴后能够补当年度的，往年不能补。以上政策依据省人社厅文件执行。"
        "参保登记后次月起可在手机应用里查到记录，打印权益单也在同一处。"
    )

    assert Code.OTHER_MATTER in {finding.code for finding in check_reply(reply, NOISE) if stops([finding])}


def test_each_numbered_request_is_looked_for():
    request = "请帮忙：1、楼下烧烤店油烟太大；2、小区东门路灯坏了半个月；3、健身器材螺丝松动容易伤人。"
    reply = "烧烤店油烟已责令 11 月 30 日前装净化设施，东门路灯 11 月 22 日换好。"

    result = touched(reply, request)
    findings = check_reply(reply, request)

    assert len(result.asked) == 3
    assert result.missed == ("3、健身器材螺丝松动容易伤人。",)
    (missed,) = [finding for finding in findings if finding.code is Code.NOT_TOUCHED]
    assert "市民说了 3 件，答复提到 2 件" in missed.suggestion
    assert "健身器材" in missed.suggestion


def test_a_rhetorical_question_wants_no_answer():
    request = "楼下烧烤店油烟太大，难道没有王法了吗？什么时候能装净化设施？"
    assert touched("11 月 30 日前装好净化设施。", request).asked == ("什么时候能装净化设施？",)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("烧烤店将于11月30日前装好油烟净化设施。", "烧烤店将于12月30日前装好油烟净化设施。"),
        ("经核实，该店油烟扰民情况属实。", "经核实，该店油烟扰民情况不属实。"),
        ("已对该店处以罚款2000元。", "已对该店处以罚款5000元。"),
        ("该店已办理食品经营许可证。", "该店没有办理食品经营许可证。"),
    ],
)
def test_a_reply_that_differs_from_the_last_one_needs_a_word(before, now):
    (finding,) = [f for f in check_reply(now, NOISE, [before]) if f.code is Code.CONTRADICTION]
    assert finding.severity is Severity.SOFT
    assert before.rstrip("。").split("，")[-1] in finding.suggestion


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("烧烤店将于11月30日前装好油烟净化设施。", "烧烤店将于2026年11月30日前装好油烟净化设施。"),
        ("烧烤店将于11月30日前装好油烟净化设施。", "因设备没到货，推迟到12月30日前装好油烟净化设施。"),
        ("已对该店处以罚款2000元。", "该店已缴纳押金5000元，用于保证整改。"),
        ("该店未办理食品经营许可证。", "该店未办理食品经营许可证。"),
    ],
)
def test_saying_the_same_or_why_it_changed_is_fine(before, now):
    assert Code.CONTRADICTION not in {finding.code for finding in check_reply(now, NOISE, [before])}
