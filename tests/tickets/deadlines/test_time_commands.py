"""`liaotianban time …`, as staff type it, in one process."""

import json


def test_time_is_set_tried_and_looked_up_from_the_command_line(run, tmp_path):
    run("user", "add", "wang.fang", "--role", "supervisor")
    run("user", "add", "li.hua", "--role", "agent")
    asked = ("time", "try", "--at", "2098-12-30 10:00")
    assert "2098年的放假安排还没有录入" in run(*asked).output
    assert json.loads(run("time", "try", "--at", "2026-11-20 10:00", "--json").stdout)["rule"] == "电话渠道"

    file = tmp_path / "rules.yml"
    file.write_text(run("time", "show", "rules").stdout.replace("promise: 5个工作日", "promise: 3个工作日"), "utf-8")
    change = ("time", "set", "rules", file, "--note", "市政办〔2026〕9号", "--from", "2098-01-01")
    assert "权限" in run(*change, "--as", "li.hua", code=1).output
    assert "没有 nobody 这个账号" in run(*change, "--as", "nobody", code=1).output
    assert "rules 第 2 版，从 2098-01-01 00:00 起用" in run(*change, "--as", "wang.fang").output
    assert json.loads(run(*asked, "--json").stdout)["terms"]["promise"] == "3个工作日"
    assert "市政办〔2026〕9号" in run("time", "history", "rules").stdout

    file.write_text("- {name: 电话, calendar: office}", "utf-8")
    assert "通用规则“电话”缺少：promise、dispatch" in run(*change, "--as", "wang.fang", code=1).output
    assert "没有“days-2098”这一项" in run("time", "show", "days-2098", code=1).output
    assert "只能推算 2000 到 2098 年" in run("time", "try", "--at", "1999-12-31 10:00", code=1).output
    assert "类型可以写" in run("time", "try", "--kind", "吐槽", code=1).output
