"""What found no answer, in groups: begun as an entry in one step, or set aside; and the tasks that follow."""

from collections.abc import Callable
from datetime import timedelta

from aiohttp import web
from sqlalchemy import Connection, func, select

from console.addresses import day_of, id_of
from console.knowledge.verbs import entry_path, gaps_of, lifecycle_of, title_of
from console.office import Office
from console.refusal import not_there
from console.visit import Visit
from knowledge_base.coverage.states import GapState
from knowledge_base.tables import gaps
from knowledge_base.versions import NotAllowed
from service.clock import china_date
from service.identity.roles import Actor, Role
from service.tasks import TaskKind, open_tasks

_SHOWN = 40
_TASKS = 200
_WRITTEN_WITHIN = timedelta(days=5)
_LATELY = timedelta(days=30)
_SEVERAL = 3  # people
_COUNTED = 1000


async def show_gaps(visit: Visit) -> web.Response:
    """The groups, those most asked this week first."""
    return await _page(visit)


async def draft(visit: Visit) -> web.Response:
    """Begin the entry that answers a group, with its unit and day; on to its form."""
    number, form = _number(visit), await visit.form()
    unit = form.text(f"unit-{number}", missing="请写由哪个单位来写。")
    day = day_of(form.text(f"due-{number}"))
    if day is None:
        form.complain(f"due-{number}", "请选哪天前写好。")
    if form.ok and day is not None:
        try:
            version = await gaps_of(visit.office).draft(visit.actor, number, unit, day)
        except NotAllowed as refused:
            form.complain(f"unit-{number}", str(refused))
        else:
            return visit.go(entry_path(version.entry.slug, "edit"), "已起好草稿，市民的问法都在。写好答案，再送审。")
    return await _page(visit, status=422)


async def dismiss(visit: Visit) -> web.Response:
    """Say why a group needs no entry."""
    number, form = _number(visit), await visit.form()
    try:
        await gaps_of(visit.office).dismiss(visit.actor, number, form.text(f"reason-{number}"))
    except NotAllowed as refused:
        form.complain(f"reason-{number}", str(refused))
        return await _page(visit, status=422)
    return visit.go(
        "/knowledge/gaps",
        "这组问题不再列在待处理里；还会接着计数，在“不处理”里能看到。",
        undo=f"/knowledge/gaps/{number}/reopen",
    )


async def reopen(visit: Visit) -> web.Response:
    """Have a group among the open ones again."""
    try:
        await gaps_of(visit.office).reopen(visit.actor, _number(visit))
    except NotAllowed as refused:
        return visit.go("/knowledge/gaps", str(refused), good=False)
    return visit.go("/knowledge/gaps", "这组问题又列在待处理里了。")


async def show_tasks(visit: Visit) -> web.Response:
    """What is still to be written or looked at again, the most urgent first."""
    every = await visit.office.database.read(open_tasks(unit=visit.query.get("unit") or None, limit=_TASKS))
    names = {entry.slug: title_of(entry) for entry in visit.office.knowledge.stored()}
    desk = lifecycle_of(visit.office)
    units = await visit.office.database.read(lambda connection: desk.units_seen_within(connection, visit.actor))
    found = [
        each
        for each in every
        if each.task.kind in (TaskKind.WRITE, TaskKind.REVIEW) and (units is None or each.task.unit in units)
    ]
    return visit.page(
        "knowledge/tasks.html",
        tasks=found,
        names=names,
        today=china_date(visit.now),
        units=[
            ("", "全部单位"),
            *((unit, unit) for unit in sorted({each.task.unit for each in found if each.task.unit})),
        ],
        path=entry_path,
    )


async def _page(visit: Visit, status: int = 200) -> web.Response:
    wanted = visit.query.get("state", "")
    state = GapState(wanted) if wanted in set(GapState) else GapState.OPEN
    form = await visit.form()
    entries = {entry.slug: entry for entry in visit.office.knowledge.stored()}
    found = await gaps_of(visit.office).most_asked((state,), _SHOWN)
    return visit.page(
        "knowledge/gaps.html",
        status=status,
        gaps=found,
        filled=await gaps_of(visit.office).filled(found),
        state=state,
        states=[(each.value, each.label) for each in GapState],
        form=form,
        due=(china_date(visit.now) + _WRITTEN_WITHIN).isoformat(),
        today=china_date(visit.now).isoformat(),
        names={slug: title_of(entry) for slug, entry in entries.items()},
        units=sorted({entry.issuing_unit for entry in entries.values() if entry.issuing_unit}),
        unit_of={slug: entry.issuing_unit for slug, entry in entries.items()},
        shown=_SHOWN,
        path=entry_path,
    )


def count_open(office: Office, actor: Actor) -> Callable[[Connection], int]:
    """How many groups that several people asked lately wait for a curator."""
    if not actor.is_any(Role.CURATOR):
        return lambda _connection: 0
    lately = (gaps.c.state == GapState.OPEN) & (gaps.c.last_at > office.clock() - _LATELY)
    some = select(gaps.c.id).where(lately, gaps.c.conversations >= _SEVERAL).limit(_COUNTED).subquery()
    return lambda connection: connection.scalar(select(func.count()).select_from(some)) or 0


def _number(visit: Visit) -> int:
    number = id_of(visit.match["number"])
    if number is None:
        raise not_there("没有这组问题")
    return number
