"""Looking at an entry again: “still right” with what it was held against, and taken back at a press."""

from datetime import date

from aiohttp import web

from console.addresses import day_of
from console.knowledge.entry_page import show_entry
from console.knowledge.verbs import entry_path, lifecycle_of
from console.visit import Visit
from knowledge_base.confirmations import EVIDENCE_LIMIT, Confirmations
from knowledge_base.live import refresh_knowledge
from knowledge_base.versions import NotAllowed


async def confirm(visit: Visit) -> web.Response:
    """Say that what is told is still right."""
    slug, form = visit.match["slug"], await visit.form()
    evidence = form.text("evidence", missing="请写明核对了什么：官网网址，或者文件名和条款。", limit=EVIDENCE_LIMIT)
    until = day_of(form.text("until"))
    if until is None:
        form.complain("until", "请选下次复核的日期。")
    if form.ok and until is not None:
        try:
            done = await Confirmations(lifecycle_of(visit.office)).confirm(visit.actor, slug, evidence, until)
        except NotAllowed as refused:
            form.complain("until" if "日" in str(refused) or "天" in str(refused) else "evidence", str(refused))
        else:
            await refresh_knowledge(visit.office.entries, visit.office.knowledge)
            back = "/knowledge?look=due" if form.raw("back") == "due" else entry_path(slug)
            said = f"记下了：仍然有效，{_shown(done.until)} 前再看。"
            return visit.go(back, said, undo=entry_path(slug, "confirm", "undo"))
    return await show_entry(visit)


async def take_back(visit: Visit) -> web.Response:
    """Take back what one said last."""
    slug = visit.match["slug"]
    try:
        before = await Confirmations(lifecycle_of(visit.office)).take_back(visit.actor, slug)
    except NotAllowed as refused:
        return visit.go(entry_path(slug), str(refused), good=False)
    await refresh_knowledge(visit.office.entries, visit.office.knowledge)
    return visit.go(entry_path(slug), f"撤销了，复核日期还是 {_shown(before)}。" if before else "撤销了。")


def _shown(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
