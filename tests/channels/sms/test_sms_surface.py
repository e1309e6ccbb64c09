"""What operators see of SMS: commands, doctor, the simulator; and what is forgotten."""

import json
import shlex
import subprocess
import sys
from datetime import timedelta

import pytest
from sms_world import ON_SQLITE, SECRET, unmatched
from sqlalchemy import select

from channels.sms.checkup import examine_sms
from channels.sms.forgetting import forget_within
from channels.sms.tables import messages, replies
from program.commands.exported import exported
from program.commands.simulate_sms import Approved, simulated_settings
from service.settings import Settings


@pytest.fixture
def console(monkeypatch):
    monkeypatch.setenv("LTB_SMS_GATEWAYS", '["console"]')
    monkeypatch.setenv("LTB_PUBLIC_URL", "https://12345.example.gov.cn")


async def findings(sms, **changes):
    found = await examine_sms(sms.settings.model_copy(update=changes), sms.carrier.clock)
    return [(each.subject, each.fine, each.message) for each in found]


@pytest.mark.usefixtures("console")
def test_a_message_can_be_tried_and_is_listed_without_its_number(run):
    assert "已接收" in run("sms", "send", "--to", "13800138000", "--purpose", "ticket_submit").output

    listed = run("sms", "list").output
    assert "138****8000" in listed
    assert "ticket_submit" in listed
    assert "已提交" in listed
    [row] = json.loads(run("sms", "list", "--json").stdout)["messages"]
    assert (row["state"], row["parts"], row["cost_fen"]) == ("submitted", 1, 0.0)
    assert "13800138000" not in json.dumps(row)


@pytest.mark.usefixtures("console")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--to", "010-12345678", "--purpose", "code"), "手机号"),
        (("--to", "13800138000", "--purpose", "nothing"), "没有 nothing"),
        (("--to", "13800138000", "--purpose", "code", "--value", "x"), "名字=内容"),
    ],
)
def test_what_cannot_be_sent_says_why(run, arguments, complaint):
    assert complaint in run("sms", "send", *arguments, code=1).output


@pytest.mark.usefixtures("console")
def test_templates_are_shown_as_each_cloud_wants_them(run):
    shown = run("sms", "templates").output
    assert "您的诉求登记好了，编号${number}。" in shown
    assert "您的诉求登记好了，编号{1}。" in shown
    rows = json.loads(run("sms", "templates", "--json").stdout)["templates"]
    assert {row["key"] for row in rows} >= {"code", "code_brief", "ticket_approve", "ticket_call_back_brief"}


def test_numbers_can_be_stopped_and_resumed(run):
    assert "已退订" in run("sms", "stop", "add", "13800138000").output
    assert "138****8000" in run("sms", "stop", "list").output
    assert "已恢复" in run("sms", "stop", "remove", "13800138000").output
    assert "没有退订" in run("sms", "stop", "remove", "13800138000").output


def test_without_settings_doctor_says_that_it_is_off(run):
    assert "短信：没有设置" in run("doctor", code=1).output


@ON_SQLITE
async def test_doctor_asks_the_gateways_and_finds_all_well(sms):
    told = await findings(sms, sms_gateways=("aliyun",))

    assert told[0] == ("短信 aliyun", True, "能用，签名【聊天办】。")
    assert SECRET not in repr(told)


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sms_aliyun_key_secret": "wrong"}, "LTB_SMS_ALIYUN_KEY_SECRET"),
        ({"sms_aliyun_key_id": "wrong"}, "LTB_SMS_ALIYUN_KEY_ID"),
        ({"sms_aliyun_sign": "别家"}, "签名"),
        ({"sms_aliyun_templates": {}}, "没有模板编号"),
        ({"sms_aliyun_url": "http://127.0.0.1:1"}, "连不上短信平台"),
        ({"sms_aliyun_key_id": ""}, "请补上：LTB_SMS_ALIYUN_KEY_ID"),
        ({"sms_gateways": ("tencent",), "sms_tencent_key_secret": "wrong"}, "LTB_SMS_TENCENT_KEY_SECRET"),
        ({"sms_gateways": ("tencent",), "sms_tencent_sign": "别家"}, "签名【别家】"),
        ({"sms_gateways": ("http",)}, "sms_http"),
    ],
)
async def test_doctor_says_in_plain_words_what_is_wrong(sms, changes, complaint):
    told = await findings(sms, **changes)

    assert not told[0][1]
    assert complaint in told[0][2]


@ON_SQLITE
async def test_doctor_sees_a_template_that_is_not_our_text(sms):
    swapped = dict(sms.settings.sms_aliyun_templates)
    swapped["ticket_submit"], swapped["ticket_resume"] = swapped["ticket_resume"], swapped["ticket_submit"]

    told = await findings(sms, sms_aliyun_templates=swapped)

    assert "不一样" in told[0][2]


async def test_numbers_and_texts_are_forgotten_before_states_and_costs(sms, database, clock):
    await sms.desk.send(sms.order())
    await sms.reply("你好")

    async def forget(**passed):
        clock.forward(**passed)
        work = lambda connection: forget_within(connection, clock(), timedelta(days=155), timedelta(days=1096))  # noqa: E731
        await database.write(work)
        return await database.read(lambda connection: connection.execute(select(messages)).all())

    assert (await forget(days=154))[0].phone is not None
    [row] = await forget(days=2)
    assert (row.phone, row.phone_hash, row.text, row.cost_fen) == (None, None, None, 4.5)
    assert await database.read(lambda connection: connection.execute(select(replies)).all()) == []
    assert await forget(days=1000) == []


def test_what_the_simulator_prints_can_be_pasted_in_any_order_and_twice(tmp_path, sms_settings):
    from channels.sms.templates import Texts
    from simulators.sms.account import Account

    approved = Approved.of(Texts.load(Settings(**sms_settings)))
    lines = exported(simulated_settings(Account(), SECRET, 8091, approved)).splitlines()
    read = "from service.settings import Settings; print(Settings().model_dump_json(include={names}))"
    names = {"sms_gateways", "sms_aliyun_url", "sms_callback_secret", "sms_quiet_from", "sms_tencent_templates"}

    pasted = [*reversed(lines), *lines, f"{shlex.quote(sys.executable)} -c {shlex.quote(read.format(names=names))}"]
    shell = subprocess.run(["bash"], input="\n".join(pasted), text=True, capture_output=True, check=True)

    assert json.loads(shell.stdout) == {
        "sms_gateways": ["aliyun", "tencent"],
        "sms_aliyun_url": "http://127.0.0.1:8091/aliyun",
        "sms_callback_secret": SECRET,
        "sms_quiet_from": "00:00:00",
        "sms_tencent_templates": dict(approved.tencent),
    }


@ON_SQLITE
async def test_the_phones_are_a_page_from_which_one_can_answer(sms):
    await sms.desk.send(sms.order())
    base = sms.settings.sms_aliyun_url.removesuffix("/aliyun")
    session = sms.simulated.pusher.session

    async with session.get(base) as response:
        page = await response.text()
    assert "您的诉求登记好了" in page
    async with session.post(
        f"{base}/reply", data={"gateway": "aliyun", "phone": "13800138000", "text": "退订"}
    ) as response:
        assert response.status == 200
    assert [each.phone for each in await unmatched(sms)] == []
    kept = await sms.desk.database.read(lambda connection: connection.execute(select(replies)).all())
    assert len(kept) == 1
