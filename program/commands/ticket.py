"""`liaotianban ticket …`: the whole life of tickets from a terminal; requesters are masked."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.desk import Number, find_ticket, run_at_desk
from program.commands.installation import As, settings
from program.commands.output import AsJson, fail, say, show

if TYPE_CHECKING:
    from service.identity.roles import Actor
    from tickets.desk import TicketDesk
    from tickets.moves import Verb
    from tickets.parties import Party
    from tickets.ticket import Ticket, TimelineItem

ticket = typer.Typer(help="工单：看清单、看进度、办理，导入和导出。", no_args_is_help=True)

_SHOWN = (
    *("number", "revision", "kind", "state", "urgency", "channel", "category", "street", "place", "description"),
    *("lead", "called", "handler", "returns", "reworks", "extensions", "outcome", "requester_name", "requester_phone"),
)
_DETAILS = {
    "unit": "单位",
    "assisting": "协办",
    "named": "应由",
    "investigating": "参与",
    "before": "原来",
    "handler": "经办人",
    "other": "另一张",
    "level": "级别",
    "route": "转到",
    "rule": "派单规则",
    "satisfaction": "满意度",
}
"""What of a line's details is told, and how it is called."""
_CHANGED = {"kind": "类型", "category": "类别", "urgency": "紧急程度", "street": "街道"}
"""Details that hold what was before and what is now."""
_PROGRAMS = {"citizen": "诉求人", "system": "系统"}


@ticket.command("list")
def ticket_list(
    by: As,
    view: Annotated[str, typer.Argument(metavar="[VIEW]", help="清单的名字；不写就列出有哪些。")] = "",
    after: Annotated[str | None, typer.Option(help="从哪里往后翻：上一页末尾给的。")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="一页多少张。")] = 50,
    as_json: AsJson = False,
) -> None:
    """一份清单里的工单，最急的在前。"""
    from tickets.lists import page
    from tickets.masking import seen_by
    from tickets.views import VIEWS

    if view not in VIEWS:
        say(f"没有“{view}”这份清单。有这些：" if view else "有这些清单：")
        for name, there in VIEWS.items():
            typer.echo(f"{name}  {there.label}")
        raise typer.Exit(1 if view else 0)
    chosen = VIEWS[view]

    async def read(desk: "TicketDesk", actor: "Actor") -> "tuple[list[Ticket], str | None]":
        lifecycle = desk.lifecycle
        wanted = chosen.filter(actor, lifecycle.clock())
        work = page(wanted, lifecycle.cipher, order=chosen.order, after=after, limit=limit)
        found = await lifecycle.database.read(work)
        return [seen_by(actor, each) for each in found.tickets], found.next

    found, following = run_at_desk(by, read)
    if as_json:
        show({"tickets": [_plain(each) for each in found], "next": following}, as_json)
        return
    for each in found:
        typer.echo(_line(each))
    say(f"下一页：--after {following}" if following else f"{chosen.label}：到此为止。")


@ticket.command("show")
def ticket_show(number: Number, by: As, as_json: AsJson = False) -> None:
    """一张工单和它的经过；诉求人的姓名电话不显示全。"""
    from tickets.masking import seen_by

    async def read(desk: "TicketDesk", actor: "Actor") -> "tuple[Ticket, list[TimelineItem]]":
        found, _ = await find_ticket(desk, actor, number)
        return seen_by(actor, found), await desk.timeline(found)

    found, lines = run_at_desk(by, read)
    if as_json:
        show({"ticket": _plain(found), "timeline": [_plain_line(line) for line in lines]}, as_json)
        return
    _print_ticket(found)
    for line in lines:
        typer.echo(_told(line))


