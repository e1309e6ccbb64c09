"""Signatures, texts, limits, hours: what needs no gateway."""

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sms_world import VALUES

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.errors import refusal
from channels.sms.gateways.signatures import acs3, tc3
from channels.sms.limits import Limits, LimitsRefused, Past
from channels.sms.numbers import NotMobile, mobile
from channels.sms.parts import parts_of
from channels.sms.quiet_hours import QuietHours
from channels.sms.replies import Meaning, understand
from channels.sms.templates import BRIEF, Texts, TextsRefused
from channels.sms.windows import began, rolling, until_next
from service.clock import CHINA
from service.settings import Settings
from tickets.announcements import wordings

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture
def texts(tmp_path):
    return Texts.load(Settings(data_dir=tmp_path, public_url="https://12345.example.gov.cn/"))


# Signatures, as the vendors' documentation has them


def test_aliyuns_published_example():
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    signed = acs3("YourAccessKeyId", "YourAccessKeySecret", headers, query)
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencents_published_example():
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    secret = "Gu5t9xGARNpq86cd98joQYCN3*******"  # the example masks its own key, and signs with the mask
    signed = tc3(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", secret, "cvm", headers, body, datetime.fromtimestamp(1551113065, UTC)
    )
    assert signed.endswith("Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c")


# Numbers


@pytest.mark.parametrize("text", ["010-12345678", "+85251234567", "+12025550123", "12345", "1380013800", "", "没有"])
def test_only_mobiles_of_the_mainland_get_messages(text):
    with pytest.raises(NotMobile) as told:
        mobile(text)
    assert (told.value.remedy, told.value.code) == (Remedy.PERMANENT, "not_mobile")
    assert "手机号" in told.value.reason


@pytest.mark.parametrize("text", ["13800138000", "+86 138 0013 8000", "86-138-0013-8000", "19212345678"])
def test_a_number_is_brought_to_one_form(text):
    assert mobile(text) in ("+8613800138000", "+8619212345678")


# Texts


def test_every_announcement_to_citizens_has_its_text(texts):
    assert {f"ticket_{verb}" for verb in wordings()} <= texts.purposes.keys()
    assert {"code", "ticket_call_back", "answered", "guide"} <= texts.purposes.keys()


def test_every_text_can_be_filled_is_short_and_tells_nothing_personal(texts):
    examples = {name: variable.example for name, variable in texts.variables.items()}
    for name in texts.purposes:
        for wording in texts.wordings(name):
            assert wording.complete
            assert parts_of("示例区12345聊天办", wording.filled(examples)) <= 2
            assert set(wording.variables) <= examples.keys() - {"text", "reason", "route", "place", "name", "phone"}


def test_every_brief_text_fits_an_account_with_six_characters_a_variable(texts):
    examples = {name: variable.example for name, variable in texts.variables.items()}
    for name in texts.purposes:
        filled = texts.fill(name, examples, 6, {name + BRIEF: "1"})
        assert all(len(value) <= 6 for value in filled.values.values())


def test_the_full_text_is_taken_where_its_values_fit_else_the_brief_one(texts):
    both = {"ticket_submit": "full", "ticket_submit_brief": "brief"}
    assert texts.fill("ticket_submit", VALUES, 35, both).template == "full"
    brief = texts.fill("ticket_submit", VALUES, 6, both)
    assert (brief.template, brief.values) == ("brief", {"tail": "00042", "promised": "11月27日"})


def test_a_text_without_template_is_refused_with_the_way_to_mend_it(texts):
    with pytest.raises(SendRefused, match="") as told:
        texts.fill("ticket_submit", VALUES, 35, {})
    assert "sms templates" in told.value.reason


@pytest.mark.parametrize("value", ["看a.com", "http://x", "a【b】", "第一行\n第二行", "", "很" * 26])
def test_no_link_no_sign_and_no_line_break_gets_into_a_variable(texts, value):
    assert not texts.variables["unit"].fits(value, 35)


