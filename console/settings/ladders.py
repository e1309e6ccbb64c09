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
from console.rights import ADMINISTRATORS
from console.settings.kept import keep, replaced, version_of
from console.settings.ladder_form import CHANNELS, KINDS, PLACES, document_of, form_of, number_in
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.texts import WORDS
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.kept.store import KeptSettings
from tickets.announcements import wordings
from tickets.moves import Verb

_PATH = "/settings/ladders"
_NEW = "new"


async def list_ladders(visit: Visit) -> web.Response:
    """The ladders in their order, and what becomes of each notice by them."""
    return await _list_page(visit, Form())


async def show_ladder(visit: Visit) -> web.Response:
    """One ladder, to be changed."""
    ladders, place = await _ladders(visit), visit.match["place"]
    ladder = {"staff": True} if place == _NEW else ladders[_index(place, ladders)]
    return await _ladder_page(visit, place, form_of(ladder, seen=await version_of(visit, LADDERS, LADDERS)))


async def change_ladder(visit: Visit) -> web.Response:
    """Change it, or put a new one before all others."""
    form, place = await visit.form(), visit.match["place"]
    ladder, ladders = document_of(form), await _ladders(visit)
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
        return visit.go(_PATH, "已保存。")
    return await _list_page(visit, form, status=422)


async def change_rungs(visit: Visit) -> web.Response:
    """Change how each way is treated."""
    form = await visit.form()
    rungs = {
        rung: {name: number_in(form, f"{rung}_{name}") for name in ("patience_minutes", "per_second")}
        for rung in RUNG_LABELS
    }
    if await _changed(visit, form, {RUNGS: rungs}):
        return visit.go(_PATH, "已保存。")
    return await _list_page(visit, form, status=422)


async def _changed(visit: Visit, form: Form, contents: dict[str, Any]) -> bool:
    note, begins = read_note(form), read_begins(form, visit.now)
    replaces = replaced(form, LADDERS) if LADDERS in contents else None
    if form.ok:
        try:
            await keep(visit, LADDERS, contents, note, begins, replaces)
        except LaddersRefused as refused:
            form.complain("note", str(refused))
    return form.ok


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
        seen=await version_of(visit, LADDERS, LADDERS),
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
        places=PLACES,
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
        ADMINISTRATORS,
        "send",
        (LADDERS,),
        entries=_entries,
        group=WORDS,
    ),
)
ROUTES = (
    Route("GET", _PATH, ADMINISTRATORS, list_ladders, "通知方式"),
    Route("POST", f"{_PATH}/rungs", ADMINISTRATORS, change_rungs, "改每种方式等多久、发多快"),
    Route("GET", f"{_PATH}/{{place}}", ADMINISTRATORS, show_ladder, "一种通知的先后"),
    Route("POST", f"{_PATH}/{{place}}", ADMINISTRATORS, change_ladder, "改一种通知的先后"),
    Route("POST", f"{_PATH}/{{place}}/arrange", ADMINISTRATORS, arrange, "排次序，去掉一种安排"),
)
