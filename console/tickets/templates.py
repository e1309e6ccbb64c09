"""Beginnings of replies (常用答复), kept by a unit for itself and by the hotline for everybody."""

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.forms import Form
from console.refusal import changed_meanwhile, not_there
from console.tickets.options import category_options
from console.visit import Visit
from service.identity.roles import Role
from tickets.replies.templates import (
    BODY_LIMIT,
    TITLE_LIMIT,
    ReplyTemplate,
    TemplateRefused,
    find,
    may_change,
    put_back_within,
    put_within,
    readable,
    remove_within,
)
from tickets.units import names


async def show_templates(visit: Visit) -> web.Response:
    """All one may use, and a form for a new one or one to change."""
    asked = visit.query.get("edit", "")
    if not asked:
        return await _page(visit, Form(), "")
    try:
        chosen = await visit.office.database.read(lambda connection: find(connection, _id(asked)))
    except TemplateRefused as gone:
        raise not_there("没有这条常用答复", str(gone)) from gone
    values = {"title": chosen.title, "body": chosen.body, "category": chosen.category or "", "unit": chosen.unit or ""}
    return await _page(visit, Form.of(values), asked)


async def save_template(visit: Visit) -> web.Response:
    """Keep a new one, or one that was changed."""
    form = await visit.form()
    editing = form.raw("id")
    kept = ReplyTemplate(
        form.text("title", missing="请写名称，比如“路灯维修”。", limit=TITLE_LIMIT),
        form.text("body", missing="请写内容。", limit=BODY_LIMIT),
        form.text("unit") or None,
        form.text("category") or None,
        _id(editing) if editing else None,
    )
    at = visit.now
    if form.ok:
        try:
            await visit.office.database.write(lambda connection: put_within(connection, visit.actor, kept, at))
        except TemplateRefused as refused:
            form.complain("unit", str(refused))
        else:
            return visit.go("/reply-templates", f"“{kept.title}”已保存，写答复时可以选。")
    return await _page(visit, form, editing, status=422)


async def remove_template(visit: Visit) -> web.Response:
    """Take one away."""
    number, actor, at = _id(visit.match["template"]), visit.actor, visit.now
    try:
        await visit.office.database.write(lambda connection: remove_within(connection, actor, number, at))
    except TemplateRefused as refused:
        raise changed_meanwhile(str(refused)) from refused
    return visit.go("/reply-templates", "已删掉。", undo=f"/reply-templates/{number}/restore")


async def restore_template(visit: Visit) -> web.Response:
    """Put one back."""
    number, actor = _id(visit.match["template"]), visit.actor
    try:
        back = await visit.office.database.write(lambda connection: put_back_within(connection, actor, number))
    except TemplateRefused as refused:
        raise changed_meanwhile(str(refused)) from refused
    return visit.go("/reply-templates", f"“{back.title}”放回来了。")


async def _page(visit: Visit, form: Form, editing: str, status: int = 200) -> web.Response:
    actor = visit.actor

    def work(connection: Connection) -> tuple[list[ReplyTemplate], dict[str, str]]:
        found = readable(actor)(connection)
        return found, names({*actor.units, *(each.unit for each in found if each.unit)})(connection)

    found, named = await visit.office.database.read(work)
    owners = [(code, named.get(code, code)) for code in sorted(actor.units)]
    if actor.is_any(Role.AGENT, Role.DISPATCHER):
        owners.insert(0, ("", "热线，各单位都能用"))
    tops = [(each.code, each.name) for each in visit.office.categories if each.parent is None]
    return visit.page(
        "tickets/templates.html",
        status=status,
        templates=[(each, may_change(actor, each.unit)) for each in found],
        names=named,
        form=form,
        editing=editing,
        owners=owners,
        categories=[("", "所有分类"), *tops, *category_options(visit.office.categories)],
        limits=(TITLE_LIMIT, BODY_LIMIT),
    )


def _id(text: str) -> int:
    return id_of(text) or 0