@ticket.command("moves")
def ticket_moves(number: Number, by: As, as_json: AsJson = False) -> None:
    """现在能做什么，要给什么，会告诉谁。"""
    from tickets.moves import MOVES, possible

    async def read(desk: "TicketDesk", actor: "Actor") -> "tuple[Ticket, frozenset[Party]]":
        return await find_ticket(desk, actor, number)

    found, parties = run_at_desk(by, read)
    verbs = possible(found, parties)
    if as_json:
        rows = [
            {
                "verb": verb.value,
                "label": MOVES[verb].label,
                "needs": [need.value for need in MOVES[verb].needs],
                "tells": sorted(MOVES[verb].tells),
            }
            for verb in verbs
        ]
        show({"number": number, "state": found.state.value, "moves": rows}, as_json)
        return
    typer.echo(f"{found.number} 现在是“{found.state.staff_label}”。")
    for verb in verbs:
        typer.echo(_offer(verb))
    if not verbs:
        typer.echo("现在没有这个账号能做的。")


@ticket.command("move")
def ticket_move(
    number: Number,
    verb: Annotated[str, typer.Argument(metavar="VERB", help="做什么；有哪些见 ticket moves。")],
    by: As,
    reason: Annotated[str, typer.Option(help="原因。")] = "",
    text: Annotated[str, typer.Option(help="答复、补充等内容。")] = "",
    route: Annotated[str, typer.Option(help="诉求人可走的途径；转紧急热线时写 110、119、120 或 122。")] = "",
    unit: Annotated[str, typer.Option(help="单位代码。")] = "",
    units: Annotated[str, typer.Option(help="协办或参与调查的单位代码，用逗号隔开。")] = "",
    handler: Annotated[str, typer.Option(help="经办人的账号。")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d %H:%M", "%Y-%m-%d"], help="等诉求人到什么时候。")
    ] = None,
    span: Annotated[str, typer.Option(help="延长多久，如 5个工作日。")] = "",
    other: Annotated[str, typer.Option(help="另一张工单的编号。")] = "",
    solved: Annotated[bool | None, typer.Option("--solved/--unsolved", help="诉求人说解决了没有。")] = None,
    satisfaction: Annotated[int | None, typer.Option(min=1, max=5, help="满意度，5 最满意。")] = None,
    level: Annotated[str, typer.Option(help="督办的级别。")] = "",
    kind: Annotated[str | None, typer.Option(help="类型，如 投诉。")] = None,
    category: Annotated[str | None, typer.Option(help="类别。")] = None,
    urgency: Annotated[str | None, typer.Option(help="普通、紧急或特急。")] = None,
    street: Annotated[str | None, typer.Option(help="街道，名单里的名字。")] = None,
    confirm: Annotated[str, typer.Option(help="看过、仍要这样写的问题的代号，用逗号隔开。")] = "",
    keep_as_rule: Annotated[bool, typer.Option("--keep-as-rule", help="裁定同时记成派单规则。")] = False,
    as_json: AsJson = False,
) -> None:
    """办一步。"""
    from service.clock import CHINA
    from tickets.given import Given
    from tickets.moves import Verb
    from tickets.ticket import Kind, Satisfaction
    from tickets.urgency import Urgency

    if verb not in set(Verb) - {Verb.SUBMIT}:
        raise fail(f"没有“{verb}”这个动作，可以写：{'、'.join(each for each in Verb if each is not Verb.SUBMIT)}。")
    _check_category(category)
    given = Given.of(
        reason=reason,
        text=text,
        route=route,
        unit=unit,
        units=_codes(units),
        handler=handler,
        until=until and until.replace(tzinfo=CHINA),
        span=span,
        other=other,
        solved=solved,
        satisfaction=satisfaction and Satisfaction(satisfaction),
        level=level,
        kind=kind and _labelled(Kind, kind, "类型"),
        category=category,
        urgency=urgency and _labelled(Urgency, urgency, "紧急程度"),
        street=street,
        confirmed=frozenset(_codes(confirm)),
        keep_as_rule=keep_as_rule,
    )

    async def move(desk: "TicketDesk", actor: "Actor") -> "Ticket":
        found, _ = await find_ticket(desk, actor, number)
        return await desk.lifecycle.perform(actor, number, Verb(verb), given, seen=found.revision)

    moved = run_at_desk(by, move)
    if as_json:
        show(
            {"number": moved.number, "state": moved.state.value, "revision": moved.revision, **_due(moved)},
            as_json,
        )
    else:
        say(f"已{Verb(verb).label}：{_line(moved)}")


