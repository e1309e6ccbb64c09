"""Everyday words for official ones: edited, with their history, each change undone by one press."""

import re
from itertools import groupby

from aiohttp import web

from console.addresses import id_of
from console.forms import Form
from console.visit import Visit
from knowledge_base.live import refresh_knowledge
from knowledge_base.synonym_store import SynonymStore
from knowledge_base.synonyms import SynonymsRefused

_PAGE = 100
_HISTORY = 60
_BETWEEN = re.compile(r"[\n,，、;；|]+")
_VERBS = {"seed": "自带", "add": "添加", "set": "修改", "remove": "删除", "import": "整体替换", "undo": "撤销"}


async def show_synonyms(visit: Visit) -> web.Response:
    """All of them, by pages."""
    return await _page(visit, Form.of({"official": visit.query.get("official", ""), "words": await _words(visit)}))


async def put(visit: Visit) -> web.Response:
    """Keep exactly these words for an official one."""
    form = await visit.form()
    official = form.text("official", missing="请写正式说法。")
    words = [word.strip() for word in _BETWEEN.split(form.text("words", missing="请写市民的说法，至少一个。"))]
    if not form.ok:
        return await _page(visit, form, status=422)
    try:
        revision = await _store(visit).put(visit.actor, official, [word for word in words if word])
    except SynonymsRefused as refused:
        form.complain("words", str(refused))
        return await _page(visit, form, status=422)
    return await _done(visit, f"“{official}”已保存，现在就按新的来理解。", revision)


async def remove(visit: Visit) -> web.Response:
    """Keep an official word and its everyday ones no longer."""
    official = (await visit.form()).text("official")
    try:
        revision = await _store(visit).remove(visit.actor, official)
    except SynonymsRefused as refused:
        return visit.go("/knowledge/synonyms", str(refused).partition("用 kb")[0], good=False)
    return await _done(visit, f"“{official}”和它的说法已删除。", revision)


async def undo(visit: Visit) -> web.Response:
    """Take back what one change did."""
    try:
        await _store(visit).undo(visit.actor, id_of(visit.match["revision"]) or 0)
    except SynonymsRefused as refused:
        return visit.go("/knowledge/synonyms", str(refused).partition("用 kb")[0], good=False)
    await refresh_knowledge(visit.office.entries, visit.office.knowledge)
    return visit.go("/knowledge/synonyms", "已撤销。")


async def _done(visit: Visit, said: str, revision: int) -> web.Response:
    await refresh_knowledge(visit.office.entries, visit.office.knowledge)
    return visit.go("/knowledge/synonyms", said, undo=f"/knowledge/synonyms/{revision}/undo")


async def _words(visit: Visit) -> str:
    groups = (await _store(visit).all()).groups
    return "\n".join(groups.get(visit.query.get("official", ""), ()))


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    store = _store(visit)
    groups, text = (await store.all()).groups, visit.query.get("q", "").strip()
    fitting = sorted(name for name, words in groups.items() if any(text in word for word in (name, *words)))
    rest = [name for name in fitting if name > visit.query.get("after", "")]
    shown, later = visit.paged(rest, _PAGE, str)
    history = [change for change in await store.history(_HISTORY) if change.verb != "seed"]
    return visit.page(
        "knowledge/synonyms.html",
        status=status,
        form=form,
        groups=[(name, groups[name]) for name in shown],
        total=len(fitting),
        later=later,
        history=[(revision, list(changes)) for revision, changes in groupby(history, key=lambda each: each.revision)],
        verbs=_VERBS,
    )


def _store(visit: Visit) -> SynonymStore:
    return SynonymStore(visit.office.database, visit.office.clock)
