"""What is done with several tickets at once, each as a move of its own: what one refuses holds up no other."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from console.addresses import id_of
from console.forms import Form
from console.tickets.lists.page import PAGE
from console.visit import Visit
from tickets.given import Given
from tickets.moves import Verb
from tickets.number import find_number
from tickets.refusal import MoveNotAllowed


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of them.

    Attributes:
        refused: why it was not done; empty where it was.
    """

    number: str
    refused: str = ""


async def dispatch_several(visit: Visit) -> web.Response:
    """Ask one unit to accept several tickets."""
    form = await visit.form()
    unit = form.text("unit", missing="请选择派给哪个单位。")
    given = Given.of(unit=unit, reason=form.text("reason"))
    return await _each(visit, form, Verb.DISPATCH, given, "派单")


async def urge_several(visit: Visit) -> web.Response:
    """Ask to be quicker with several tickets."""
    return await _each(visit, await visit.form(), Verb.URGE, Given(), "催办")


async def _each(visit: Visit, form: Form, verb: Verb, given: Given, title: str) -> web.Response:
    back = f"/tickets?{urlencode(parse_qsl(form.text('query')))}"
    picked = list(_picked(form))
    if not picked:
        form.complain("picked", "请先在列表里勾选工单。")
    if not form.ok:
        return visit.go(back, "".join(form.errors.values()), good=False)
    done = [await _one(visit, number, seen, verb, given) for number, seen in picked]
    refused = [each for each in done if each.refused]
    if not refused:
        return visit.go(back, f"{title}完成：{len(done)} 张。")
    return visit.page("tickets/bulk.html", title=title, done=done, refused=refused, back=back)


async def _one(visit: Visit, number: str, seen: int, verb: Verb, given: Given) -> Done:
    try:
        await visit.office.desk.lifecycle.perform(visit.actor, number, verb, given, seen=seen)
    except MoveNotAllowed as refused:
        return Done(number, str(refused))
    return Done(number)


def _picked(form: Form) -> Iterable[tuple[str, int]]:
    """The tickets that are ticked, and how each stood when it was looked at."""
    for value in form.several("picked")[:PAGE]:
        number, _, revision = value.rpartition(":")
        if find_number(number) == number and (seen := id_of(revision)) is not None:
            yield number, seen