@pytest.mark.parametrize(
    ("purpose", "complaint"),
    [
        ({"full": "您好{nobody}", "brief": "您好"}, "没有定义的变量"),
        ({"full": "{number}和{number}", "brief": "您好"}, "写了两次"),
        ({"full": "{number}{code}", "brief": "您好"}, "连在一起"),
        ({"full": "【签名】您好", "brief": "您好"}, "【】"),
        ({"full": "您好"}, "brief"),
    ],
)
def test_own_texts_are_checked_with_a_complaint_in_chinese(tmp_path, texts, purpose, complaint):
    variables = {
        name: variable.model_dump() | {"pattern": variable.pattern.pattern}
        for name, variable in texts.variables.items()
    }
    folder = tmp_path / "sms"
    folder.mkdir()
    (folder / "templates.yml").write_text(yaml.safe_dump({"variables": variables, "purposes": {"x": purpose}}), "utf-8")
    with pytest.raises(TextsRefused, match=complaint):
        Texts.load(Settings(data_dir=tmp_path))


@pytest.mark.parametrize(("length", "parts"), [(65, 1), (66, 2), (129, 2), (130, 3)])
def test_parts_are_counted_with_the_sign_name(length, parts):
    assert parts_of("聊天办", "字" * length) == parts  # and five characters: 【聊天办】


def test_templates_are_written_as_each_cloud_wants_them(texts):
    full = texts.wordings("ticket_accept")[0]
    assert full.for_aliyun().startswith("${unit}已经签收您的诉求${number}，")
    assert full.for_tencent().startswith("{1}已经签收您的诉求{2}，")


# Limits and hours


def limits(**by_gateway):
    return Limits({name: [_limit(each) for each in rules] for name, rules in by_gateway.items()})


def _limit(rule):
    from channels.sms.limits import Limit

    return Limit.model_validate(rule)


@given(
    st.lists(MOMENTS, max_size=12), MOMENTS, st.sampled_from(["minute", "hour", "day", "30s", "24h"]), st.integers(1, 4)
)
def test_after_the_wait_it_may_go_and_not_before(moments, at, per, most):
    rules = limits(everywhere=[{"what": "number", "most": most, "per": per}])
    past = [Past("aliyun", "code", "text", moment) for moment in moments if moment <= at]

    def wait(when):
        return rules.wait(past, "aliyun", "code", "text", when)

    first = wait(at)
    if first is not None:
        assert timedelta(0) < first
        assert wait(at + first) is None
        assert wait(at + first - timedelta(microseconds=1)) is not None


@given(st.lists(st.integers(0, 90), min_size=1, max_size=60), st.sampled_from([("minute", 2), ("60s", 2), ("hour", 5)]))
def test_no_window_ever_holds_more_than_it_may(pauses, rule):
    per, most = rule
    rules = limits(everywhere=[{"what": "number", "most": most, "per": per}])
    at, past = AT, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        if (wait := rules.wait(past, "aliyun", "code", "", at)) is not None:
            at += wait
        past.append(Past("aliyun", "code", "", at))
    for one in past:
        span = rolling(per)
        inside = (
            [each for each in past if began(per, each.at) == began(per, one.at)]
            if span is None
            else [each for each in past if one.at <= each.at < one.at + span]
        )
        assert len(inside) <= most
    assert all(one.at <= other.at for one, other in pairwise(past))


def test_each_gateway_counts_what_went_by_it():
    rules = limits(aliyun=[{"what": "number", "most": 1, "per": "24h"}])
    past = [Past("tencent", "code", "text", AT)]
    assert rules.wait(past, "aliyun", "code", "text", AT) is None
    assert rules.wait([*past, Past("aliyun", "code", "text", AT)], "aliyun", "code", "text", AT) == timedelta(hours=24)


