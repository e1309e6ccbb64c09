"""`liaotianban ticket …` and `report …`, as staff type them, in one process."""

import asyncio
import json

import pytest
from hotline import DRAFT

from service.encryption import open_keyring
from service.migrate import upgrade
from service.settings import load_settings
from service.storage import Database
from tickets.desk import TicketDesk
from tickets.units import Unit, put_within


@pytest.fixture
def number(run):
    """A ticket that was just registered, and the people of a hotline."""
    for name, role in (("dispatcher", "dispatcher"), ("agent", "agent")):
        run("user", "add", name, "--role", role)

    async def register():
        chosen = load_settings()
        keyring = open_keyring(chosen.secret_key, chosen.data_dir)
        database = Database(chosen.sqlalchemy_url)
        await upgrade(database)
        desk = TicketDesk.open(database, keyring)
        units = [Unit("cg", "示例区城市管理局"), Unit("sw", "示例区水务局")]
        await database.write(lambda connection: put_within(connection, units, desk.lifecycle.clock()))
        ticket = await desk.submit(DRAFT)
        await database.close()
        return ticket.number

    found = asyncio.run(register())
    run("user", "add", "clerk", "--role", "unit_clerk", "--unit", "cg")
    run("user", "add", "other", "--role", "unit_clerk", "--unit", "sw")
    return found


def test_a_ticket_lives_its_whole_life_at_the_terminal(run, number):
    offered = run("ticket", "moves", number, "--as", "dispatcher").stdout
    assert "dispatch  派单  要给 --unit（单位）  会告诉诉求人" in offered

    for who, verb, *given in (
        ("dispatcher", "dispatch", "--unit", "cg"),
        ("clerk", "accept"),
        ("clerk", "reply", "--text", "3号楼电梯的门机已于今天上午更换，试运行正常，请您再试用一下。"),
        ("agent", "approve"),
        ("agent", "resolve", "--solved", "--satisfaction", "5"),
    ):
        run("ticket", "move", number, verb, "--as", who, *given)

    told = run("ticket", "show", number, "--as", "agent").stdout
    assert "已办结" in told
    assert "王*" in told
    assert "13800138000" not in told
    assert json.loads(run("ticket", "show", number, "--as", "agent", "--json").stdout)["ticket"]["state"] == "resolved"


def test_a_list_shows_what_is_to_be_done(run, number):
    assert number in run("ticket", "list", "to_dispatch", "--as", "dispatcher").stdout
    assert json.loads(run("ticket", "list", "to_accept", "--as", "dispatcher", "--json").stdout)["tickets"] == []
    assert "待派单" in run("ticket", "list", "--as", "dispatcher").stdout
    assert "to_call" in run("ticket", "list", "what", "--as", "dispatcher", code=1).stdout


def test_a_unit_does_not_see_the_tickets_of_others(run, number):
    run("ticket", "move", number, "dispatch", "--as", "dispatcher", "--unit", "cg")

    assert "不是您单位的" in run("ticket", "show", number, "--as", "other", code=1).stderr
    assert number not in run("ticket", "list", "all", "--as", "other").stdout


def test_a_unit_that_assists_finds_the_ticket_in_a_list_of_its_own(run, number):
    run("ticket", "move", number, "dispatch", "--as", "dispatcher", "--unit", "cg", "--units", "sw")

    assert number in run("ticket", "list", "assisting", "--as", "other").stdout
    assert number not in run("ticket", "list", "assisting", "--as", "clerk").stdout
    assert "不属于任何单位" in run("ticket", "list", "assisting", "--as", "agent", code=1).stderr


def test_what_happened_is_told_with_the_units_it_concerned(run, number):
    run("ticket", "move", number, "dispatch", "--as", "dispatcher", "--unit", "cg", "--units", "sw")

    told = run("ticket", "show", number, "--as", "dispatcher").stdout
    assert "登记  诉求人" in told
    assert "派单（单位 cg，协办 sw）  dispatcher" in told


def test_a_category_that_is_not_on_the_list_is_refused_with_those_that_are(run, number):
    classify = ("ticket", "move", number, "classify", "--as", "dispatcher", "--category")

    assert "供水/停水" in run(*classify, "供水/没水", code=1).stderr
    run(*classify, "供水/停水")
    assert "修改分类（类别改为 供水/停水）" in run("ticket", "show", number, "--as", "dispatcher").stdout


def test_staff_see_what_is_new_until_it_is_read(run, number):
    run("ticket", "move", number, "dispatch", "--as", "dispatcher", "--unit", "cg")

    assert f"派单  {number}" in run("inbox", "--as", "clerk").stdout
    assert json.loads(run("inbox", "--as", "clerk", "--read", "--json").stdout)["unread"][0]["kind"] == "dispatch"
    assert "没有没看的消息" in run("inbox", "--as", "clerk").stderr
    assert "没有 nobody 这个账号" in run("inbox", "--as", "nobody", code=1).stderr


def test_only_what_may_be_confirmed_is_offered_to_be(run, number):
    run("ticket", "move", number, "dispatch", "--as", "dispatcher", "--unit", "cg")
    run("ticket", "move", number, "accept", "--as", "clerk")

    assert "--confirm" not in run("ticket", "move", number, "reply", "--as", "clerk", "--text", "已处理", code=1).stderr


def test_an_account_that_could_do_nothing_or_pass_for_another_is_not_made(run):
    assert "要写明是哪个单位" in run("user", "add", "clerk", "--role", "unit_clerk", code=1).stderr
    assert "留给系统用了" in run("user", "add", "citizen", "--role", "agent", code=1).stderr


def test_a_refused_move_says_what_to_do(run, number):
    assert "请选择单位" in run("ticket", "move", number, "dispatch", "--as", "dispatcher", code=1).stderr
    assert "由派单员来做" in run("ticket", "move", number, "dispatch", "--as", "agent", "--unit", "cg", code=1).stderr
    assert "可以写：" in run("ticket", "move", number, "finish", "--as", "agent", code=1).stderr


def test_a_report_shows_few_cases_as_such(run, number):
    run(
        "ticket",
        "move",
        number,
        "answer",
        "--as",
        "agent",
        "--text",
        "换房产证要身份证和原证，到政务大厅二楼办。",
        "--confirm",
        "too_short",
    )
    today = (
        json.loads(run("ticket", "show", number, "--as", "agent", "--json").stdout)["ticket"]["created_at"][:8] + "01"
    )

    told = run("report", "month", "--from", today, "--definitions").stdout
    assert "在线办结率" in told
    assert "1/1" in told
    assert "100" not in told.split("不到")[0]
    rates = json.loads(run("report", "month", "--from", today, "--by", "kind", "--json").stdout)["rates"]
    direct = next(row for row in rates if row["name"] == "direct")
    assert (direct["hits"], direct["cases"], direct["rate"], direct["group_label"]) == (1, 1, None, "投诉")
    assert run("report", "week", "--csv").stdout.startswith("指标,分子,分母")
    assert "转人工：没有人要过人工" in told
    assert json.loads(run("report", "month", "--json").stdout)["handover"]["asked"] == 0


def test_a_city_defines_its_own_rates(run, tmp_path):
    own = tmp_path / "var" / "indicators.yml"
    own.parent.mkdir()
    own.write_text("indicators:\n  - name: x\n    label: 甲\n    below: [closd]\n    above: [direct]\n", "utf-8")

    assert "指标“甲”（第 2 行）：“below”里的“closd”不认识" in run("report", "month", code=1).stderr
