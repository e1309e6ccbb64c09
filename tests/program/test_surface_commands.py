"""Units, keys, import and export from the command line."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from program.cli import app
from service.clock import china_date, now
from service.settings import load_settings

UNITS = "代码,名称,上级,在用,值班电话,接续单位\ncg,示例区城市管理局,,是,,\ncg-1,城管一中队,cg,否,010-123,cg\n"
TICKETS = "上级工单编号,诉求内容,联系电话\nSJ-1,路灯不亮,13800138000\nSJ-2,井盖松动,\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    def start(*arguments, code=0):
        monkeypatch.setenv("LTB_DATA_DIR", str(tmp_path / "var"))
        load_settings.cache_clear()
        done = CliRunner().invoke(app, [*map(str, arguments)])
        load_settings.cache_clear()
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, done.output
        return done

    return start


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_units_keys_and_accounts_are_kept(run, tmp_path):
    run("unit", "import", written(tmp_path / "units.csv", UNITS))
    run("unit", "export", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig") == UNITS
    assert "城管一中队  已停用" in run("unit", "list").stdout
    wrong = written(tmp_path / "wrong.csv", UNITS + "x,别的,没有,是,,\n")
    assert "不在单位名单里" in run("unit", "import", wrong, code=1).stderr

    run("user", "add", "li.hua", "--role", "unit_clerk", "--unit", "cg")
    assert "没有代码为 nobody 的单位" in run("user", "add", "x1", "--role", "agent", "--unit", "nobody", code=1).stderr

    options = ("--scope", "tickets:read", "--role", "unit_clerk", "--unit", "cg")
    key = run("api-key", "add", "city", *options, "--until", "2099-12-31").stdout.strip()
    assert key.startswith("ltb_")
    assert "已经有名称为 city" in run("api-key", "add", "city", *options, code=1).stderr
    assert "没有“all”这个范围" in run("api-key", "add", "x1", "--scope", "all", code=1).stderr
    assert "没有代码为 no" in run("api-key", "add", "x2", *options[:4], "--unit", "no", code=1).stderr
    run("api-key", "revoke", "city")
    assert "还在用的密钥" in run("api-key", "revoke", "city", code=1).stderr
    listed = run("api-key", "list", "--json").stdout
    assert key.split("_")[2] not in listed
    assert json.loads(listed)["keys"][0]["revoked_at"]
    assert json.loads(listed)["keys"][0]["expires_on"] == "2099-12-31"


def test_units_are_changed_now_and_on_a_day_to_come(run):
    run("unit", "set", "cg", "--name", "城管局", "--phone", "12319", "--reason", "新设")
    run("unit", "set", "zj", "--name", "住建局", "--reason", "新设")
    assert "请写明为什么改" in run("unit", "set", "cg", "--name", "市城管局", code=1).stderr
    run("unit", "retire", "zj", "--successor", "cg", "--reason", "并入", "--from", "2099-01-01", code=1)
    run(
        "unit",
        "set",
        "cg",
        "--name",
        "市城管局",
        "--reason",
        "改革",
        "--from",
        str(china_date(now()) + timedelta(days=30)),
    )
    history = run("unit", "history", "cg").stdout
    assert "安排 1" in history
    assert "新设" in history
    run("unit", "withdraw", "1")
    assert "已经生效或者撤回" in run("unit", "withdraw", "1", code=1).stderr
    run("unit", "retire", "zj", "--successor", "cg", "--reason", "并入")
    units = json.loads(run("unit", "list", "--json").stdout)["units"]
    assert [(unit["code"], unit["name"], unit["active"], unit["successor"]) for unit in units] == [
        ("cg", "城管局", True, None),
        ("zj", "住建局", False, "cg"),
    ]
    audit = run("audit", "list", "--json").stdout
    assert "并入" in audit
    assert "command line" in audit


def test_a_change_of_the_dispatch_list_is_taken_back(run, tmp_path):
    run("user", "add", "chen", "--role", "dispatcher")
    rules = written(tmp_path / "rules.csv", "编号,关键词,主办单位\n水-1,停水,水务局\n")
    run("dispatch", "import", rules, "--as", "chen", "--note", "新的职责")
    assert "新的职责" in run("dispatch", "history", "水-1").stdout
    assert "水-1  提到“停水” → 水务局" in run("dispatch", "list").stdout
    run("dispatch", "undo", "2", "--as", "chen", "--note", "写错了")
    assert "水-1" not in run("dispatch", "list").stdout
    assert "没有这次改动" in run("dispatch", "undo", "9", "--as", "chen", code=1).stderr


def test_tickets_are_taken_over_and_given_out(run, tmp_path):
    file = written(tmp_path / "upper.csv", TICKETS)
    run("user", "add", "agent1", "--role", "agent")
    assert "新的 2 张" in run("ticket", "import", file).stderr
    assert "--as" in run("ticket", "import", file, "--apply", code=1).stderr
    applied = json.loads(run("ticket", "import", file, "--apply", "--as", "agent1", "--json").stdout)
    assert (applied["new"], applied["applied"]) == (2, True)
    assert "已经有的 2 张" in run("ticket", "import", file, "--apply", "--as", "agent1").stderr
    wrong = written(tmp_path / "wrong.csv", TICKETS + "SJ-3,,\n")
    assert "第 4 行：诉求内容是空的" in run("ticket", "import", wrong, "--apply", "--as", "agent1", code=1).stderr

    out = tmp_path / "out.csv"
    assert json.loads(run("ticket", "export", out, "--as", "agent1", "--json").stdout) == {"exported": 2}
    assert "138****8000" in out.read_text(encoding="utf-8-sig")
    refused = run("ticket", "export", out, "--as", "agent1", "--personal", "--reason", "看看", code=1)
    assert "只有督办员" in refused.stderr
    assert "没有 nobody 这个账号" in run("ticket", "export", out, "--as", "nobody", code=1).stderr


def test_the_doctor_names_categories_that_cannot_be(run, tmp_path):
    (tmp_path / "var").mkdir()
    written(tmp_path / "var" / "categories.yml", "旅游: []\n")

    assert "诉求分类：大类“旅游”下面至少要有一个小类" in run("doctor", code=1).stdout
