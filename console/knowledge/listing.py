"""The list of entries: what is told now, or what is on its way, with what needs a look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Connection

from console.addresses import id_of
from console.area import Found
from console.knowledge.verbs import entry_path, lifecycle_of, title_of
from console.office import Office
from console.visit import Visit
from knowledge_base import catalogue
from knowledge_base.confirmations import overdue
from knowledge_base.entry import Entry
from knowledge_base.entry_use import UNUSED, EntryUse, unhelpful_since, unused_since, use_since
from knowledge_base.unsaved import Unsaved, unsaved_by
from knowledge_base.versions import VersionState
from service.clock import china_date, china_moment
from service.identity.roles import Actor

USE_OF = timedelta(days=30)
"""How far back figures of use look."""

_PAGE = 50
_UNSAVED = 5
_FOUND = 5
_FIRST_YEAR = 2000  # nothing was written before
_REVIEW_AHEAD = timedelta(days=30)
_STATES = (
    VersionState.DRAFT,
    VersionState.SUBMITTED,
    VersionState.APPROVED,
    VersionState.WITHDRAWN,
)
_LOOKS = (
    ("", "全部"),
    ("due", "该复核了（30 天内）"),
    ("expired", "已过期"),
    ("coming", "还没生效"),
    ("unhelpful", "常有人说没帮助"),
    ("unused", "30 天没人问到"),
    ("staff", "只给工作人员看"),
)
_BY_USE = {"unhelpful": unhelpful_since, "unused": unused_since}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    entry: Entry
    title: str
    path: str
    badge: tuple[str, str]
    open: VersionState | None = None
    use: EntryUse = UNUSED
    author: str = ""
    changed_at: datetime | None = None


async def list_entries(visit: Visit) -> web.Response:
    """Entries, filtered."""
    desk = lifecycle_of(visit.office)

    def read(connection: Connection) -> tuple[dict[VersionState, int], frozenset[str] | None, list[Unsaved]]:
        seen = desk.units_seen_within(connection, visit.actor)
        return catalogue.counts(connection), seen, unsaved_by(visit.actor.name, _UNSAVED)(connection)

    counts, units_seen, left = await visit.office.database.read(read)
    state = visit.query.get("state", "")
    if state in set(_STATES):
        count = counts[VersionState(state)] if units_seen is None else None
        rows, total, later = await _written(visit, VersionState(state), units_seen, count)
    else:
        rows, total, later = await _told(visit, units_seen)
    units = sorted({entry.issuing_unit for entry in visit.office.knowledge.stored() if entry.issuing_unit})
    return visit.page(
        "knowledge/list.html",
        rows=rows,
        total=total,
        later=later,
        state=state,
        states=[("", "已发布"), *((each.value, _counted(each, counts, units_seen)) for each in _STATES)],
        left=left,
        path=entry_path,
        units=[("", "全部单位"), *((unit, unit) for unit in units)],
        looks=_LOOKS,
        to_learn=visit.office.knowledge.encoding,
        today=china_date(visit.now),
    )


async def _told(visit: Visit, units_seen: frozenset[str] | None) -> tuple[list[Row], int, str | None]:
    office, now = visit.office, visit.now
    fits, look = _fits(visit), visit.query.get("look", "")
    since = now - USE_OF
    asked = _BY_USE.get(look)
    by_use = await office.database.read(asked(since)) if asked else set()
    whose = units_seen if look == "due" else None  # what a unit has to look at is its own
    found = [
        entry
        for entry in sorted(office.knowledge.stored(), key=lambda entry: entry.slug)
        if fits(entry) and _looks_like(entry, look, now, by_use) and (whose is None or entry.issuing_unit in whose)
    ]
    rest = [entry for entry in found if entry.slug > visit.query.get("after", "")]
    shown, later = visit.paged(rest, _PAGE, lambda entry: entry.slug)
    slugs = [entry.slug for entry in shown]

    def read(connection: Connection) -> tuple[dict[str, VersionState], dict[str, EntryUse]]:
        return catalogue.on_their_way(connection, slugs), use_since(since, slugs)(connection)

    waiting, used = await office.database.read(read)
    rows = [
        Row(
            entry,
            title_of(entry),
            entry_path(entry.slug),
            standing(entry, now),
            waiting.get(entry.slug),
            used.get(entry.slug, UNUSED),
        )
        for entry in shown
    ]
    return rows, len(found), later


def _counted(state: VersionState, counts: Mapping[VersionState, int], seen: frozenset[str] | None) -> str:
    """A state with how many stand there; who sees some units only is not told of the others'."""
    return f"{state.label}（{counts[state]}）" if seen is None else state.label


