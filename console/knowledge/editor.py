"""Writing an entry: the form with its preview, kept while it is typed, and never over what somebody else saved.

What is typed is kept for whoever types it (`knowledge_base.unsaved`) and found again after a crash; a draft that
colleagues see, and a line in the history, come of saving alone.
"""

from datetime import UTC, datetime
from secrets import token_hex

from aiohttp import web

from channels.widget.blocks import blocks
from console.forms import Form
from console.knowledge.differences import differences
from console.knowledge.entry_form import FIELDS, entry_of, form_of
from console.knowledge.preview import preview_of
from console.knowledge.verbs import entry_path, lifecycle_of, questions_cipher, title_of
from console.refusal import not_there, not_yours
from console.visit import Visit
from knowledge_base.coverage.suggestions import open_questions_near
from knowledge_base.entry import TO_BE_WRITTEN, Entry
from knowledge_base.formats.columns import CHINESE
from knowledge_base.unsaved import Unsaved, unsaved_of
from knowledge_base.versions import OPEN, NotAllowed, Version, VersionState
from service.clock import china_date

_STAMP = 40  # characters of a moment
_NO_DRAFT = datetime(1970, 1, 1, tzinfo=UTC)
"""What was seen where there was no draft yet: one that somebody began meanwhile is not written over."""


async def show_new(visit: Visit) -> web.Response:
    """On to the form of a new entry. Its id says the day; it is the entry's for good."""
    slug = f"e{china_date(visit.now):%y%m%d}-{token_hex(3)}"
    return visit.go(f"{entry_path(slug, 'edit')}?new=1")


async def show_form(visit: Visit) -> web.Response:
    """The form of an entry: its draft, or what its next version begins with."""
    slug = visit.match["slug"]
    desk, units, left = lifecycle_of(visit.office), await _units(visit), await _left(visit)
    every = await desk.shown_to(visit.actor, slug)
    if not every and visit.query.get("new") != "1" and left is None:
        raise not_there("没有这个条目", "编号可能写错了，可以在知识条目里找找看。")
    current = _open(every)
    if current is not None and current.state is not VersionState.DRAFT:
        said = f"第 {current.number} 版{current.state.label}，现在不能改。要改请先请审核的人退回。"
        return visit.go(entry_path(slug), said, good=False)
    base = current or next((each for each in every if each.state is VersionState.PUBLISHED), next(iter(every), None))
    if left is not None:
        form = Form.of({**left.fields, "seen": left.seen})
        typed = entry_of(Form.of(left.fields), slug) or (base.entry if base else None)
        return await _page(visit, form, typed, current, left=left)
    own = next(iter(units)) if units is not None and len(units) == 1 else ""
    new = Form.of({"seen": "", "visibility": "public", "issuing_unit": own})
    form = form_of(base.entry, seen=_stamp(current)) if base else new
    return await _page(visit, form, base.entry if base else None, current)


async def save(visit: Visit) -> web.Response:
    """Keep the draft, and hand it to a reviewer if that was the button."""
    slug, form = visit.match["slug"], await visit.form()
    desk, _ = lifecycle_of(visit.office), await _units(visit)
    current = _open(await desk.versions(slug))
    entry = entry_of(form, slug, current.entry if current else None, dict.fromkeys(form.several("take")))
    if entry is None:
        return await _page(visit, form, None, current, status=422)
    try:
        draft = await desk.save_draft(visit.actor, entry, seen=_seen(form))
    except NotAllowed as refused:
        current = _open(await desk.versions(slug))
        if current is not None and current.state is VersionState.DRAFT and current.changed_at != _seen(form):
            return _both(visit, form, entry, current)
        form.complain("form", str(refused))
        return await _page(visit, form, entry, current, status=422)
    if form.raw("then") != "submit":
        return visit.go(entry_path(slug, "edit"), "草稿已保存。")
    try:
        await desk.submit(visit.actor, slug, draft.number)
    except NotAllowed as refused:
        form = form_of(entry, seen=_stamp(draft))
        form.complain("answer" if entry.answer == TO_BE_WRITTEN else "form", str(refused))
        return await _page(visit, form, entry, draft, status=422)
    return visit.go(entry_path(slug), f"“{title_of(entry)}”已送审。")


