"""The pages on which the dispatch list is kept and tried."""

from datetime import date

import pytest
from hotline import UNITS

from service.audit import Deed, Search, found
from service.identity.roles import Actor, Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.units import put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
CG, ZJ, SW = (unit.name for unit in UNITS)
FILES = "/console/settings/dispatch-files"
WANTED = {
    "key": "水-1",
    "keywords": "停水|没水",
    "lead": SW,
    "assisting": CG,
    "note": "供水职责",
    "was": "",
    "begins": "",
}


@pytest.fixture
async def chief(console, clock):
    await console.office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.staff("chief", Role.DISPATCHER)


@pytest.fixture
def store(console):
    return RuleStore(console.office.database, console.office.clock)


async def rules(store):
    return {rule.key: rule for rule in await store.all()}


async def test_a_rule_is_added_tried_and_recorded(console, chief, store):
    page = await chief.post("/console/settings/dispatch-rule", **WANTED)
    assert page.has("“水-1”已保存", "提到“停水或没水”", SW, f"协办 {CG}")
    assert await rules(store) == {"水-1": Rule("水-1", SW, (CG,), keywords=("停水|没水",))}
    (line,) = await console.office.database.read(found(Search(deed=Deed.SETTINGS), 5))
    assert (line.done.actor, line.done.reason) == ("chief", "供水职责")

    await store.put(ROOT, Rule("水-2", ZJ, keywords=("没水", "高层")), reason="二次供水")
    page = await chief.post("/console/settings/dispatch", text="高层楼里没水两天了")
    assert page.has(f"直接派给 {ZJ}", "派单目录 水-2", "条件对得上的还有", "水-1", "只看以前的工单", "还没有学过")
    page = await chief.post("/console/settings/dispatch", text="路灯不亮")
    assert page.has("说不准，请派单员来派", "还没有历史工单可以参考")


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"key": ""}, "key", "请写编号"),
        ({"key": "旧"}, "key", "已经用了"),
        ({"keywords": ""}, "keywords", "至少要写一样"),
        ({"lead": "水务局"}, "lead", "单位名单里没有“水务局”"),
        ({"assisting": f"{CG}、某局"}, "assisting", "单位名单里没有“某局”"),
        ({"assisting": SW}, "assisting", "已经是主办"),
        ({"category": "水//费"}, "category", "中间不要空"),
        ({"expires_on": "明天"}, "expires_on", "日期要写成"),
        ({"decided_by": "市热线中心"}, "decided_by", "日期要一起写"),
        ({"keywords": "路灯"}, "keywords", "条件一样"),
        ({"note": ""}, "note", "请写明为什么改"),
    ],
)
async def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    chief, store, fields, field, complaint
):
    await store.put(ROOT, Rule("旧", CG, keywords=("路灯",)), reason="开始")
    page = await chief.post("/console/settings/dispatch-rule", **(WANTED | fields))
    assert page.status == 422
    assert f'id="{field}-error"' in page.text
    assert page.has("还没有保存", complaint)
    assert (fields.get("lead") or SW) in page.text
    assert list(await rules(store)) == ["旧"]


async def test_from_a_day_on_the_new_rule_counts_and_until_then_the_old(console, chief, store, clock):
    await chief.post("/console/settings/dispatch-rule", **WANTED)
    changed = WANTED | {"was": "水-1", "lead": ZJ, "assisting": "", "begins": "2026-12-01", "note": "职责调整"}
    page = await chief.post("/console/settings/dispatch-rule", **changed, seen=str(await store.revision()))
    assert page.has("“水-1-20261201”已安排，2026-12-01 起按它派")
    kept = await rules(store)
    assert kept["水-1"].expires_on == date(2026, 11, 30)
    assert (kept["水-1-20261201"].lead, kept["水-1-20261201"].effective_from) == (ZJ, date(2026, 12, 1))
    assert (await chief.get("/console/settings/dispatch?state=later")).has("1 条", "水-1-20261201", "2026-12-01 起")
    page = await chief.get("/console/settings/dispatch/history")
    assert page.has("修改（2 条）", "职责调整", "撤销这次改动")
    page = await chief.post(f"/console/settings/dispatch/{await store.revision()}/undo")
    assert page.has("已撤销")
    assert (await rules(store))["水-1"].expires_on is None
    assert len(await rules(store)) == 1


