"""A file's entries, looked at as a whole by another person: what is new and changed, tried, published or sent back."""

import asyncio
from collections.abc import Awaitable
from itertools import groupby

from aiohttp import web
from sqlalchemy import Connection

from channels.widget.blocks import blocks
from console.addresses import id_of
from console.kept_files import kept_path, told_of
from console.knowledge.differences import differences
from console.knowledge.gate_page import named_in
from console.knowledge.verbs import entry_path, questions_cipher, title_of
from console.office import Office
from console.refusal import not_there
from console.visit import Visit
from knowledge_base.catalogue import on_their_way
from knowledge_base.entry import Facet
from knowledge_base.formats import read_file, refusal
from knowledge_base.gate import Trial, digest_of, try_change
from knowledge_base.import_reviews import (
    HandedIn,
    ImportReviews,
    ImportRow,
    ImportState,
    handed_in,
    overtaken_within,
    rows_of,
)
from knowledge_base.imports import EntryImports
from knowledge_base.kept_trials import keep_trial, kept_trial
from knowledge_base.live import refresh_knowledge
from knowledge_base.question_bank import bank_for
from knowledge_base.reviewers import is_alone
from knowledge_base.versions import MOVES, NotAllowed, VersionState
from service.jobs import JobRefused, Outcome, Tell

_PAGE = 50
_EFFECTS = 50  # of a kind
_KINDS = (("", "全部"), ("new", "新增的"), ("changed", "改动的"), ("left_out", "留下不导入的"))
_TRIALS = "import"
"""Under which the trials of files are kept, beside those of single entries."""


async def submit(visit: Visit) -> web.Response:
    """Hand in what a file has, for a reviewer; in a job."""
    path = kept_path(visit.office, visit.match["file"])
    name = (await told_of(visit.office, path))["name"]
    office, actor = visit.office, visit.actor

    async def work(tell: Tell) -> Outcome:
        reading = await asyncio.to_thread(read_file, path, lambda share: tell(share / 3))
        if reading.refused:
            raise JobRefused(refusal(reading.refused))
        reviews = reviews_of(office)
        found = await reviews.imports.preview(reading.entries, lambda share: tell((1 + share) / 3), reading.silent)
        there = {entry.slug for entry in reading.entries}
        gone = sorted(entry.slug for entry in office.knowledge.stored() if entry.slug not in there)
        try:
            number = await reviews.submit(
                actor, name, found.to_put, len(found.same), gone, lambda share: tell((2 + share) / 3)
            )
        except NotAllowed as refused:
            raise JobRefused(str(refused)) from refused
        told = f"{len(found.to_put)} 条已送审，通过以前市民看到的不变。"
        return Outcome(told, _path(number))

    return await visit.start(f"送审 {name[:60]}", work)


async def show_import(visit: Visit) -> web.Response:
    """One file: what it would do, what was tried, and what can be done with it."""
    return await _page(visit)


async def leave_out(visit: Visit) -> web.Response:
    """Publish the ticked entries not with the others."""
    number, slugs = _number(visit), (await visit.form()).several("slug")
    if not slugs:
        return visit.go(_path(number), "请先勾选要留下的。", good=False)
    return await _done(visit, reviews_of(visit.office).leave_out(visit.actor, number, slugs), "{} 条留下，不导入。")


async def leave_overtaken(visit: Visit) -> web.Response:
    """Publish not with the others what somebody changed meanwhile."""
    doing = reviews_of(visit.office).leave_overtaken(visit.actor, _number(visit))
    return await _done(visit, doing, "后来有人改过的 {} 条留下，不导入。")


async def take_in(visit: Visit) -> web.Response:
    """Publish an entry with the others after all."""
    slugs = (await visit.form()).several("slug")
    doing = reviews_of(visit.office).take_in(visit.actor, _number(visit), slugs)
    return await _done(visit, doing, "{} 条放回来了，通过后一起发布。")


async def try_import(visit: Visit) -> web.Response:
    """Try a file on the questions of this installation; publish it if that was wanted and nothing drops."""
    number = _number(visit)
    wants = (await visit.form()).raw("then") == "publish"
    office, actor = visit.office, visit.actor
    found = await _found(visit)

    async def work(tell: Tell) -> Outcome:
        await refresh_knowledge(office.entries, office.knowledge)
        every = await office.database.read(rows_of(number))
        changed = [row.entry for row in every if not row.left_out]
        if not changed:
            raise JobRefused("全都留下不导入了，没有要试的。")
        bank = await bank_for(office.database, questions_cipher(office), office.knowledge, changed, office.clock)
        trial = await try_change(office.knowledge, changed, bank, lambda done, total: tell(0.9 * done / total))
        kept = keep_trial(questions_cipher(office), _TRIALS, number, trial, office.clock())
        await office.database.write(kept)
        told = f"试了 {trial.tried} 个问题，{len(trial.effects)} 个有变化，{len(trial.drops)} 个变差"
        if not wants or trial.drops:
            return Outcome(f"{told}。", _path(number))
        try:
            done = await reviews_of(office).approve(actor, number, trial, "", lambda share: tell(0.9 + share / 10))
        except NotAllowed as refused:
            raise JobRefused(str(refused)) from refused
        await refresh_knowledge(office.entries, office.knowledge)
        return Outcome(f"{_published(done)}{told}。", _path(number))

    return await visit.start(f"试问：{found.name[:60]}", work)


