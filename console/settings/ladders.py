"""The ways notices take: which in which order, and what each is treated like."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from channels.delivery.ladder import RUNG_LABELS, Ladders, LaddersRefused
from channels.delivery.ladder_kind import LADDERS, RUNGS
from channels.delivery.preview import previews
from console.addresses import id_of
from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import only
from console.settings.history import history_path
from console.settings.section import Entry, Section
from console.settings.texts import WORDS
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.identity.roles import Role
from service.kept.store import KeptSettings
from tickets.announcements import wordings
from tickets.moves import Verb

_ADMINISTRATORS = only(Role.ADMINISTRATOR)
_PATH = "/settings/ladders"
_NEW = "new"
_NAME_LIMIT = 40
_PLACES = tuple(range(1, len(RUNG_LABELS) + 1))
KINDS = {"ticket": "工单的进展", "agent": "人工说的话", "answered": "问过的问题有答案了"}
CHANNELS = {"widget": "网页", "wechat": "微信", "phone": "电话", "desk": "接听台", "api": "别的系统", "open311": "门户"}


async def list_ladders(visit: Visit) -> web.Response:
    """The ladders in their order, and what becomes of each notice by them."""
    return await _list_page(visit, Form())


async def show_ladder(visit: Visit) -> web.Response:
    """One ladder, to be changed."""
    ladders, place = await _ladders(visit), visit.match["place"]
    ladder = {"staff": True} if place == _NEW else ladders[_index(place, ladders)]
    return await _ladder_page(visit, place, Form.of(_values(ladder) | {"seen": await _seen(visit)}))


async def change_ladder(visit: Visit) -> web.Response:
    """Change it, or put a new one before all others."""
    form, place = await visit.form(), visit.match["place"]
    ladder, ladders = _ladder_in(form), await _ladders(visit)
    if place == _NEW:
        changed = [ladder, *ladders]
    else:
        index = _index(place, ladders)
        changed = [*ladders[:index], ladder, *ladders[index + 1 :]]
    if await _changed(visit, form, {LADDERS: changed}):
        return visit.go(_PATH, "已保存。")
    return await _ladder_page(visit, place, form, status=422)


async def arrange(visit: Visit) -> web.Response:
    """Put a ladder before or behind its neighbour, or take it out."""
    form, ladders = await visit.form(), await _ladders(visit)
    index = _index(visit.match["place"], ladders)
    deed = form.choice("deed", ("earlier", "later", "remove"), missing="请选一个操作。")
    ladder = ladders.pop(index)
    if deed != "remove":
        ladders.insert(max(0, index + (1 if deed == "later" else -1)), ladder)
    if await _changed(visit, form, {LADDERS: ladders}):
        return visit.go(_PATH, "已保存。", undo="")
    return await _list_page(visit, form, status=422)


async def change_rungs(visit: Visit) -> web.Response:
    """Change how each way is treated."""
    form = await visit.form()
    rungs = {
        rung: {name: _number(form, f"{rung}_{name}") for name in ("patience_minutes", "per_second")}
        for rung in RUNG_LABELS
    }
    if await _changed(visit, form, {RUNGS: rungs}):
        return visit.go(_PATH, "已保存。")
    return await _list_page(visit, form, status=422)


async def _changed(visit: Visit, form: Form, contents: dict[str, Any]) -> bool:
    note, begins = read_note(form), read_begins(form, visit.now)
    seen = id_of(form.raw("seen"))
    replaces = {LADDERS: seen} if LADDERS in contents and seen is not None else None
    if form.ok:
        try:
            await _store(visit).change(visit.actor, contents, note=note, effective_from=begins, replaces=replaces)
            await visit.office.changeable.following.look()
        except LaddersRefused as refused:
            form.complain("note", str(refused))
    return form.ok


def _ladder_in(form: Form) -> dict[str, Any]:
    """The ladder a form describes."""
    name = form.text("name", missing="请起个名称。", limit=_NAME_LIMIT)
    steps: list[dict[str, Any]] = []
    for place in _PLACES:
        rung = form.raw(f"way_{place}")
        if not rung:
            continue
        if rung not in RUNG_LABELS or any(step["rung"] == rung for step in steps):
            form.complain(f"way_{place}", "同一种方式只能用一次。")
        wait = _number(form, f"wait_{place}") if form.text(f"wait_{place}") else None
        steps.append({"rung": rung} if wait is None else {"rung": rung, "receipt_minutes": wait})
    chosen = {"kinds": KINDS, "verbs": set(wordings()), "channels": CHANNELS}
    named = {field: [each for each in form.several(field) if each in known] for field, known in chosen.items()}
    return (
        {"name": name}
        | {field: values for field, values in named.items() if values}
        | {"steps": steps, "opt_out": bool(form.raw("opt_out")), "staff": bool(form.raw("staff"))}
    )


def _number(form: Form, name: str) -> float:
    try:
        number = float(form.text(name, missing="请填数字。"))
    except ValueError:
        form.complain(name, "要是数字，如 5。")
        return 0
    if not 0 < number <= 43_200:
        form.complain(name, "要大于 0，最多 43200。")
    return number


def _values(ladder: dict[str, Any]) -> dict[str, Any]:
    """A ladder as its form shows it."""
    values = {name: ladder.get(name, ()) for name in ("kinds", "verbs", "channels")}
    values |= {"name": ladder.get("name", ""), "opt_out": "1" if ladder.get("opt_out") else ""}
    values["staff"] = "1" if ladder.get("staff", True) else ""
    for place, step in enumerate(ladder.get("steps", ()), 1):
        rung, wait = (step, "") if isinstance(step, str) else (step["rung"], step.get("receipt_minutes", ""))
        values |= {f"way_{place}": rung, f"wait_{place}": wait}
    return values


async def _list_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    store = _store(visit)
    contents = await store.contents()
    ladders = Ladders(contents)
    rungs = {f"{rung}_{name}": value for rung, temper in contents[RUNGS].items() for name, value in temper.items()}
    return visit.page(
        "settings/ladders.html",
        status=status,
        ladders=[_shown(each) for each in contents[LADDERS]],
        labels=RUNG_LABELS,
        previews=[(_title(each.letter.occasion), each.ways) for each in previews(ladders)],
        form=form if form.typed() else Form.of(rungs),
        seen=await _seen(visit),
        coming=await store.coming(),
        kind=store.kind,
        histories=[(store.kind.called(part), history_path(LADDERS, part)) for part in (LADDERS, RUNGS)],
    )


async def _ladder_page(visit: Visit, place: str, form: Form, status: int = 200) -> web.Response:
    return visit.page(
        "settings/ladder.html",
        status=status,
        place=place,
        form=form,
        places=_PLACES,
        ways=[("", "不用"), *RUNG_LABELS.items()],
        kinds=[(name, label, None) for name, label in KINDS.items()],
        verbs=[(verb.value, verb.label, None) for verb in wordings()],
        channels=[(name, label, None) for name, label in CHANNELS.items()],
    )


def _shown(ladder: dict[str, Any]) -> dict[str, Any]:
    """A ladder in words."""
    rungs = [step if isinstance(step, str) else step["rung"] for step in ladder.get("steps") or ()]
    meant = [
        "、".join(KINDS.get(each, each) for each in ladder.get("kinds", ())),
        "、".join(_title(each) for each in ladder.get("verbs", ())),
        "、".join(CHANNELS.get(each, each) for each in ladder.get("channels", ())),
    ]
    return {
        "name": ladder.get("name") or "没有名称",
        "meant": "；".join(each for each in meant if each) or "前面都不合适的",
        "ways": [RUNG_LABELS[rung] for rung in rungs],
        "opt_out": ladder.get("opt_out", False),
        "staff": ladder.get("staff", True),
    }


def _title(verb: str) -> str:
    return Verb(verb).label if verb in set(Verb) else "问过的问题有答案了"


def _store(visit: Visit) -> KeptSettings:
    return visit.office.changeable.stores[LADDERS]


async def _ladders(visit: Visit) -> list[dict[str, Any]]:
    return list((await _store(visit).contents())[LADDERS])


async def _seen(visit: Visit) -> int:
    """The newest version, so that nobody overwrites another's work."""
    return max((each.version for each in await _store(visit).history(LADDERS)), default=0)