async def test_nobody_overwrites_another_s_rule(chief, store):
    await store.put(ROOT, Rule("1", CG, keywords=("路灯",)), reason="开始")
    seen = str(await store.revision())
    await store.put(ROOT, Rule("1", ZJ, keywords=("路灯",)), reason="改")
    typed = {"key": "1", "was": "1", "keywords": "路灯", "lead": SW, "note": "我也改"}
    page = await chief.post("/console/settings/dispatch-rule", **typed, seen=seen)
    assert page.status == 422
    assert page.has("别人刚刚改过这一条")
    assert (await chief.post(f"/console/settings/dispatch/{seen}/undo")).has("“1”后来又改过")


async def test_a_rule_that_is_retired_stays_to_be_read(chief, store):
    await store.put(ROOT, Rule("1", CG, keywords=("路灯",)), reason="开始")
    page = await chief.post("/console/settings/dispatch-rule/retire", was="1", key="1", note="不归他们了")
    assert page.has("“1”2026-11-21 起不用了")
    assert (await rules(store))["1"].expires_on == date(2026, 11, 20)
    assert not (await chief.get("/console/settings/dispatch")).has("路灯")
    assert (await chief.get("/console/settings/dispatch?state=past")).has("1 条", "路灯", "2026-11-20 已失效")


async def test_the_list_is_filtered_and_tells_of_units_that_are_gone(chief, store):
    listed = [Rule(f"{number:03}", CG, keywords=(f"词{number}",)) for number in range(60)]
    listed += [Rule("x", "自来水公司", category="供水/停水"), Rule("y", ZJ, category="供水")]
    await store.put(ROOT, *listed, reason="开始")
    page = await chief.get("/console/settings/dispatch")
    assert page.has("62 条", "有 1 条在用的规则，写的单位不在名单里", "x", "下一页")
    assert (await chief.get("/console/settings/dispatch?after=049")).has("词50", "不在名单里")
    assert (await chief.get("/console/settings/dispatch?category=供水")).has("2 条")
    assert (await chief.get("/console/settings/dispatch?category=供水/停水")).has("1 条", "自来水公司")
    assert (await chief.get(f"/console/settings/dispatch?unit={ZJ}")).has("1 条")
    assert (await chief.get("/console/settings/dispatch?q=词59")).has("1 条", "059")
    assert (await chief.get("/console/settings/dispatch?q=没有")).has("没有这样的规则")


async def test_a_file_is_looked_at_before_it_takes_the_list_s_place(chief, store):
    await store.put(ROOT, Rule("1", CG, keywords=("路灯",)), Rule("2", ZJ, keywords=("电梯",)), reason="开始")
    page = await chief.ended(
        await chief.send(FILES, "派单目录.csv", f"编号,关键词,主办单位\n1,路灯,{ZJ}\n3,停水,{SW}\n".encode())
    )
    preview = page.text.split('class="button primary" href="')[1].split('"')[0]
    page = await chief.get(preview)
    assert page.has("文件里有 2 条：新增 1 条，改动 1 条，删掉 1 条", "2", "删掉", "1", "改动", "3", "新增")
    assert (await chief.post(preview, note="")).has("请写明为什么改")
    page = await chief.ended(await chief.post(preview, note="新的职责"))
    assert page.has("派单目录换好了，共 2 条")
    assert {key: rule.lead for key, rule in (await rules(store)).items()} == {"1": ZJ, "3": SW}
    assert "3,,,,停水" in (await chief.post("/console/settings/dispatch-files/export", kind="csv")).text
    page = await chief.ended(await chief.send(FILES, "派单目录.csv", f"编号,主办单位\n1,{ZJ}\n".encode()))
    assert page.has("至少要写一样", "什么都没有导入")
