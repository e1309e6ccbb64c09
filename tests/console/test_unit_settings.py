"""The pages on which administrators keep the units."""

from dataclasses import replace

import pytest
from hotline import UNITS, Hotline

from service.audit import Deed, Search, found, recorded_of
from service.identity.roles import Actor, Role
from tickets.dispatch.rule_store import RuleStore
from tickets.dispatch.rules import Rule
from tickets.unit_changes import UnitList
from tickets.units import Unit, directory, put_within

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROOT = Actor("root", frozenset({Role.ADMINISTRATOR}))
CG, ZJ, SW = UNITS
FILES = "/console/settings/unit-files"


@pytest.fixture
async def root(console, clock):
    await console.office.database.write(lambda connection: put_within(connection, UNITS, clock()))
    return await console.staff("root", Role.ADMINISTRATOR)


@pytest.fixture
def units(console):
    return UnitList(console.office.database, console.office.clock)


async def named(console):
    return {unit.code: unit for unit in await console.office.database.read(directory)}


async def test_the_tree_shows_who_belongs_to_whom_and_is_searched(root, units):
    await units.put(ROOT, [Unit("cg-1", "城管一中队", "cg"), replace(SW, active=False)], reason="开始")
    page = await root.get("/console/settings/units")
    assert page.has("承办单位", "3 个", "示例区城市管理局", "城管一中队", "示例区住房和城乡建设局", "最近的改动")
    assert 'class="depth-1"><a href="/console/settings/units/cg-1"' in page.text
    assert not (await root.get("/console/settings/units?q=中队")).has("住房和城乡建设局", "最近的改动")
    assert (await root.get("/console/settings/units?state=retired")).has("1 个", "水务局", "已停用")
    assert (await root.get("/console/settings/units?q=没有的")).has("没有这样的单位")


async def test_a_unit_is_added_renamed_and_moved(console, root):
    page = await root.post(
        "/console/settings/new-unit", code="cg-1", name="城管一中队", parent="cg", phone="12319", note="新设"
    )
    assert page.has("已记下“城管一中队”")
    seen = "1"
    page = await root.post(
        "/console/settings/units/cg-1", name="城管一大队", parent="zj", phone="12319", note="改革", begins="", seen=seen
    )
    assert page.has("已保存", "名称：城管一中队 → 城管一大队；上级：示例区城市管理局 → 示例区住房和城乡建设局")
    assert (await named(console))["cg-1"] == Unit("cg-1", "城管一大队", "zj", phone="12319")
    page = await root.post("/console/settings/units/cg-1", name="又改", parent="zj", note="改革", seen=seen)
    assert page.status == 422
    assert page.has("别人刚刚改过这个单位")


