"""The pages of the first start: all steps at a glance, and each by itself."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from console.area import Area, Route
from console.first_start import samples
from console.first_start.marks import PUT_AWAY, Mark, mark_within, marks_within, unmark_within
from console.first_start.steps import BY_KEY, NAMES, STEPS, Step, after, progress
from console.forms import Form
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.kept import keep
from console.visit import Visit
from service.finding import Finding
from service.identity.accounts import accounts
from service.identity.roles import Role
from service.kept.kind import SettingRefused
from service.running_settings import RUNNING
from tickets.deadlines.missing_years import missing_years
from tickets.units import directory

_LOOKED_AT = ("微信", "短信", "管理台")  # what doctor looks at that a step is about
_PATIENCE = 10.0  # seconds for the platforms outside
_QUESTION = 300  # characters
_WHY = "首次设置"


async def show_steps(visit: Visit) -> web.Response:
    """Every step, and how far it has come."""
    found = await visit.office.database.read(progress(visit.office))
    return visit.page("first_start/steps.html", steps=STEPS, progress=found)


async def show_step(visit: Visit) -> web.Response:
    """One step."""
    return await _page(visit, _step(visit), Form())


async def mark(visit: Visit) -> web.Response:
    """Say that a step is done or left out, and go to the next; or take it back."""
    step, said = _step(visit), (await visit.form()).raw("mark")
    if said == "again":
        await visit.office.database.write(lambda connection: unmark_within(connection, step.key))
        return visit.go(f"/first-start/{step.key}")
    await _mark(visit, step.key, Mark.DONE if said == "done" else Mark.LEFT_OUT)
    return _on(visit, step)


async def name_hotline(visit: Visit) -> web.Response:
    """Set what citizens see the hotline as."""
    form, changeable = await visit.form(), visit.office.changeable
    settings = [each for each in NAMES.settings if each.name not in changeable.running.fixed]
    typed = {each.name: form.text(each.name, missing=f"请填“{each.title}”。") for each in settings}
    step = BY_KEY["hotline"]
    if form.ok:
        try:
            await keep(visit, RUNNING, typed, _WHY, None)
        except SettingRefused as refused:
            form.complain(refused.part or settings[0].name, str(refused))
        else:
            await _mark(visit, step.key, Mark.DONE)
            return _on(visit, step, "名称已保存，几秒内市民就能看到。")
    return await _page(visit, step, form, status=422)


async def ask(visit: Visit) -> web.Response:
    """Ask a question as a citizen would; who has seen an answer has done the step."""
    form = await visit.form()
    text = form.text("question", missing="请写一句市民会问的话。", limit=_QUESTION)
    step = BY_KEY["try"]
    if not form.ok:
        return await _page(visit, step, form, status=422)
    decision = await visit.office.knowledge.decide_on(text)
    await _mark(visit, step.key, Mark.DONE)
    return await _page(visit, step, form, decision=decision)


async def take_samples_away(visit: Visit) -> web.Response:
    """Begin with an empty base."""
    count = await samples.take_away(visit.office, visit.actor)
    told = f"示例的 {count} 条已经撤下，市民问不到了。" if count else "示例条目已经都不在了。"
    return visit.go("/first-start/knowledge", told, undo="/first-start/knowledge/samples")


async def put_samples_back(visit: Visit) -> web.Response:
    """Have the sample entries again."""
    count = await samples.put_back(visit.office, visit.actor)
    return visit.go("/first-start/knowledge", f"放回了 {count} 条示例。" if count else "示例条目都在，没有动。")


async def put_away(visit: Visit) -> web.Response:
    """No longer remind of what is left; it stays to be found."""
    await _mark(visit, PUT_AWAY, Mark.LEFT_OUT)
    return visit.go("/", "首页不再提醒。要找的时候，在“设置”里。", undo="/first-start/remind")


async def remind(visit: Visit) -> web.Response:
    """Remind again."""
    await visit.office.database.write(lambda connection: unmark_within(connection, PUT_AWAY))
    return visit.go("/first-start", "首页会继续提醒。")


async def _mark(visit: Visit, key: str, mark: Mark) -> None:
    by, at = visit.actor.name, visit.now
    await visit.office.database.write(lambda connection: mark_within(connection, key, mark, by, at))


def _step(visit: Visit) -> Step:
    step = BY_KEY.get(visit.match["step"])
    if step is None:
        raise not_there("没有这一步")
    return step


def _on(visit: Visit, step: Step, said: str = "") -> web.Response:
    following = after(step)
    return visit.go(f"/first-start/{following.key}" if following else "/first-start", said)


async def _page(visit: Visit, step: Step, form: Form, status: int = 200, **context: Any) -> web.Response:
    found = await visit.office.database.read(progress(visit.office))
    shown = await _SHOWN[step.key](visit) if step.key in _SHOWN else {}
    return visit.page(
        "first_start/step.html",
        status=status,
        form=form,
        step=step,
        steps=STEPS,
        standing=found.standings[step.key],
        following=after(step),
        **{"decision": None} | shown | context,
    )


async def _names(visit: Visit) -> dict[str, Any]:
    changeable = visit.office.changeable
    contents = await changeable.stores[RUNNING].contents()
    fixed = {each.name: changeable.running.where_fixed(each.name) for each in NAMES.settings}
    return {"group": NAMES, "contents": contents, "fixed": fixed}


async def _units(visit: Visit) -> dict[str, Any]:
    return {"units": [unit for unit in await visit.office.database.read(directory) if unit.active]}


async def _accounts(visit: Visit) -> dict[str, Any]:
    every = await visit.office.database.read(accounts)
    counts = Counter(role for each in every if each.disabled_at is None for role in each.roles)
    return {"roles": [(role, counts[role]) for role in Role]}


async def _years(visit: Visit) -> dict[str, Any]:
    return {"years": await visit.office.database.read(missing_years(visit.now))}


async def _findings(visit: Visit) -> dict[str, Any]:
    """What `liaotianban doctor` says of the ways to citizens; None where the platforms did not answer in time."""
    from service.doctor import examine  # it brings Rasa along, which the table of rights can do without

    findings: list[Finding] | None = None
    try:
        async with asyncio.timeout(_PATIENCE):
            findings = await examine(visit.office.settings)
    except TimeoutError:
        return {"findings": None}
    return {"findings": [each for each in findings if each.subject.startswith(_LOOKED_AT)]}


async def _base(visit: Visit) -> dict[str, Any]:
    stored = visit.office.knowledge.stored()
    return {"entries": len(stored), "samples": samples.among(stored)}


_SHOWN: dict[str, Callable[[Visit], Awaitable[dict[str, Any]]]] = {
    "hotline": _names,
    "units": _units,
    "accounts": _accounts,
    "calendars": _years,
    "channels": _findings,
    "knowledge": _base,
}


def count_left(visit: Visit) -> Callable[[Connection], tuple[Step, ...]]:
    """A unit of work: the steps to remind somebody of on their start page."""
    if not visit.may("/first-start"):
        return lambda _connection: ()

    def work(connection: Connection) -> tuple[Step, ...]:
        return () if PUT_AWAY in marks_within(connection) else progress(visit.office)(connection).left

    return work


AREA = Area(
    routes=(
        Route("GET", "/first-start", ADMINISTRATORS, show_steps, "首次设置"),
        Route("POST", "/first-start/hotline", ADMINISTRATORS, name_hotline, "首次设置：名称"),
        Route("POST", "/first-start/try", ADMINISTRATORS, ask, "首次设置：问一句"),
        Route("POST", "/first-start/knowledge/empty", ADMINISTRATORS, take_samples_away, "撤下示例条目"),
        Route("POST", "/first-start/knowledge/samples", ADMINISTRATORS, put_samples_back, "放回示例条目"),
        Route("POST", "/first-start/put-away", ADMINISTRATORS, put_away, "首次设置不再提醒"),
        Route("POST", "/first-start/remind", ADMINISTRATORS, remind, "首次设置继续提醒"),
        Route("GET", "/first-start/{step}", ADMINISTRATORS, show_step, "首次设置的一步"),
        Route("POST", "/first-start/{step}/mark", ADMINISTRATORS, mark, "做完或跳过一步"),
    ),
)