async def approve(visit: Visit) -> web.Response:
    """Publish what was tried, in a job."""
    number, form, office, actor = _number(visit), await visit.form(), visit.office, visit.actor
    trial = await _trial(visit, number)
    if trial is None:
        return visit.go(_path(number), "试问的结果已经过时，请再试一遍。", good=False)
    reason = form.text("reason", missing="请写明为什么仍要发布。" if trial.drops else "", limit=500)
    if not form.ok:
        return await _page(visit, status=422)
    name = (await _found(visit)).name

    async def work(tell: Tell) -> Outcome:
        try:
            done = await reviews_of(office).approve(actor, number, trial, reason, tell)
        except NotAllowed as refused:
            raise JobRefused(str(refused)) from refused
        await refresh_knowledge(office.entries, office.knowledge)
        return Outcome(_published(done), _path(number))

    return await visit.start(f"发布：{name[:60]}", work)


async def reject(visit: Visit) -> web.Response:
    """Send a file back as a whole."""
    number, form = _number(visit), await visit.form()
    reason = form.text("reject-reason", missing="请写明退回的原因。", limit=500)
    if form.ok:
        try:
            await reviews_of(visit.office).reject(visit.actor, number, reason)
        except NotAllowed as refused:
            return visit.go(_path(number), str(refused), good=False)
        return visit.go(_path(number), "整个退回了，导入的人能看到原因。", undo=f"{_path(number)}/reopen")
    return await _page(visit, status=422)


async def take_back(visit: Visit) -> web.Response:
    """Hand in a file no longer."""
    number = _number(visit)
    try:
        await reviews_of(visit.office).take_back(visit.actor, number)
    except NotAllowed as refused:
        return visit.go(_path(number), str(refused), good=False)
    return visit.go(_path(number), "收回了，不再等审核。", undo=f"{_path(number)}/reopen")


async def reopen(visit: Visit) -> web.Response:
    """Have a file wait for review again."""
    number = _number(visit)
    try:
        await reviews_of(visit.office).reopen(visit.actor, number)
    except NotAllowed as refused:
        return visit.go(_path(number), str(refused), good=False)
    return visit.go(_path(number), "又在等审核了。")


def reviews_of(office: Office) -> ImportReviews:
    """The verbs around a file's entries."""
    return ImportReviews(EntryImports(office.database, office.entries, office.clock))


async def _done(visit: Visit, doing: Awaitable[int], said: str) -> web.Response:
    number = _number(visit)
    try:
        count = await doing
    except NotAllowed as refused:
        return visit.go(_path(number), str(refused), good=False)
    return visit.go(_path(number), said.format(count))


async def _page(visit: Visit, status: int = 200) -> web.Response:
    found, number, actor = await _found(visit), _number(visit), visit.actor
    kind = visit.query.get("kind", "")

    def read(
        connection: Connection,
    ) -> tuple[list[ImportRow], dict[str, VersionState], bool, int]:
        page = rows_of(number, kind=kind, after=visit.query.get("after", ""), limit=_PAGE + 1)(connection)
        open_now = on_their_way(connection, [row.entry.slug for row in page])
        return page, open_now, is_alone(connection, actor), overtaken_within(connection, number)

    rows, open_now, alone, overtaken = await visit.office.database.read(read)
    shown = rows[:_PAGE]
    told = {entry.slug: entry for entry in visit.office.knowledge.stored()}
    trial = await _trial(visit, number) if found.state is ImportState.SUBMITTED else None
    names = {slug: title_of(entry) for slug, entry in told.items()}
    names |= {row.entry.slug: title_of(row.entry) for row in rows}
    own = found.author == actor.name
    return visit.page(
        "knowledge/handed_in.html",
        status=status,
        form=await visit.form(),
        found=found,
        rows=[(row, differences(told[row.entry.slug], row.entry) if row.entry.slug in told else ()) for row in shown],
        later=visit.url(after=shown[-1].entry.slug) if len(rows) > _PAGE else None,
        kinds=_KINDS,
        open_now=open_now,
        overtaken=overtaken,
        own=own,
        alone=alone,
        may_decide=actor.is_any(*MOVES["approve"].by) and (not own or alone),
        reviews=actor.is_any(*MOVES["approve"].by),
        trial=trial,
        groups=[(verdict, list(each)) for verdict, each in groupby(trial.effects, key=lambda effect: effect.verdict)]
        if trial
        else [],
        effects=_EFFECTS,
        named=lambda words: named_in(words, names),
        names=names,
        title_of=title_of,
        blocks=blocks,
        facets=list(Facet),
        entry=entry_path,
        path=_path(number),
    )


async def _trial(visit: Visit, number: int) -> Trial | None:
    """What was found out lately about the very contents that would be published."""
    reading = kept_trial(questions_cipher(visit.office), _TRIALS, number, visit.now)
    trial = await visit.office.database.read(reading)
    if trial is None:
        return None
    every = await visit.office.database.read(rows_of(number))
    changed = [row.entry for row in every if not row.left_out]
    return trial if trial.digest == await asyncio.to_thread(digest_of, *changed) else None


async def _found(visit: Visit) -> HandedIn:
    try:
        return await visit.office.database.read(handed_in(_number(visit)))
    except NotAllowed as unknown:
        raise not_there("没有这次导入") from unknown


def _number(visit: Visit) -> int:
    number = id_of(visit.match["number"])
    if number is None:
        raise not_there("没有这次导入")
    return number


def _path(number: int) -> str:
    return f"/knowledge/imports/{number}"


def _published(done: HandedIn) -> str:
    return f"发布了 {done.new + done.changed - done.left_out} 条，市民现在就能问到；可以整个撤销。"
