"""The units: the tree of them, one of them, and what is to become of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.area import Route
from console.forms import Form
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.section import Changed, Entry, Section
from console.settings.units.words import in_order, told
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date, china_moment
from service.jobs import Outcome, Tell
from service.unit_list import open_unit_list
from tickets.dispatch.rules import RulesRefused
from tickets.succession import Succession, waiting
from tickets.unit_changes import UnitList
from tickets.unit_history import UnitChange, UnitPlan, differences, history_of, newest_change, plans_within
from tickets.units import NAME_LIMIT, PHONE_LIMIT, Unit, UnitRefused, directory

_PAGE = 100
_LATEST = 8
_FIELDS = {name: name for name in ("code", "name", "parent", "phone", "successor")} | {
    "reason": "note",
    "begins_on": "begins",
}
_STATES = (("", "在用"), ("retired", "已停用"), ("all", "全部"))


async def list_units(visit: Visit) -> web.Response:
    """The tree, or what of it somebody looks for; what is planned, and what was changed last."""
    database = visit.office.database
    units = await database.read(directory)
    plans, latest = await database.read(plans_within), await database.read(history_of(limit=_LATEST))
    rows = list(in_order(_chosen(units, visit.query)))
    start = next((place for place, row in enumerate(rows) if row[0].code == visit.query.get("after")), -1) + 1
    shown, later = visit.paged(rows[start:], _PAGE, lambda row: row[0].code)
    names = {unit.code: unit.name for unit in units}
    return visit.page(
        "settings/units.html",
        rows=shown,
        total=len(rows),
        later=later,
        names=names,
        states=_STATES,
        plans=plans,
        planned={plan.code: plan.begins_on for plan in reversed(plans)},
        latest=latest,
        told=lambda change: told(differences(change.before, change.after), names, change.before),
        told_plan=lambda plan: told(plan.changes, names, None),
        today=china_date(visit.now),
    )


async def show_new(visit: Visit) -> web.Response:
    """The form for a new unit."""
    return await _form_page(visit, Form.of({"parent": visit.query.get("parent", "")}))


async def add(visit: Visit) -> web.Response:
    """Add a unit."""
    form = await visit.form()
    code = form.text("code", missing="请写代码，如 cg；以后不能改。")
    unit = Unit(code, *_named(form), phone=form.text("phone"))
    if any(each.code == code for each in await visit.office.database.read(directory)):
        form.complain("code", f"代码 {code} 已经有单位在用，请换一个。")

    if await _kept(visit, form, unit, read_begins(form, visit.now), otherwise="code"):
        return visit.go("/settings/units", f"已记下“{unit.name}”。")
    return await _form_page(visit, form, status=422)


async def show_unit(visit: Visit) -> web.Response:
    """One unit: what it is, what hangs on it, what became and is to become of it."""
    unit = await _unit(visit)
    return await _form_page(visit, Form.of(asdict(unit)), unit)


async def change(visit: Visit) -> web.Response:
    """Rename or move a unit, or write down another phone."""
    unit, form = await _unit(visit), await visit.form()
    name, parent = _named(form)
    wanted = replace(unit, name=name, parent=parent, phone=form.text("phone"))
    return await _change(visit, form, unit, wanted, "name", "已保存")


async def retire(visit: Visit) -> web.Response:
    """Give a unit no more tickets, and say who takes over."""
    unit, form = await _unit(visit), await visit.form()
    wanted = replace(unit, active=False, successor=form.raw("successor") or None)
    done = await _change(visit, form, unit, wanted, "successor", "已停用")
    if done.status == 422 or not await visit.office.database.read(waiting):
        return done
    lifecycle, page = visit.office.desk.lifecycle, f"/settings/units/{unit.code}"

    async def hand_over(tell: Tell) -> Outcome:
        moved = await Succession(lifecycle).run(tell)
        return Outcome(f"“{unit.name}”已停用，{moved} 张没办完的工单转给了接续单位。", page)

    return await visit.start(f"把“{unit.name[:40]}”的工单转给接续单位", hand_over)


async def reopen(visit: Visit) -> web.Response:
    """Give a retired unit tickets again."""
    unit, form = await _unit(visit), await visit.form()
    return await _change(visit, form, unit, replace(unit, active=True, successor=None), "reason", "又可以派给它了")


async def withdraw(visit: Visit) -> web.Response:
    """Take back what was planned."""
    try:
        plan = await _list(visit).withdraw(visit.actor, _number(visit))
    except UnitRefused as refused:
        return visit.go("/settings/units", str(refused), good=False)
    return visit.go(f"/settings/units/{plan.code}", "已撤回，到那天也不会改。")


async def restore(visit: Visit) -> web.Response:
    """Make a unit again what it was before a change."""
    try:
        unit = await _list(visit).restore(visit.actor, _number(visit), reason="恢复成以前的样子")
    except (UnitRefused, RulesRefused) as refused:
        return visit.go("/settings/units", str(refused), good=False)
    return visit.go(f"/settings/units/{unit.code}", "已恢复成改之前的样子。")


async def _change(visit: Visit, form: Form, unit: Unit, wanted: Unit, otherwise: str, said: str) -> web.Response:
    begins = read_begins(form, visit.now)
    if await _kept(visit, form, wanted, begins, otherwise):
        planned = begins and f"已安排，{china_date(begins)} 起自动改，之前可以撤回。"
        return visit.go(f"/settings/units/{unit.code}", planned or f"{said}。")
    return await _form_page(visit, form, unit, status=422)


async def _kept(visit: Visit, form: Form, wanted: Unit, begins: datetime | None, otherwise: str) -> bool:
    """Whether a unit is kept, or planned, as a form wants it; if not, its complaints say why.

    Args:
        otherwise: the field that is complained of where the refusal names none.
    """
    note, day, seen = read_note(form), begins and china_date(begins), form.number("seen")
    if not form.ok:
        return False
    try:
        await _list(visit).put(visit.actor, [wanted], reason=note, begins_on=day, seen=seen)
    except (UnitRefused, RulesRefused) as refused:
        form.complain(_FIELDS.get(refused.field, otherwise), str(refused))
    return form.ok


def _named(form: Form) -> tuple[str, str | None]:
    name = form.text("name", missing="请写单位的全称。", limit=NAME_LIMIT)
    return name, form.raw("parent") or None


async def _unit(visit: Visit) -> Unit:
    units = await visit.office.database.read(directory)
    if (unit := next((each for each in units if each.code == visit.match["code"]), None)) is None:
        raise not_there("没有这个单位", "代码可能写错了。")
    return unit


async def _form_page(visit: Visit, form: Form, unit: Unit | None = None, status: int = 200) -> web.Response:
    database = visit.office.database
    units = await database.read(directory)
    names = {each.code: each.name for each in units}
    others = [(each.code, each.name) for each in units if each.active and (unit is None or each.code != unit.code)]
    shown: dict[str, Any] = {"others": others, "names": names, "limits": {"name": NAME_LIMIT, "phone": PHONE_LIMIT}}
    if unit is None:
        return visit.page("settings/unit_new.html", status=status, form=form, **shown)

    def told_change(change: UnitChange) -> list[str]:
        return told(differences(change.before, change.after), names, change.before)

    def told_plan(plan: UnitPlan) -> list[str]:
        return told(plan.changes, names, unit)

    return visit.page(
        "settings/unit.html",
        status=status,
        form=form,
        unit=unit,
        ties=await _list(visit).ties(unit),
        history=await database.read(history_of(unit.code)),
        plans=await database.read(lambda connection: plans_within(connection, unit.code)),
        seen=await database.read(lambda connection: newest_change(connection, unit.code)),
        below=[each for each in units if each.parent == unit.code],
        told=told_change,
        told_plan=told_plan,
        today=china_date(visit.now),
        **shown,
    )


def _chosen(units: Iterable[Unit], query: Mapping[str, str]) -> list[Unit]:
    words, state = query.get("q", "").strip().lower(), query.get("state", "")
    return [
        unit
        for unit in units
        if (state == "all" or unit.active == (state != "retired"))
        and (not words or words in unit.name.lower() or words in unit.code.lower())
    ]


def _list(visit: Visit) -> UnitList:
    return open_unit_list(visit.office.database, visit.office.clock)


def _number(visit: Visit) -> int:
    return id_of(visit.match["number"]) or 0


def _latest(limit: int) -> Callable[[Connection], list[Changed]]:
    def look(connection: Connection) -> list[Changed]:
        return [
            Changed(each.at, each.actor, f"承办单位：{each.after.name}", f"/settings/units/{each.code}", each.reason)
            for each in history_of(limit=limit)(connection)
        ]

    return look


def _coming(connection: Connection) -> list[Changed]:
    names = {unit.code: unit.name for unit in directory(connection)}
    return [
        Changed(
            china_moment(each.begins_on),
            each.actor,
            f"承办单位：{names.get(each.code, each.code)}",
            f"/settings/units/{each.code}" if each.code in names else "/settings/units",
            each.reason,
        )
        for each in plans_within(connection)
    ]


def _entries(_office: object) -> Iterable[Entry]:
    return (
        Entry("新增单位", "/settings/new-unit", "承办单位 机构改革"),
        Entry("导入单位", "/settings/unit-files", "表格 名单 导出"),
    )


SECTIONS = (
    Section(
        "承办单位",
        "名称、上下级、值班电话；新设、改名、停用，由谁接续",
        "/settings/units",
        ADMINISTRATORS,
        "building",
        words="机构 部门 街道 改名 撤并",
        entries=_entries,
        latest=_latest,
        coming=_coming,
    ),
)

ROUTES = (
    Route("GET", "/settings/units", ADMINISTRATORS, list_units, "承办单位"),
    Route("GET", "/settings/new-unit", ADMINISTRATORS, show_new, "新增单位"),
    Route("POST", "/settings/new-unit", ADMINISTRATORS, add, "新增单位"),
    Route("POST", "/settings/unit-plans/{number}/withdraw", ADMINISTRATORS, withdraw, "撤回单位还没到日子的改动"),
    Route("POST", "/settings/unit-changes/{number}/restore", ADMINISTRATORS, restore, "恢复单位改之前的样子"),
    Route("GET", "/settings/units/{code}", ADMINISTRATORS, show_unit, "一个单位"),
    Route("POST", "/settings/units/{code}", ADMINISTRATORS, change, "改单位"),
    Route("POST", "/settings/units/{code}/retire", ADMINISTRATORS, retire, "停用单位"),
    Route("POST", "/settings/units/{code}/reopen", ADMINISTRATORS, reopen, "重新启用单位"),
)
