"""The pages of texts: a list of each kind, and a form with the text as it reaches the citizen."""

from collections.abc import Iterable

from aiohttp import web

from channels.sms.templates import SMS_TEXTS
from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.kept import keep
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.text_kinds import (
    TEXT_KINDS,
    Shown,
    TextKind,
    applied_for,
    as_content,
    as_text,
    with_examples,
)
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.kept.phrases import PHRASES

WORDS = "文案和通知"
"""The heading they stand under."""

_KINDS = {each.name: each for each in TEXT_KINDS}


async def list_texts(visit: Visit) -> web.Response:
    """Every text of a kind, as it is now."""
    found = _kind(visit)
    store = visit.office.changeable.stores[found.name]
    contents, shipped = await store.contents(), store.kind.shipped()
    if PHRASES in shipped:
        return visit.go(_path(found, PHRASES))
    words = visit.query.get("q", "").strip()
    rows = [
        (part, store.kind.called(part), as_text(contents[part]), contents[part] != shipped[part])
        for part in shipped
        if words in f"{store.kind.called(part)}{contents[part]}"
    ]
    coming = await store.coming()
    return visit.page("settings/texts.html", found=found, kind=store.kind, rows=rows, coming=coming)


async def show_text(visit: Visit) -> web.Response:
    """One text, to be changed."""
    found, part = _kind(visit), _part(visit)
    contents = await visit.office.changeable.stores[found.name].contents()
    return await _page(visit, found, part, Form.of({"text": as_text(contents[part])}))


async def change_text(visit: Visit) -> web.Response:
    """Change it, or say it again as the product does."""
    found, part, form = _kind(visit), _part(visit), await visit.form()
    note, begins = read_note(form), read_begins(form, visit.now)
    text = form.text("text")
    content = None if form.raw("shipped") else as_content(found, part, text)
    store = visit.office.changeable.stores[found.name]
    if form.ok:
        try:
            written = await keep(visit, found.name, {part: content}, note, begins)
        except store.kind.refused as refused:
            form.complain("text", str(refused))
        else:
            if not written:
                return visit.go(_path(found, part), "和原来一样，没有要改的。")
            return visit.go(_path(found, part), "已保存，到那天自动换上。" if begins else "已保存，几秒内换上。")
    return await _page(visit, found, part, form, status=422)


async def preview_text(visit: Visit) -> web.Response:
    """What is typed as it would reach the citizen, for the script: a piece of a page."""
    found, part, form = _kind(visit), _part(visit), await visit.form()
    shown, wrong = _shown(visit, found, part, form.text("text"))
    return visit.page("settings/text_preview.html", shown=shown, wrong=wrong)


async def _page(visit: Visit, found: TextKind, part: str, form: Form, status: int = 200) -> web.Response:
    store = visit.office.changeable.stores[found.name]
    shown, wrong = _shown(visit, found, part, form.text("text"))
    return visit.page(
        "settings/text.html",
        status=status,
        found=found,
        kind=store.kind,
        part=part,
        form=form,
        usable=found.usable(visit.office.changeable, part),
        shipped=as_text(store.kind.shipped()[part]),
        shown=shown,
        wrong=wrong,
        coming=[each for each in await store.coming() if each.part == part],
        history=history_path(found.name, part),
        alone=PHRASES in store.kind.shipped(),
    )


def _shown(visit: Visit, found: TextKind, part: str, text: str) -> tuple[list[Shown], str]:
    """How it is shown, or why it cannot be."""
    store = visit.office.changeable.stores[found.name]
    whole = {**store.kind.shipped(), part: as_content(found, part, text)}
    try:
        store.kind.check(whole, whole)
    except store.kind.refused as refused:
        return [], str(refused)
    usable = found.usable(visit.office.changeable, part)
    shown = list(found.shown(visit, part, with_examples(found, text, usable)))
    if found.name == SMS_TEXTS:
        shown += applied_for(visit.office.changeable.sms_texts, part, text)
    return shown, ""


def _kind(visit: Visit) -> TextKind:
    found = _KINDS.get(visit.match["kind"])
    if found is None:
        raise not_there("没有这一类文案")
    return found


def _part(visit: Visit) -> str:
    part = visit.match["part"]
    if part not in visit.office.changeable.stores[visit.match["kind"]].kind.shipped():
        raise not_there("没有这一条文案")
    return part


def _path(found: TextKind, part: str = "") -> str:
    return f"/settings/texts/{found.name}/{part}" if part else f"/settings/texts/{found.name}"


def _section(found: TextKind) -> Section:
    def entries(office: Office) -> Iterable[Entry]:
        store = office.changeable.stores[found.name]
        return [
            Entry(f"{store.kind.title}：{store.kind.called(part)}", _path(found, part), as_text(content))
            for part, content in store.kind.shipped().items()
        ]

    return Section(
        found.title,
        found.about,
        _path(found),
        ADMINISTRATORS,
        found.icon,
        (found.name,),
        entries=entries,
        group=WORDS,
    )


SECTIONS = tuple(_section(each) for each in TEXT_KINDS)
ROUTES = (
    Route("GET", "/settings/texts/{kind}", ADMINISTRATORS, list_texts, "文案"),
    Route("GET", "/settings/texts/{kind}/{part}", ADMINISTRATORS, show_text, "一条文案"),
    Route("POST", "/settings/texts/{kind}/{part}", ADMINISTRATORS, change_text, "改文案"),
    Route("POST", "/settings/texts/{kind}/{part}/preview", ADMINISTRATORS, preview_text, "文案预览"),
)