async def _written(
    visit: Visit, state: VersionState, units_seen: frozenset[str] | None, count: int | None
) -> tuple[list[Row], int | None, str | None]:
    chosen = _fits(visit)

    def fits(entry: Entry) -> bool:
        return (units_seen is None or entry.issuing_unit in units_seen) and chosen(entry)

    reading = catalogue.in_state(state, fits, _PAGE + 1, _place(visit.query.get("after", "")))
    found = await visit.office.database.read(reading)
    shown, later = visit.paged(found, _PAGE, lambda each: f"{each.changed_at.isoformat()}~{each.id}")
    rows = [
        Row(
            each.entry,
            title_of(each.entry),
            entry_path(each.entry.slug),
            (state.label, "plain"),
            author=each.author,
            changed_at=each.changed_at,
        )
        for each in shown
    ]
    narrowed = visit.query.get("q", "").strip() or visit.query.get("unit", "")
    return rows, None if narrowed else count, later


def _place(after: str) -> tuple[datetime, int] | None:
    """Where the page before ended; what nobody here wrote is the beginning."""
    moment, _, number = after.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    last = id_of(number)
    return None if last is None or at.tzinfo is None or at.year < _FIRST_YEAR else (at, last)


def _fits(visit: Visit) -> Callable[[Entry], bool]:
    words, unit = visit.query.get("q", "").strip(), visit.query.get("unit", "")
    return lambda entry: (not unit or entry.issuing_unit == unit) and (not words or names(entry, words))


def names(entry: Entry, words: str) -> bool:
    """Whether an entry is called or asked for by these words, or its answer says them."""
    told = (entry.slug, entry.matter, entry.question, entry.answer, *entry.similar_questions, *entry.keywords)
    return any(words in text for text in told)


def _looks_like(entry: Entry, look: str, now: datetime, by_use: set[str]) -> bool:
    match look:
        case "due":
            return entry.review_by is not None and entry.review_by <= china_date(now) + _REVIEW_AHEAD
        case "expired":
            return entry.expires_on is not None and china_moment(entry.expires_on) <= now
        case "coming":
            return entry.effective_from is not None and china_moment(entry.effective_from) > now
        case "unhelpful" | "unused":
            return entry.slug in by_use
        case "staff":
            return entry.visibility == "staff"
        case _:
            return True


def standing(entry: Entry, now: datetime) -> tuple[str, str]:
    """Whether a published entry is told at the moment: a badge's words and kind."""
    if entry.expires_on and china_moment(entry.expires_on) <= now:
        return "已过期", "bad"
    if entry.effective_from and china_moment(entry.effective_from) > now:
        return "还没生效", "warn"
    return ("仅工作人员", "brand") if entry.visibility == "staff" else ("市民可见", "good")


def find(office: Office, _actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    """What the search of the top bar finds among entries: those called so first."""
    fitting = [entry for entry in office.knowledge.stored() if names(entry, text)]
    fitting.sort(key=lambda entry: (text not in title_of(entry), entry.slug))
    found = [Found(title_of(entry), entry_path(entry.slug), entry.issuing_unit) for entry in fitting[:_FOUND]]
    return lambda _connection: found


def count_due(office: Office, actor: Actor) -> Callable[[Connection], int]:
    """How many entries should have been looked at again by now; people of a unit are told of its own."""
    desk, today = lifecycle_of(office), china_date(office.clock())

    def count(connection: Connection) -> int:
        return overdue(desk.units_seen_within(connection, actor), today)(connection)

    return count