def _codes(written: str) -> tuple[str, ...]:
    return tuple(filter(None, (code.strip() for code in written.replace("，", ",").split(","))))


def _check_category(code: str | None) -> None:
    from tickets.categories.tree import Categories, CategoriesRefused

    if code is None:
        return
    try:
        known = Categories.load(settings().categories_file)
    except CategoriesRefused as refused:
        raise fail(str(refused)) from refused
    if code not in known:
        part = code.split("/")[0]
        near = "、".join(each.code for each in known if each.parent == part)
        told = f"“{part}”下面有：{near}。" if near else "请写成 大类/小类，如 旅游/景区服务。"
        raise fail(f"没有“{code}”这个类别。{told}")


def _labelled(names: Any, written: str, what: str) -> Any:
    for each in names:
        if written in (each.label, each.value):
            return each
    raise fail(f"没有“{written}”这个{what}，可以写：{'、'.join(each.label for each in names)}。")


def _due(found: "Ticket") -> dict[str, Any]:
    return {
        "promised_at": found.promised_at.isoformat(),
        "step_due": found.step_due and found.step_due.isoformat(),
    }


def _plain(found: "Ticket") -> dict[str, Any]:
    moments = {"created_at": found.created_at.isoformat(), **_due(found)}
    return {name: getattr(found, name) for name in _SHOWN} | moments


def _plain_line(line: "TimelineItem") -> dict[str, Any]:
    from service.privacy import mask_personal_data

    return {
        "at": line.at.isoformat(),
        "actor": line.actor,
        "unit": line.unit,
        "verb": line.verb,
        "source": line.source,
        "target": line.target,
        "note": line.note and mask_personal_data(line.note),
        "details": dict(line.details),
    }


def _line(found: "Ticket") -> str:
    from service.clock import shown_when

    due = f"{shown_when(found.step_due)} 前办下一步" if found.step_due else "已结束"
    unit = found.lead or "还没有单位"
    if found.called not in (None, found.lead):
        unit += f"（已请 {found.called} 签收）"
    return f"{found.number}  {found.state.staff_label}  {found.kind.label}  {unit}  {due}"


def _print_ticket(found: "Ticket") -> None:
    from service.clock import chinese_day

    typer.echo(_line(found))
    typer.echo(f"答应诉求人：{chinese_day(found.promised_by)}前")
    typer.echo(f"诉求人：{found.requester_name or '没有留姓名'}  {found.requester_phone or '没有留电话'}")
    typer.echo(f"地点：{found.place or '没有写'}")
    typer.echo(f"诉求：{found.description}")


def _told(line: "TimelineItem") -> str:
    from service.clock import shown_when
    from service.privacy import mask_personal_data
    from tickets.moves import Verb

    given = {name: line.details.get(key) for key, name in _DETAILS.items()}
    given |= {f"{name}改为": line.details[key][1] for key, name in _CHANGED.items() if key in line.details}
    details = "，".join(f"{name} {_detail(value)}" for name, value in given.items() if value)
    what = f"{Verb(line.verb).label}（{details}）" if details else Verb(line.verb).label
    note = f"：{mask_personal_data(line.note)}" if line.note else ""
    return f"{shown_when(line.at)}  {what}  {_PROGRAMS.get(line.actor, line.actor)}{note}"


def _detail(value: Any) -> str:
    from tickets.ticket import Kind
    from tickets.urgency import Urgency

    for names in (Kind, Urgency):
        if value in list(names):
            return names(value).label
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _offer(verb: "Verb") -> str:
    from tickets.moves import MOVES
    from tickets.parties import Party

    move = MOVES[verb]
    needs = "、".join(f"--{need.value}（{need.label}）" for need in move.needs)
    told = "、".join(party.label for party in Party if party in move.tells)
    return f"{verb.value}  {move.label}" + (f"  要给 {needs}" if needs else "") + (f"  会告诉{told}" if told else "")
