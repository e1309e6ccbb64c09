"""The pages on which administrators keep the keys of other systems."""

import pytest
from hotline import UNITS

from service.audit import Deed, recorded_of
from service.identity.api_keys import every, key_of
from service.identity.roles import Role
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WANTED = {"name": "grid", "scopes": ["tickets:read"], "roles": ["unit_clerk"], "units": ["cg"], "note": "网格系统"}


@pytest.fixture
async def root(console, clock):
    await console.office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.staff("root", Role.ADMINISTRATOR)


def shown_key(page):
    return page.text.split('class="key"')[1].split('value="')[1].split('"')[0]


async def test_a_key_is_shown_once_and_recorded_with_who_and_why(console, root, clock):
    page = await root.post("/console/settings/api-keys/new", **WANTED, expires_on="2026-12-31")
    assert page.has("只显示这一次")
    key = shown_key(page)
    listed = await root.get("/console/settings/api-keys")
    assert listed.has("grid", "看工单", "单位经办人", UNITS[0].name, "还没用过", "用到 2026-12-31")
    assert key not in listed.text

    known = await console.office.database.read(key_of(key, clock()))
    assert known.actor.units == {"cg"}
    (line,) = await console.office.database.read(recorded_of("grid"))
    assert (line.deed, line.actor, line.reason) == (Deed.KEY_ADDED, "root", "网格系统")
    assert line.details["expires_on"] == "2026-12-31"


async def test_a_key_counts_through_its_last_day_and_no_longer(console, root, clock):
    key = shown_key(await root.post("/console/settings/api-keys/new", **WANTED, expires_on="2026-11-21"))
    clock.forward(hours=13, minutes=59)  # 23:59 of that day in China
    assert await console.office.database.read(key_of(key, clock())) is not None
    root = await console.signed_in("root")
    assert (await root.get("/console/settings/api-keys")).has("2026-11-21 到期")
    clock.forward(minutes=1)
    assert await console.office.database.read(key_of(key, clock())) is None
    root = await console.signed_in("root")
    assert (await root.get("/console/settings/api-keys")).has("已到期")


async def test_a_key_is_revoked_with_a_reason(console, root, clock):
    key = shown_key(await root.post("/console/settings/api-keys/new", **WANTED))
    page = await root.post("/console/settings/api-keys/grid/revoke", note="系统下线")
    assert page.has("密钥 grid 已停用", "已停用")
    assert await console.office.database.read(key_of(key, clock())) is None
    assert [line.reason for line in await console.office.database.read(recorded_of("grid"))] == ["网格系统", "系统下线"]
    assert (await root.post("/console/settings/api-keys/grid/revoke")).has("已经停用")


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"name": "网格"}, "name", "只能用小写字母"),
        ({"scopes": []}, "scopes", "可以做什么"),
        ({"roles": []}, "units", "要和单位经办人"),
        ({"roles": ["unit_clerk", "agent"]}, "roles", "分成两个密钥"),
        ({"units": []}, "units", "要和单位经办人"),
        ({"roles": ["administrator"], "units": []}, "roles", "以什么身份做事"),
        ({"expires_on": "2026-11-20"}, "expires_on", "已经过去了"),
        ({"expires_on": "明年"}, "expires_on", "日期要写成"),
        ({"note": ""}, "note", "请写明为什么改"),
    ],
)
async def test_what_gives_more_than_it_says_is_refused_beside_the_field(console, root, fields, field, complaint):
    page = await root.post("/console/settings/api-keys/new", **(WANTED | fields))
    assert page.status == 422
    assert f'id="{field}-error"' in page.text
    assert page.has("还没有保存", complaint)
    assert await console.office.database.read(every) == []