def _index(place: str, ladders: list[dict[str, Any]]) -> int:
    number = id_of(place)
    if number is None or not 1 <= number <= len(ladders):
        raise not_there("没有这一种安排", "次序刚刚变了，请回到列表再看一次。")
    return number - 1


def _entries(_office: Office) -> Iterable[Entry]:
    return [Entry(f"通知方式：{label}", _PATH, label) for label in (*KINDS.values(), *RUNG_LABELS.values())]


SECTIONS = (
    Section(
        "通知方式",
        "每种通知先用哪种方式，没送到再用哪种。",
        _PATH,
        _ADMINISTRATORS,
        "send",
        (LADDERS,),
        entries=_entries,
        group=WORDS,
    ),
)
ROUTES = (
    Route("GET", _PATH, _ADMINISTRATORS, list_ladders, "通知方式"),
    Route("POST", f"{_PATH}/rungs", _ADMINISTRATORS, change_rungs, "改每种方式等多久、发多快"),
    Route("GET", f"{_PATH}/{{place}}", _ADMINISTRATORS, show_ladder, "一种通知的先后"),
    Route("POST", f"{_PATH}/{{place}}", _ADMINISTRATORS, change_ladder, "改一种通知的先后"),
    Route("POST", f"{_PATH}/{{place}}/arrange", _ADMINISTRATORS, arrange, "排次序，去掉一种安排"),
)
