"""`liaotianban user …` and `liaotianban audit …`, as an operator types them."""

import json

from sqlalchemy import create_engine, text

from service.settings import load_settings


def users(run, *options):
    return {user["username"]: user for user in json.loads(run("user", "list", "--json", *options).stdout)["users"]}


def test_accounts_are_kept_from_the_terminal(run):
    run("user", "add", "root", "--role", "administrator", "--name", "张管理")
    run("user", "add", "li", "--role", "agent", "--role", "curator")
    assert users(run)["li"]["roles"] == ["agent", "curator"]
    assert "root  张管理  系统管理员  还没改密码" in run("user", "list").stdout

    run("user", "roles", "li", "--role", "dispatcher")
    assert users(run)["li"]["roles"] == ["dispatcher"]
    assert (
        "不能同时是审计员" in run("user", "roles", "li", "--role", "auditor", "--role", "administrator", code=1).stderr
    )
    assert "最后一个系统管理员" in run("user", "roles", "root", "--role", "agent", code=1).stderr

    run("user", "disable", "li", "--reason", "离职")
    assert list(users(run)) == ["root"]
    assert users(run, "--all")["li"]["disabled_at"]
    assert "停用" in run("user", "list", "--all").stdout
    run("user", "enable", "li")
    assert len(run("user", "reset", "li").stdout.strip()) == 19
    assert "动态码已去掉" in run("user", "totp", "reset", "li").stderr
    assert "没有 nobody 这个账号" in run("user", "reset", "nobody", code=1).stderr
    assert "最后一个系统管理员" in run("user", "disable", "root", code=1).stderr

    lines = json.loads(run("audit", "list", "--about", "li", "--json").stdout)["lines"]
    assert [line["deed"] for line in lines] == [
        "second_factor_reset",
        "password_reset",
        "account_enabled",
        "account_disabled",
        "rights",
        "account_added",
    ]
    assert lines[3]["reason"] == "离职"
    assert "停用账号  li  离职" in run("audit", "list", "--deed", "account_disabled").stdout


def test_the_audit_is_verified_and_a_break_named_with_an_exit_code(run):
    for name in ("one", "two", "three"):
        run("user", "add", name, "--role", "agent")
    whole = json.loads(run("audit", "verify", "--json").stdout)
    noted = f"3:{whole['head']}"
    assert (whole["lines"], whole["broken"]) == (3, None)
    assert noted in run("audit", "verify").stdout
    run("audit", "verify", "--noted", noted)
    assert "第 3 行" in run("audit", "verify", "--noted", f"3:{'0' * 64}", code=1).stdout
    assert "要写成 行号:64 位校验值" in run("audit", "verify", "--noted", "3", code=1).stderr

    engine = create_engine(load_settings().sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_is_not_updated"))
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 2"))
    engine.dispose()
    assert "第 2 行：这一行或前一行被改过。之前的 1 行没有问题。" in run("audit", "verify", code=1).stdout
    assert json.loads(run("audit", "verify", "--json", code=1).stdout)["broken"]["line"] == 2
