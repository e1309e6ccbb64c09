"""The time rules: all of them, one of them, and a trial of what a request is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.refusal import not_there
from console.settings.deadlines.parts import EDITORS, KIND, open_tickets, planned, save, time_of
from console.settings.deadlines.rule_form import CHOSEN, COUNTS, LIMITS, conditions_told, document_of, form_of
from console.settings.kept import version_of
from console.settings.section import Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.clock import CHINA, china_date
from tickets.deadlines.calendar import FIRST_YEAR, LAST_YEAR
from tickets.deadlines.countdown import Countdown
from tickets.deadlines.parts import CALENDARS, RULES
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.rule_file import CHANNELS, KINDS, URGENCIES
from tickets.deadlines.terms import WITHIN_PROMISE, Given, Term, Terms

_SHOWN_TERMS = (Term.PROMISE, Term.ACCEPT, Term.HANDLE)
_FIELDS = (*(term.value for term in Term), *LIMITS, *COUNTS, "season", "category", "priority", "calendar")


@dataclass(frozen=True, slots=True)
class Tried:
    """What a request would be given.

    Attributes:
        clocks: each with what the rule gives, and the clock if it began at that moment.
    """

    promise: Countdown
    clocks: list[tuple[Term, Given, Countdown]]
    terms: Terms


async def show_rules(visit: Visit) -> web.Response:
    """Every rule, and a trial."""
    form = Form.of({"at": f"{visit.now.astimezone(CHINA):%Y-%m-%dT%H:%M}"} | dict(visit.query))
    rules = await time_of(visit).content(RULES)
    calendars = await time_of(visit).content(CALENDARS)
    tried = await _try(visit, form) if "kind" in visit.query else None
    return visit.page(
        "settings/time_rules.html",
        rules=[(rule, conditions_told(rule)) for rule in rules],
        terms=_SHOWN_TERMS,
        calendars={key: each["name"] for key, each in calendars.items()} | {"natural": "自然时间"},
        form=form,
        tried=tried,
        within=WITHIN_PROMISE,
        choices={name: [(each, each) for each in allowed] for name, allowed in CHOSEN.items()},
        categories=[category.code for category in visit.office.categories],
        coming=await planned(visit, RULES),
        kind=KIND,
        part=RULES,
    )


async def show_rule(visit: Visit) -> web.Response:
    """One rule, or the form for a new one."""
    rules, name = await time_of(visit).content(RULES), visit.query.get("name", "")
    if not name:
        return await _form_page(visit, form_of({}, len(rules) + 1))
    place = _place(rules, name)
    if place is None:
        raise not_there("没有这条规则", "可能刚刚改过名称。")
    return await _form_page(visit, form_of(rules[place], place + 1))


async def change_rule(visit: Visit) -> web.Response:
    """Add a rule, or change one."""
    form = await visit.form()
    document = document_of(form)
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok and await _kept(visit, form, document, note, begins):
        when = f"已安排，{china_date(begins)} 起用。" if begins else "已保存，之后登记的诉求按它算。"
        return visit.go("/settings/time-rules", f"“{document['name']}”{when}")
    return await _form_page(visit, form, status=422)


async def remove_rule(visit: Visit) -> web.Response:
    """Take a rule away."""
    form = await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    if form.ok and await _kept(visit, form, None, note, begins):
        return visit.go("/settings/time-rules", f"“{form.raw('was')}”已删掉；在历史里可以取回。")
    return await _form_page(visit, form, status=422)


async def _kept(
    visit: Visit, form: Form, document: Mapping[str, Any] | None, note: str, begins: datetime | None
) -> bool:
    """Whether the rules with this one in its place are kept; without it where there is none."""
    rules, was = list(await time_of(visit).content(RULES, begins)), form.raw("was")
    place = _place(rules, was)
    if was and place is None:
        form.complain("name", f"到那时没有“{was}”这条规则了，请看看历史和安排。")
        return False
    if place is not None:
        rules.pop(place)
    if document is not None:
        wanted = form.number("place")
        rules.insert(len(rules) if wanted is None else max(wanted - 1, 0), document)
    try:
        await save(visit, form, RULES, rules, note, begins)
    except TimeSettingsRefused as refused:
        form.complain(next((field for field in _FIELDS if f"“{field}”" in str(refused)), "name"), str(refused))
    return form.ok


async def _try(visit: Visit, form: Form) -> Tried | None:
    try:
        at = datetime.fromisoformat(form.raw("at")).replace(tzinfo=CHINA)
    except ValueError:
        form.complain("at", "时间请写成 2026-11-21 10:00 这样，或者从日历里选。")
        return None
    kind, urgency = form.raw("kind"), form.raw("urgency")
    if kind not in KINDS or urgency not in URGENCIES or not FIRST_YEAR <= at.year < LAST_YEAR:
        form.complain("at", f"只能推算 {FIRST_YEAR} 到 {LAST_YEAR - 1} 年登记的诉求。")
        return None
    timetable = await time_of(visit).timetable(at)
    channel, category = form.raw("channel"), form.text("category").strip("/ ")
    terms = timetable.terms(
        kind=KINDS[kind], channel=CHANNELS.get(channel, channel), urgency=URGENCIES[urgency], category=category, at=at
    )
    promise = timetable.start(Term.PROMISE, terms, at)
    clocks = [
        (term, given, promise if term is Term.PROMISE else timetable.start(term, terms, at, promise))
        for term in Term
        if (given := terms.given.get(term))
    ]
    return Tried(promise, clocks, terms)


def _place(rules: list[Any], name: str) -> int | None:
    return next((place for place, rule in enumerate(rules) if rule["name"] == name), None)


async def _form_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    calendars = await time_of(visit).content(CALENDARS)
    rules = await time_of(visit).content(RULES)
    place = _place(rules, form.raw("was"))
    return visit.page(
        "settings/time_rule.html",
        status=status,
        form=form,
        base=place is not None and "when" not in rules[place],
        terms=list(Term),
        limits=LIMITS,
        counts=COUNTS,
        choices={name: [(each, each, None) for each in allowed] for name, allowed in CHOSEN.items()},
        calendars=[(key, each["name"]) for key, each in calendars.items()],
        running=await open_tickets(visit),
        coming=await planned(visit, RULES),
        kind=KIND,
        version=await version_of(visit, KIND.name, RULES),
    )


SECTIONS = (
    Section(
        "时限规则",
        "哪类诉求多久签收、办理、答复；能延期几次；试算",
        "/settings/time-rules",
        EDITORS,
        "clock",
        kinds=(KIND.name,),
        words="承诺 期限 延期 挂起 签收 工作日 试算",
    ),
)

ROUTES = (
    Route("GET", "/settings/time-rules", EDITORS, show_rules, "时限规则和试算"),
    Route("GET", "/settings/time-rule", EDITORS, show_rule, "一条时限规则"),
    Route("POST", "/settings/time-rule", EDITORS, change_rule, "改时限规则"),
    Route("POST", "/settings/time-rule/remove", EDITORS, remove_rule, "删时限规则"),
)