async def autosave(visit: Visit) -> web.Response:
    """Keep what is being typed, for the script of the form: for whoever types it, until they save."""
    slug, form = visit.match["slug"], await visit.form()
    desk, fields = lifecycle_of(visit.office), {name: form.text(name) for name in FIELDS}
    try:
        await desk.keep_typed(visit.actor, slug, fields, form.raw("seen")[:_STAMP])
    except NotAllowed as refused:
        return web.json_response({"state": "refused", "said": str(refused)})
    current = _open(await desk.versions(slug))
    meanwhile = current is not None and current.changed_at != _seen(form)
    return web.json_response({"state": "kept", "meanwhile": current.author if current and meanwhile else ""})


async def drop(visit: Visit) -> web.Response:
    """Go on with what is saved, without what was typed since."""
    slug = visit.match["slug"]
    desk = lifecycle_of(visit.office)
    await desk.drop_typed(visit.actor, slug)
    said = "没保存的内容已经去掉。"
    return visit.go(entry_path(slug, "edit") if await desk.versions(slug) else "/knowledge", said)


async def show_preview(visit: Visit) -> web.Response:
    """The preview of what is in the form, for its script: a piece of a page."""
    slug, form = visit.match["slug"], await visit.form()
    entry = entry_of(form, slug)
    return visit.page(
        "knowledge/preview.html",
        preview=None if entry is None else preview_of(visit, entry),
        blocks=blocks,
    )


def _both(visit: Visit, form: Form, mine: Entry, theirs: Version) -> web.Response:
    """409: both contents beside each other, to be made one."""
    return visit.page(
        "knowledge/both.html",
        status=409,
        form=form,
        fields=FIELDS,
        theirs=theirs,
        seen=_stamp(theirs),
        found=differences(theirs.entry, mine),
        title=title_of(mine),
        path=lambda *more: entry_path(mine.slug, *more),
    )


async def _units(visit: Visit) -> frozenset[str] | None:
    """The units for which the visitor may write the entry in the address; None: for every one.

    Raises:
        PageRefused: 403; it is another unit's.
    """
    desk, slug = lifecycle_of(visit.office), visit.match["slug"]
    try:
        return await visit.office.database.read(
            lambda connection: desk.check_writer_within(connection, visit.actor, slug)
        )
    except NotAllowed as refused:
        raise not_yours(str(refused)) from refused


async def _left(visit: Visit) -> Unsaved | None:
    """What the visitor left unsaved of the entry in the address."""
    return await visit.office.database.read(unsaved_of(visit.actor.name, visit.match["slug"]))


async def _page(
    visit: Visit,
    form: Form,
    entry: Entry | None,
    current: Version | None,
    status: int = 200,
    left: Unsaved | None = None,
) -> web.Response:
    near = open_questions_near(questions_cipher(visit.office), entry) if entry is not None else None
    units = sorted({each.issuing_unit for each in visit.office.knowledge.stored() if each.issuing_unit})
    return visit.page(
        "knowledge/edit.html",
        status=status,
        form=form,
        title=title_of(entry) if entry else "新建条目",
        entry=entry,
        current=current,
        left=left,
        meanwhile=left is not None and current is not None and _stamp(current) != left.seen,
        preview=None if entry is None else preview_of(visit, entry),
        near=await visit.office.database.read(near) if near else [],
        units=units,
        labels=CHINESE,
        blocks=blocks,
        path=lambda *more: entry_path(visit.match["slug"], *more),
    )


def _open(every: list[Version]) -> Version | None:
    return next((version for version in every if version.state in OPEN), None)


def _stamp(draft: Version | None) -> str:
    return draft.changed_at.isoformat() if draft is not None else ""


def _seen(form: Form) -> datetime:
    """When the draft that is being edited was last changed, as far as the form knew."""
    try:
        seen = datetime.fromisoformat(form.raw("seen"))
    except ValueError:
        return _NO_DRAFT
    return seen if seen.tzinfo else _NO_DRAFT
