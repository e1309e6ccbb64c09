"""What administrators do with accounts, and what nobody may."""

import pytest
from hotline import UNITS

from service.audit import Deed, Search, found, recorded_of
from service.identity.accounts import COMMAND_LINE, change_rights_within, disable_within
from service.identity.api_keys import NewKey, Scope, add_within, revoke_within
from service.identity.roles import Role
from service.identity.staff import AccountRefused
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def root(console, clock):
    await console.office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.staff("root", Role.ADMINISTRATOR)


async def done_with(console, username):
    return [(done.deed, done.actor) for done in await console.office.database.read(recorded_of(username))]


async def test_an_account_is_made_and_its_one_time_password_shown_once(console, root):
    page = await root.post("/console/accounts/new", username="Li.Hua", name="李华", roles=["unit_clerk"], units=["cg"])
    assert page.has("一次性密码", "只显示这一次", "li.hua")
    password = page.text.split('class="codes">')[1].split("<")[0]
    assert (await root.get("/console/accounts/li.hua")).has("账号：李华", "一次性密码，还没改")
    assert password not in (await root.get("/console/accounts/li.hua")).text

    visitor = console.stranger()
    await visitor.get("/console/sign-in")
    assert (await visitor.post("/console/sign-in", username="li.hua", password=password)).url == "/console/me/password"
    assert await done_with(console, "li.hua") == [(Deed.ACCOUNT_ADDED, "root"), (Deed.SIGN_IN, "li.hua")]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"username": "李华"}, "用户名只能用"),
        ({"username": "root"}, "已经有人用了"),
        ({"username": "new"}, "留给系统用了"),
        ({"name": ""}, "请写同事怎么称呼"),
        ({"roles": []}, "至少要选一个角色"),
        ({"roles": ["king"]}, "至少要选一个角色"),
        ({"roles": ["unit_clerk"]}, "要写明是哪个单位"),
        ({"roles": ["unit_clerk"], "units": ["nobody"]}, "要写明是哪个单位"),
        ({"roles": ["administrator", "auditor"]}, "不能同时是审计员"),
    ],
)
async def test_what_is_wrong_with_an_account_is_said_and_nothing_typed_is_lost(root, fields, complaint):
    page = await root.post("/console/accounts/new", **{"username": "li", "name": "李", "roles": ["agent"]} | fields)
    assert page.status == 422
    assert page.has("还没有保存", complaint)
    assert f'value="{fields.get("name", "李")}"' in page.text


async def test_roles_and_units_are_changed_and_recorded_with_what_they_were(console, root):
    await console.account("li", Role.AGENT)
    page = await root.post("/console/accounts/li", name="李", roles=["unit_head", "unit_clerk"], units=["zj"])
    assert page.has("已保存")

    (line,) = await console.office.database.read(found(Search(deed=Deed.RIGHTS), 5))
    assert (line.done.actor, line.done.subject) == ("root", "li")
    assert line.done.details == {
        "before": ["agent"],
        "after": ["unit_clerk", "unit_head", "zj"],
        "called": ["li", "李"],
    }
    page = await root.get("/console/accounts/li")
    assert page.has("改动记录", "root", "原来 话务员", "现在 单位经办人、单位负责人、zj")


async def test_a_name_alone_is_changed_without_signing_anybody_out(console, root):
    visitor = await console.staff("li", Role.AGENT)
    await root.post("/console/accounts/li", name="李华", roles=["agent"])
    assert (await visitor.get("/console/me")).has("李华")
    (line,) = await console.office.database.read(found(Search(deed=Deed.RIGHTS), 5))
    assert line.done.details == {"called": ["li", "李华"]}


async def test_nobody_changes_their_own_rights(console, root):
    await console.account("other", Role.ADMINISTRATOR)
    assert (await root.post("/console/accounts/root", name="我", roles=["agent"])).has("要由别的系统管理员来改")
    for deed, said in (
        ("disable", "不能停用自己的账号"),
        ("password", "在“我的账号”里改"),
        ("second-factor", "要由别的系统管理员重置"),
    ):
        page = await root.post(f"/console/accounts/root/{deed}")
        assert page.status == 409
        assert page.has(said)
    assert (await root.post("/console/accounts/root", name="张", roles=["administrator"])).has("已保存")


