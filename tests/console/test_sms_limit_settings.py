"""How many SMS a number gets is set in the console, and followed by whoever sends."""

import pytest

from channels.sms.limit_kind import SMS_LIMITS
from channels.sms.limits import EVERYWHERE, Limits, Past
from service.identity.roles import Role
from service.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/console/settings/sms-limits"


@pytest.fixture
async def anna(console):
    return await console.staff("anna", Role.ADMINISTRATOR)


def rows(*limits):
    names = ("what", "only", "most", "per")
    return {
        f"{name}-{place}": value
        for place, limit in enumerate(limits, 1)
        for name, value in zip(names, limit, strict=True)
    }


CODES = ("purpose", "code", "3", "24h")


async def test_limits_are_told_in_words_and_what_is_set_counts_at_once(console, anna, clock):
    page = await anna.get(PATH)
    assert page.has(
        "不管走哪个平台", "一个号码的验证码，任意 60 秒内最多 1 条", "任意 24 小时内最多 40 条", "阿里云", "没有接入"
    )
    limits = Limits.load(Settings())
    console.office.changeable.follow(SMS_LIMITS, limits.use)
    page = await anna.post(f"{PATH}/everywhere", **rows(CODES, ("number", "", "2", "day")), note="有人投诉", begins="")
    assert page.has("已保存", "一个号码的验证码，任意 24 小时内最多 3 条", "一个号码的短信，每天（零点起）最多 2 条")

    past = [Past("http", "ticket_submit", text, clock()) for text in ("a", "b")]
    assert limits.wait(past, "http", "ticket_submit", "c", clock()) is not None
    assert limits.wait(past[:1], "http", "ticket_submit", "c", clock()) is None
    history = await anna.get(f"/console/settings/history?kind={SMS_LIMITS}&part={EVERYWHERE}")
    assert history.has("anna", "有人投诉", "最多几条")


async def test_a_number_s_codes_are_never_without_a_limit(anna):
    page = await anna.post(f"{PATH}/everywhere", **rows(("number", "", "40", "24h")), note="放开", begins="")
    assert page.status == 422
    assert page.has("至少要有一条只管验证码的限额", "轰炸别人的手机")
    assert 'value="40"' in page.text


async def test_what_is_wrong_stands_beside_its_row_and_a_stale_form_overwrites_nobody(anna):
    page = await anna.post(f"{PATH}/aliyun", **rows(("number", "", "很多", "24h")), note="改", begins="", seen="0")
    assert page.status == 422
    assert 'id="most-1-error"' in page.text
    assert page.has("请写一个大于 0 的整数")
    await anna.post(f"{PATH}/aliyun", **rows(("number", "", "9", "day")), note="改", begins="", seen="0")
    page = await anna.post(f"{PATH}/aliyun", **rows(("number", "", "8", "day")), note="改", begins="", seen="0")
    assert page.has("别人刚刚改过这一项")


async def test_limits_wait_for_their_day_and_go_back_to_the_file_s(anna, console, clock):
    await anna.post(f"{PATH}/tencent", **rows(("number", "", "20", "day")), note="企业账号", begins="2026-12-01")
    assert (await anna.get(PATH)).has("已经排好的改动", "腾讯云", "2026-12-01 00:00 起")
    page = await anna.post(f"{PATH}/everywhere", **rows(CODES), note="改", begins="")
    page = await anna.post(f"{PATH}/everywhere", shipped="yes", note="用自带的", begins="")
    assert page.has("任意 24 小时内最多 40 条")
    assert (await anna.get(f"{PATH}/nobody")).status == 404