@pytest.mark.parametrize(
    ("fields", "field", "complaint"),
    [
        ({"code": "局"}, "code", "只能用字母、数字"),
        ({"code": "cg"}, "code", "已经有单位在用"),
        ({"name": ""}, "name", "请写单位的全称"),
        ({"name": CG.name}, "name", "同一个名称只能用一次"),
        ({"phone": "找老王"}, "phone", "值班电话只能写数字"),
        ({"note": ""}, "note", "请写明为什么改"),
        ({"begins": "2026-11-01"}, "begins", "不能早于今天"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(root, fields, field, complaint):
    typed = {"code": "new", "name": "新单位", "parent": "zj", "phone": "110", "note": "新设", "begins": ""} | fields
    page = await root.post("/console/settings/new-unit", **typed)
    assert page.status == 422
    assert f'id="{field}-error"' in page.text
    assert page.has("还没有保存", complaint)
    assert f'value="{typed["phone"]}"' in page.text
    assert '<option value="zj" selected>' in page.text


async def test_a_change_waits_for_its_day_and_can_be_withdrawn(console, root):
    page = await root.post("/console/settings/units/cg", name="市城管局", parent="", note="改革", begins="2026-12-01")
    assert page.has("已安排，2026-12-01 起自动改", "到日子自动改", "名称：示例区城市管理局 → 市城管局")
    assert (await named(console))["cg"] == CG
    assert (await root.get("/console/settings/units")).has("2026-12-01 起改")
    page = await root.post("/console/settings/unit-plans/1/withdraw")
    assert page.has("已撤回")
    assert not page.has("到日子自动改")
    assert (await root.post("/console/settings/unit-plans/1/withdraw")).has("已经生效或者撤回")


async def test_retiring_says_what_hangs_on_a_unit_and_who_takes_over(console, root, clock):
    await console.account("li", Role.UNIT_CLERK, units=["cg"])
    rules = RuleStore(console.office.database, clock)
    await rules.put(ROOT, Rule("1", CG.name, keywords=("停水",)), reason="开始")
    page = await root.get("/console/settings/units/cg")
    assert page.has("没办完的工单", "0 张", "派单规则", "1 条", "账号", "1 个")

    page = await root.post("/console/settings/units/cg/retire", successor="zj", note="并入住建局", begins="")
    assert page.has("已停用", "由“示例区住房和城乡建设局”接续")
    assert [rule.lead for rule in await rules.all()] == [ZJ.name]
    page = await root.post("/console/settings/units/cg/reopen", note="又分出来了")
    assert page.has("又可以派给它了")
    assert (await named(console))["cg"] == CG


async def test_a_retired_unit_s_tickets_go_to_its_successor_while_the_page_says_how_far(console, root):
    hotline = Hotline(console.office.desk.lifecycle, console.office.desk)
    ticket = await hotline.dispatched("cg")
    page = await root.get("/console/settings/units/cg")
    assert page.has("没办完的 1 张工单", "转给接续单位接着办，答应市民的时间不变", "请选一个单位")
    page = await root.post("/console/settings/units/cg/retire", successor="", note="撤销", begins="")
    assert page.status == 422
    assert page.has("还有 1 张没办完的工单，停用以后就没人管了。请选由哪个单位接续")

    page = await root.post("/console/settings/units/cg/retire", successor="zj", note="并入住建局", begins="")
    page = await root.ended(page)
    assert page.has("已停用，1 张没办完的工单转给了接续单位")
    assert (await console.office.desk.find(ticket.number, conversation=ticket.conversation)).called == "zj"


async def test_a_change_is_undone_by_going_back(console, root):
    await root.post("/console/settings/units/cg", name="市城管局", parent="", note="改革")
    page = await root.post("/console/settings/unit-changes/1/restore")
    assert page.has("已恢复成改之前的样子")
    assert (await named(console))["cg"] == CG
    assert len(await console.office.database.read(recorded_of("unit cg"))) == 2


async def test_a_sheet_is_looked_at_before_it_is_taken_in(console, root):
    sheet = "代码,名称,在用\ncg,市城管局,是\nzj,示例区住房和城乡建设局,是\nnew,新单位,是\n"
    page = await root.send(FILES, "单位.csv", sheet.encode())
    page = await root.ended(page)
    preview = page.text.split('class="button primary" href="')[1].split('"')[0]
    page = await root.get(preview)
    assert page.has("新增和改动 2 个单位，相同的 1 个", "名称：示例区城市管理局 → 市城管局", "新增")
    assert (await root.post(preview, note="")).has("请写明为什么改")
    page = await root.ended(await root.post(preview, note="机构改革"))
    assert page.has("新增和改动了 2 个单位")
    assert {code: unit.name for code, unit in (await named(console)).items()}["cg"] == "市城管局"
    (line,) = await console.office.database.read(found(Search(deed=Deed.SETTINGS), 5))
    assert (line.done.subject, line.done.reason, line.done.details) == ("units", "机构改革", {"units": 2})

    page = await root.ended(await root.send(FILES, "单位.csv", "代码,名称,上级\nx,某单位,没有\n".encode()))
    assert page.has("上级 没有 不在单位名单里", "什么都没有导入")
    exported = await root.post("/console/settings/unit-files/export")
    assert "cg,市城管局,,是,," in exported.text
