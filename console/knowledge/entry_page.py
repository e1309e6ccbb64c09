"""The page of one entry: what is told now, what is on its way, its versions, its use, its code on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import Connection

from channels.widget.blocks import blocks
from channels.widget.codes import code_address, qr_svg
from console.knowledge.differences import differences
from console.knowledge.listing import USE_OF, standing
from console.knowledge.verbs import entry_path, lifecycle_of, title_of, versions_of
from console.visit import Visit
from knowledge_base.confirmations import CONFIRMERS, Confirmation, last_confirmation
from knowledge_base.entry import Facet
from knowledge_base.entry_use import UNUSED, use_since
from knowledge_base.reviewers import is_alone
from knowledge_base.versions import MOVES, OPEN, HistoryItem, Version, VersionState, deed_label
from service.clock import china_date

_DUE_AHEAD = timedelta(days=30)
_REVIEWED_EVERY = timedelta(days=365)


@dataclass(slots=True)
class Step:
    """What somebody did, for the timeline; saving again and again is one step."""

    at: datetime
    who: str
    words: str
    text: str | None
    times: int = 1


async def show_entry(visit: Visit) -> web.Response:
    """One entry."""
    every = await versions_of(visit)
    slug = visit.match["slug"]
    told = next((version for version in every if version.state is VersionState.PUBLISHED), None)
    waiting = next((version for version in every if version.state in OPEN), None)
    numbers = {version.number for version in every}
    done = await lifecycle_of(visit.office).history(slug)
    steps = _steps([item for item in done if item.number in numbers])

    shown = told or waiting or every[0]
    desk = lifecycle_of(visit.office)

    def read(connection: Connection) -> tuple[bool, dict[str, object], dict[str, bool], Confirmation | None]:
        used = use_since(visit.now - USE_OF, [slug])(connection)
        reached = {
            verb: desk.reaches_within(connection, visit.actor, verb, shown.entry) for verb in ("submit", "withdraw")
        }
        reached["confirm"] = told is not None and desk.deals_with_within(
            connection, visit.actor, CONFIRMERS, told.entry
        )
        return is_alone(connection, visit.actor), dict(used), reached, last_confirmation(slug)(connection)

    alone, used, reached, confirmed = await visit.office.database.read(read)
    form, today = await visit.form(), china_date(visit.now)
    due = told.entry.review_by if told else None
    public = told is not None and told.entry.visibility == "public"
    return visit.page(
        "knowledge/entry.html",
        status=200 if form.ok else 422,
        form=form,
        confirmed=confirmed,
        due=due is not None and due <= today + _DUE_AHEAD,
        overdue=due is not None and due < today,
        next_review=(today + _REVIEWED_EVERY).isoformat(),
        today=today.isoformat(),
        slug=slug,
        title=title_of(shown.entry),
        told=told,
        waiting=waiting,
        shown=shown,
        changes=differences(told.entry, waiting.entry) if told and waiting else (),
        standing=standing(told.entry, visit.now) if told else None,
        learning=told is not None and visit.office.knowledge.is_learning(slug),
        to_learn=visit.office.knowledge.encoding,
        versions=every,
        steps=list(reversed(steps)),
        use=used.get(slug, UNUSED),
        code=Markup(qr_svg(code_address(visit.site, shown.entry))) if public else None,  # noqa: S704  # our drawing
        moves=moves_of(visit, waiting, alone=alone) if waiting else (),
        reached=reached,
        own=waiting is not None and waiting.author == visit.actor.name,
        reviewing=MOVES["approve"].by,
        path=lambda *more: entry_path(slug, *more),
        blocks=blocks,
        facets=list(Facet),
    )


def moves_of(visit: Visit, version: Version, *, alone: bool = False) -> list[str]:
    """What this visitor may do with a version now."""
    own = version.author == visit.actor.name and not alone
    return [
        verb
        for verb, move in MOVES.items()
        if version.state in move.source and visit.actor.is_any(*move.by) and not (move.not_the_author and own)
    ]


async def show_comparison(visit: Visit) -> web.Response:
    """Two versions side by side: the one that is told and the newest, or those in the address."""
    every = await versions_of(visit)
    newer = _chosen(every, visit.query.get("newer", "")) or every[0]
    earlier = [version for version in every if version.number < newer.number]
    published = [version for version in earlier if version.state is VersionState.PUBLISHED]
    older = _chosen(every, visit.query.get("older", "")) or next(iter(published or earlier), newer)
    return visit.page(
        "knowledge/compare.html",
        title=title_of(newer.entry),
        older=older,
        newer=newer,
        found=differences(older.entry, newer.entry),
        choices=[(str(version.number), f"第 {version.number} 版（{version.state.label}）") for version in every],
        path=lambda *more: entry_path(visit.match["slug"], *more),
    )


def _chosen(every: Sequence[Version], number: str) -> Version | None:
    return next((version for version in every if str(version.number) == number), None)


def _steps(history: Sequence[HistoryItem]) -> list[Step]:
    steps: list[Step] = []
    last: tuple[int, str, str] | None = None
    for item in history:
        this = (item.number, item.actor, item.verb)
        if item.verb == "edit" and this == last:
            steps[-1].at = item.at
            steps[-1].times += 1
        else:
            steps.append(Step(item.at, item.actor, f"第 {item.number} 版 {deed_label(item.verb)}", item.note))
        last = this
    return steps
