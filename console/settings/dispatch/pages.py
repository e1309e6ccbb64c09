"""The dispatch list: its rules, one of them, a trial of what a request would be given, and what was changed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.area import Route
from console.forms import Form
from console.refusal import not_there
from console.rights import only
from console.settings.dispatch.rule_form import form_of, rule_in, succession
from console.settings.section import Changed, Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import china_date
from service.identity.roles import Role
from tickets.dispatch.dispatcher import Trial
from tickets.dispatch.proposals import count_waiting
from tickets.dispatch.request import Request
from tickets.dispatch.rule_store import EDITORS, VERBS, RuleStore, latest_changes
from tickets.dispatch.rules import Rule, RulesRefused
from tickets.units import directory

DISPATCHERS = only(*EDITORS, Role.ADMINISTRATOR)
_PAGE = 50
_LATEST = 200
_WORDS = 2000
_STATES = (("", "在用"), ("later", "还没生效"), ("past", "已失效"), ("all", "全部"))


def store_of(visit: Visit) -> RuleStore:
    """The list as staff keep it."""
    return RuleStore(visit.office.database, visit.office.clock)


async def rules_of(visit: Visit) -> list[Rule]:
    """Every rule, by number; as this process has them, once it has looked whether they are the newest."""
    dispatcher = visit.office.routing.dispatcher
    await dispatcher.refresh()
    return sorted(dispatcher.current.rules.rules, key=lambda rule: rule.key)


async def show_rules(visit: Visit) -> web.Response:
    """The rules a filter lets through, and the form for a trial."""
    return await _list_page(visit, Form())


async def try_words(visit: Visit) -> web.Response:
    """Say what a request would be given. What citizens say does not stand in addresses, so it is sent as a form."""
    form = await visit.form()
    asked = Request(
        text=form.text("text", missing="请写市民怎么说。", limit=_WORDS),
        place=form.text("place", limit=200),
        category=form.raw("category"),
        matter=form.text("matter", limit=200),
    )
    if not form.ok:
        return await _list_page(visit, form, status=422)
    return await _list_page(visit, form, await visit.office.routing.trial(asked))


async def _list_page(visit: Visit, form: Form, tried: Trial | None = None, status: int = 200) -> web.Response:
    rules, today = await rules_of(visit), china_date(visit.now)
    fitting = [rule for rule in rules if _fits(rule, visit.query, today)]
    rest = [rule for rule in fitting if rule.key > visit.query.get("after", "")]
    shown, later = visit.paged(rest, _PAGE, lambda rule: rule.key)
    active = {unit.name for unit in await visit.office.database.read(directory) if unit.active}
    return visit.page(
        "settings/dispatch_list.html",
        status=status,
        rules=shown,
        total=len(fitting),
        every=len(rules),
        later=later,
        active=active,
        stray=[rule for rule in rules if rule.in_force(today) and not {rule.lead, *rule.assisting} <= active],
        units=[("", "全部单位"), *((name, name) for name in sorted({rule.lead for rule in rules}))],
        categories=[("", "全部类别"), *((each.code, each.code) for each in visit.office.categories)],
        states=_STATES,
        today=today,
        form=form,
        tried=tried,
        proposed=await visit.office.database.read(lambda connection: connection.scalar(count_waiting())),
    )


async def show_rule(visit: Visit) -> web.Response:
    """One rule, or the form for a new one."""
    key = visit.query.get("key", "")
    rule = await _rule(visit, key) if key else None
    return await _form_page(visit, form_of(rule) if rule else Form())


async def change_rule(visit: Visit) -> web.Response:
    """Add a rule or change one, now or from a day on."""
    form = await visit.form()
    units = await visit.office.database.read(directory)
    rule = rule_in(form, {unit.name for unit in units if unit.active})
    note, begins = read_note(form), read_begins(form, visit.now)
    before = next((each for each in await rules_of(visit) if each.key == form.raw("was")), None)
    if before is None and any(each.key == rule.key for each in await rules_of(visit)):
        form.complain("key", f"编号“{rule.key}”已经用了，请换一个。")
    wanted = succession(before, rule, china_date(begins)) if begins else (rule,)
    if form.ok and await _kept(visit, form, wanted, note):
        when = f"已安排，{china_date(begins)} 起按它派。" if begins else "已保存，现在就按它派。"
        return visit.go("/settings/dispatch", f"“{wanted[-1].key}”{when}")
    return await _form_page(visit, form, status=422)


async def retire_rule(visit: Visit) -> web.Response:
    """Let a rule count no longer, from now or from a day on; it stays to be read."""
    form = await visit.form()
    rule = await _rule(visit, form.raw("was"))
    note, begins = read_note(form), read_begins(form, visit.now)
    last = china_date(begins or visit.now) - timedelta(days=1)
    ended = replace(rule, expires_on=last, effective_from=rule.effective_from and min(rule.effective_from, last))
    if form.ok and await _kept(visit, form, (ended,), note):
        return visit.go("/settings/dispatch", f"“{rule.key}”{china_date(begins or visit.now)} 起不用了。")
    return await _form_page(visit, form, status=422)


async def show_history(visit: Visit) -> web.Response:
    """What was changed, by whom and why."""
    key = visit.query.get("key") or None
    changes = await store_of(visit).history(key, _LATEST)
    return visit.page(
        "settings/dispatch_history.html",
        key=key,
        changes=[(revision, list(of)) for revision, of in groupby(changes, key=lambda each: each.revision)],
        verbs=VERBS,
        told=_told,
    )


async def undo(visit: Visit) -> web.Response:
    """Take back what one change did."""
    try:
        await store_of(visit).undo(visit.actor, id_of(visit.match["revision"]) or 0, reason="撤销")
    except RulesRefused as refused:
        return visit.go("/settings/dispatch/history", str(refused), good=False)
    return visit.go("/settings/dispatch/history", "已撤销，现在就按原来的派。")


async def _kept(visit: Visit, form: Form, rules: tuple[Rule, ...], note: str) -> bool:
    try:
        await store_of(visit).put(visit.actor, *rules, reason=note, seen=form.number("seen"))
    except RulesRefused as refused:
        form.complain(refused.field or "keywords", str(refused))
    return form.ok


async def _rule(visit: Visit, key: str) -> Rule:
    rule = next((each for each in await rules_of(visit) if each.key == key), None)
    if rule is None:
        raise not_there("没有这条规则", "可能刚刚删掉了，在历史里可以找回。")
    return rule


def _fits(rule: Rule, query: Mapping[str, str], today: date) -> bool:
    words, unit, category = query.get("q", "").strip(), query.get("unit", ""), query.get("category", "")
    state = query.get("state", "")
    begun = rule.effective_from is None or rule.effective_from <= today
    fitting = {"": rule.in_force(today), "later": not begun, "past": begun and not rule.in_force(today)}
    text = " ".join((rule.key, rule.told, rule.lead, *rule.assisting, rule.basis))
    return (
        fitting.get(state, True)
        and (not unit or unit in (rule.lead, *rule.assisting))
        and (not category or f"{rule.category}/".startswith(f"{category}/"))
        and words in text
    )


def _told(content: Mapping[str, object] | None) -> str:
    """A rule as it was kept, in words."""
    if content is None:
        return "（没有）"
    values = {name: tuple(each) if isinstance(each, list) else each for name, each in content.items()}
    rule = Rule(**values)  # type: ignore[arg-type]  # days stay as they were written
    until = f"，用到 {rule.expires_on}" if rule.expires_on else ""
    since = f"，{rule.effective_from} 起" if rule.effective_from else ""
    assisting = f"，{'、'.join(rule.assisting)}协办" if rule.assisting else ""
    return f"{rule.told} → {rule.lead}{assisting}{since}{until}"


async def _form_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    units = await visit.office.database.read(directory)
    return visit.page(
        "settings/dispatch_rule.html",
        status=status,
        form=form,
        was=form.raw("was"),
        units=[unit.name for unit in units if unit.active],
        categories=[category.code for category in visit.office.categories],
        streets=sorted(visit.office.desk.lifecycle.gazetteer.streets),
        seen=await store_of(visit).revision(),
    )


def _latest(limit: int) -> Callable[[Connection], list[Changed]]:
    def look(connection: Connection) -> list[Changed]:
        found = []
        for each in latest_changes(limit)(connection):
            rules = f"“{each.key}”" if each.rules == 1 else f"“{each.key}”等 {each.rules} 条"
            said = "：".join(filter(None, (VERBS.get(each.verb, each.verb), each.reason)))
            found.append(Changed(each.at, each.actor, f"派单目录：{rules}", "/settings/dispatch/history", said))
        return found

    return look


SECTIONS = (
    Section(
        "派单目录",
        "哪类诉求、哪个地点归哪个单位；试一试一句话会派给谁",
        "/settings/dispatch",
        DISPATCHERS,
        "send",
        words="派单 规则 清单 职责 归属 裁定",
        latest=_latest,
    ),
)

ROUTES = (
    Route("GET", "/settings/dispatch", DISPATCHERS, show_rules, "派单目录"),
    Route("POST", "/settings/dispatch", DISPATCHERS, try_words, "试派"),
    Route("GET", "/settings/dispatch/history", DISPATCHERS, show_history, "派单目录的历史"),
    Route("POST", "/settings/dispatch/{revision}/undo", DISPATCHERS, undo, "撤销派单目录的改动"),
    Route("GET", "/settings/dispatch-rule", DISPATCHERS, show_rule, "一条派单规则"),
    Route("POST", "/settings/dispatch-rule", DISPATCHERS, change_rule, "改派单规则"),
    Route("POST", "/settings/dispatch-rule/retire", DISPATCHERS, retire_rule, "停用派单规则"),
)