def test_own_limits_are_checked(tmp_path):
    (tmp_path / "sms").mkdir()
    (tmp_path / "sms" / "limits.yml").write_text("everywhere: [{what: number, most: 1, per: week}]", "utf-8")
    with pytest.raises(LimitsRefused, match="不是时间段"):
        Limits.load(Settings(data_dir=tmp_path))


@given(MOMENTS, st.times(), st.times())
def test_quiet_hours_end_when_they_say(at, begin, end):
    hours = QuietHours(begin, end)
    left = hours.left(at)
    if left is not None:
        assert timedelta(0) < left <= timedelta(days=1)
        over = at + left
        assert over.astimezone(CHINA).time() == end
        assert hours.left(over) is None or begin == end


def test_equal_hours_are_no_quiet_hours():
    assert QuietHours(time(0), time(0)).left(AT) is None


@given(MOMENTS, st.sampled_from(["minute", "hour", "day"]))
def test_windows_of_the_calendar_follow_each_other(at, window):
    assert began(window, at + until_next(window, at)) == at + until_next(window, at)


# Codes and words


@pytest.mark.parametrize(
    ("service", "code", "remedy"),
    [
        ("aliyun", "isv.AMOUNT_NOT_ENOUGH", Remedy.ALARM),
        ("aliyun", "isp.SYSTEM_ERROR", Remedy.RETRY),
        ("aliyun", "Throttling.User", Remedy.RETRY),
        ("aliyun", "isv.BUSINESS_LIMIT_CONTROL", Remedy.DELAY),
        ("aliyun", "isv.SMS_CONTENT_ILLEGAL", Remedy.PERMANENT),
        ("aliyun", "isv.NEVER_HEARD_OF", Remedy.ANOTHER_WAY),
        ("tencent", "FailedOperation.InsufficientBalanceInSmsPackage", Remedy.ALARM),
        ("tencent", "FailedOperation.PhoneNumberInBlacklist", Remedy.PERMANENT),
        ("tencent", "RequestLimitExceeded", Remedy.RETRY),
        ("tencent", "UnauthorizedOperation.RequestIpNotInWhitelist", Remedy.ALARM),
        ("tencent", "FailedOperation.NeverHeardOf", Remedy.ANOTHER_WAY),
    ],
)
def test_an_error_code_says_what_is_to_be_done(service, code, remedy):
    told = refusal(service, code, "", AT)

    assert isinstance(told, SendRefused)
    assert (told.service, told.code, told.remedy) == (service, code, remedy)
    assert (told.after is not None) == (remedy is Remedy.DELAY)


@pytest.mark.parametrize("code", ["InternalError.Timeout", "InternalError.SendAndRecvFail"])
def test_an_error_behind_which_the_message_may_have_gone_is_no_refusal(code):
    assert isinstance(refusal("tencent", code, "", AT), SendUnknown)


def test_a_delay_is_as_long_as_the_gateway_says():
    hour = refusal("aliyun", "isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5", AT + timedelta(minutes=20))
    assert (hour.remedy, hour.after) == (Remedy.DELAY, timedelta(minutes=40))
    day = refusal("tencent", "LimitExceeded.PhoneNumberDailyLimit", "", AT)
    assert day.after == timedelta(hours=14)  # until midnight in China


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1", Meaning.GOOD),
        ("1。", Meaning.GOOD),
        ("１满意", Meaning.GOOD),
        ("3 没解决", Meaning.BAD),
        ("不满意", Meaning.BAD),
        ("1天了还没来", Meaning.WORDS),
        ("12", Meaning.WORDS),
        (" ＴＤ ", Meaning.STOP),
        ("【退订】", Meaning.STOP),
        ("n", Meaning.WORDS),
        ("退订水费通知怎么弄", Meaning.WORDS),
        ("", Meaning.WORDS),
    ],
)
def test_what_a_reply_says(text, meaning):
    assert understand(text) is meaning