async def test_the_keys_of_who_leaves_are_named(console, root, clock):
    leaver = await console.staff("laid-off", Role.ADMINISTRATOR)
    for name in ("back-door", "portal"):
        key = NewKey(name, frozenset({Scope.HOTLINE_ASK}))
        await console.office.database.write(lambda c, key=key: add_within(c, key, clock(), "laid-off"))
    await console.office.database.write(lambda c: revoke_within(c, "portal", clock(), "root"))

    page = await root.post("/console/accounts/laid-off/disable", reason="离职")
    assert page.has("laid-off 已停用", "还能用：back-door。")
    assert (await leaver.get("/console/")).url.startswith("/console/sign-in")
    await console.account("honest", Role.AGENT)
    assert not (await root.post("/console/accounts/honest/disable")).has("还能用")


async def test_the_last_administrator_stays(console, root):
    other = await console.staff("other", Role.ADMINISTRATOR)
    await root.post("/console/accounts/other/disable")
    assert (await other.get("/console/")).url.startswith("/console/sign-in")
    await root.post("/console/accounts/other/enable")
    other = await console.signed_in("other")

    assert (await other.post("/console/accounts/root", name="张", roles=["agent"])).has("已保存")
    at = console.office.clock()

    def demote(connection):
        change_rights_within(connection, COMMAND_LINE, "other", at, name="o", roles=[Role.AGENT], units=[])

    for deed in (demote, lambda connection: disable_within(connection, COMMAND_LINE, "other", at)):
        with pytest.raises(AccountRefused, match="最后一个系统管理员"):
            await console.office.database.write(deed)


async def test_a_password_that_is_reset_ends_sessions_and_the_pause(console, root, clock):
    visitor = await console.staff("li", Role.AGENT)
    for _ in range(6):
        await visitor.get("/console/sign-in")
        guesser = console.stranger()
        await guesser.get("/console/sign-in")
        await guesser.post("/console/sign-in", username="li", password="wrong")

    page = await root.post("/console/accounts/li/password")
    password = page.text.split('class="codes">')[1].split("<")[0]
    assert (await visitor.get("/console/")).url.startswith("/console/sign-in")
    assert (await guesser.post("/console/sign-in", username="li", password=password)).url == "/console/me/password"


async def test_a_second_factor_that_is_reset_is_due_at_once(console, root, clock):
    visitor = await console.staff("li", Role.REVIEWER, second_factor=b"sealed", second_factor_at=clock())
    await root.post("/console/accounts/li/second-factor")
    visitor = await console.signed_in("li")
    assert (await visitor.get("/console/")).url == "/console/me/second-factor"
    assert (Deed.SECOND_FACTOR_RESET, "root") in await done_with(console, "li")


async def test_accounts_are_listed_filtered_and_paged(console, root):
    for number in range(60):
        await console.account(f"agent-{number:02}", Role.AGENT, name=f"话务 {number}")
    await console.account("gone", Role.CURATOR, disabled_at=console.office.clock())

    page = await root.get("/console/accounts")
    assert page.has("账号", "61 个")
    assert page.text.count("/console/accounts/agent-") == 50
    page = await root.get("/console/accounts?after=agent-49")
    assert page.text.count("/console/accounts/agent-") == 10
    assert not (await root.get("/console/accounts")).has("gone")
    assert (await root.get("/console/accounts?state=disabled")).has("1 个", "gone", "已停用")
    assert (await root.get("/console/accounts?q=话务 7")).has("1 个")
    assert (await root.get("/console/accounts?role=administrator")).has("1 个")
    assert (await root.get("/console/accounts?q=nobody")).has("没有这样的账号")
    assert (await root.get("/console/accounts/nobody")).status == 404
    assert (await root.get("/console/search?q=话务 7")).has("账号", "话务 7", "agent-07")
    assert (await root.get("/console/search?q=审计")).has("没有找到")
