"""What the API takes and answers, as data. The OpenAPI document is made of these."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from channels.api.fields import Asked, Given, Moment, Name, Taken, Text
from tickets.given import TEXT_LIMIT
from tickets.lists import Order
from tickets.moves import Need, Verb
from tickets.replies.finding import Code, Severity
from tickets.states import State
from tickets.ticket import Kind, Outcome, Satisfaction
from tickets.urgency import Urgency

UnitCode = Annotated[Text, Field(min_length=1, max_length=40)]
Place = Annotated[Text, Field(max_length=200)]
PlaceName = Annotated[Text, Field(max_length=40)]
Number = Annotated[Text, Field(max_length=20)]
Revision = Annotated[int, Field(ge=0, lt=2**31)]
Reason = Annotated[Text, Field(max_length=500)]


class Channel(StrEnum):
    """How the request came to the system that registers it."""

    API = "api"
    PHONE = "phone"
    COUNTER = "counter"
    UPPER = "upper"


class NewTicket(Taken):
    """A request to be registered."""

    kind: Kind = Field(description="诉求类型")
    description: Annotated[Text, Field(min_length=1, max_length=TEXT_LIMIT)] = Field(description="诉求内容")
    channel: Channel = Field(Channel.API, description="诉求的来源，决定时限：api、phone、counter、upper（上级转办）")
    place: Place = Field("", description="地点")
    street: PlaceName | None = Field(None, description="街道；本区名单上没有的记在地点里")
    community: PlaceName | None = Field(None, description="社区；本区名单上没有的记在地点里")
    name: Annotated[Text, Field(max_length=50)] = Field("", description="诉求人姓名；匿名就不写")
    phone: Annotated[Text, Field(max_length=30)] | None = Field(None, description="诉求人电话")
    matter: Name | None = Field(None, description="事项")
    category: Annotated[Text, Field(max_length=60)] | None = Field(None, description="分类，如 旅游/景区服务")
    urgency: Urgency = Field(Urgency.NORMAL, description="紧急程度")
    confidential: bool = Field(False, description="不让承办单位知道诉求人是谁；举报总是这样")
    external: Annotated[Text, Field(min_length=1, max_length=60)] | None = Field(
        None, description="对方平台的工单编号；同一个编号只登记一次"
    )
    promised_at: Moment | None = Field(None, description="对方平台承诺的时限；不写就按本地的规则")


class NewMove(Taken):
    """A move to be made. What has to be given with it, `GET …/moves` says."""

    verb: Verb = Field(description="要做什么")
    seen: Revision | None = Field(None, description="看到的工单的 revision；之后有了变化就不做，回 409")
    reason: Annotated[Text, Field(max_length=1000)] = ""
    text: Annotated[Text, Field(max_length=TEXT_LIMIT)] = ""
    route: Annotated[Text, Field(max_length=1000)] = ""
    unit: Annotated[Text, Field(max_length=40)] = ""
    units: Annotated[tuple[UnitCode, ...], Field(max_length=20)] = ()
    handler: Annotated[Text, Field(max_length=64)] = ""
    until: Moment | None = None
    span: Annotated[Text, Field(max_length=40)] = ""
    other: Number = ""
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    level: Annotated[Text, Field(max_length=40)] = ""
    kind: Kind | None = None
    category: Annotated[Text, Field(max_length=60)] | None = None
    urgency: Urgency | None = None
    street: Annotated[Text, Field(max_length=40)] | None = None
    confirmed: Annotated[frozenset[UnitCode], Field(max_length=50)] = frozenset()
    keep_as_rule: bool = False


class ListQuery(Asked):
    """Which tickets, and which page of them. What may be said several times is joined by “or”."""

    state: frozenset[State] = Field(frozenset(), description="状态，可以写多个")
    open: bool | None = Field(None, description="true：还没办结的；false：已结束的")
    unit: frozenset[UnitCode] = Field(frozenset(), description="主办或被派单位的代码，可以写多个")
    involved: UnitCode | None = Field(None, description="协办或参与调查的单位")
    handler: Annotated[Text, Field(max_length=64)] | None = Field(None, description="经办人")
    kind: Kind | None = Field(None, description="诉求类型")
    category: Annotated[Text, Field(max_length=60)] | None = Field(None, description="分类")
    urgency: Urgency | None = Field(None, description="紧急程度")
    channel: Annotated[Text, Field(max_length=20)] | None = Field(None, description="渠道")
    street: Annotated[Text, Field(max_length=40)] | None = Field(None, description="街道")
    returned: bool = Field(False, description="true：只要退过单的")
    step_before: Moment | None = Field(None, description="当前环节应在此前完成的")
    promised_before: Moment | None = Field(None, description="应在此前给诉求人结果的")
    created_from: Moment | None = Field(None, description="从什么时候起登记的")
    created_before: Moment | None = Field(None, description="在什么时候以前登记的")
    order: Order = Field(
        Order.NEWEST, description="newest：新的在前；step：当前环节最急的在前；promise：承诺最急的在前"
    )
    after: Annotated[Text, Field(max_length=200)] | None = Field(None, description="上一页的 next")
    limit: Annotated[int, Field(ge=1, le=200)] = Field(50, description="一页多少张")


class TicketQuery(Asked):
    """Whether the requester's full data is wanted, and why."""

    personal: bool = Field(False, description="true：要诉求人的完整信息；需要 tickets:personal 范围，每次都有记录")
    reason: Reason = Field("", description="为什么要看完整信息")


class UploadQuery(Asked):
    """What the file is called."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] = Field(description="文件名")


class UnitShown(Given):
    """A unit."""

    code: str
    name: str | None


class TicketShown(Given):
    """A ticket. The requester's name and phone, and numbers in the description, are masked unless `masked` is false."""

    number: str
    kind: Kind
    kind_label: str
    state: State
    state_label: str
    revision: int
    urgency: Urgency
    channel: str
    description: str
    place: str | None
    street: str | None
    community: str | None
    requester_name: str | None
    requester_phone: str | None
    masked: bool
    confidential: bool
    matter: str | None
    category: str | None
    lead: UnitShown | None
    called: UnitShown | None
    handler: str | None
    returns: int
    reworks: int
    extensions: int
    asked_extension: str | None
    outcome: Outcome | None
    merged_into: str | None
    external: str | None
    created_at: datetime
    promised_at: datetime
    step_due: datetime | None
    dispatched_at: datetime | None
    urged_at: datetime | None
    updated_at: datetime
    closed_at: datetime | None


class TicketPage(Given):
    """A page of a list; `next` is null on the last one."""

    tickets: list[TicketShown]
    next: str | None


class TimelineLine(Given):
    """One thing that happened to a ticket."""

    at: datetime
    actor: str
    unit: str | None
    verb: str
    label: str
    source: State | None
    target: State | None
    note: str | None
    details: dict[str, Any]


class Timeline(Given):
    """Everything that happened to a ticket, oldest first."""

    number: str
    timeline: list[TimelineLine]


class MoveShown(Given):
    """A move that is possible now, and what has to be given with it."""

    verb: Verb
    label: str
    target: State | None
    needs: list[Need]


class PossibleMoves(Given):
    """What this key can do with a ticket now."""

    number: str
    revision: int
    moves: list[MoveShown]


class UnitSuggested(Given):
    """A unit for a ticket; `code` is null where the list of units does not have it."""

    code: str | None
    name: str
    chance: float


class UnitNamed(Given):
    """A unit a rule names beside the lead."""

    code: str | None
    name: str


class Suggestions(Given):
    """Where a ticket should go: at most three units, the most probable first, and why."""

    number: str
    units: list[UnitSuggested]
    assisting: list[UnitNamed]
    rule: str | None
    automatic: bool
    reasons: list[str]


class SimilarTicket(Given):
    """An open ticket that seems to be about the same; `own` where the same person opened it."""

    number: str
    state: State
    state_label: str
    lead: UnitShown | None
    own: bool
    why: str


class SimilarTickets(Given):
    """What a ticket seems to repeat, the likest first."""

    number: str
    similar: list[SimilarTicket]


class AlarmShown(Given):
    """Something that must not wait, and the tickets behind it."""

    id: int
    kind: str = Field(description="surge、unsolved_again、words")
    kind_label: str
    grade: str = Field(description="notice、warning、urgent")
    grade_label: str
    title: str
    tickets: list[str]
    raised_at: datetime
    acknowledged_by: str | None


class AlarmList(Given):
    """The alarms told to the roles of this key and not closed, the gravest and oldest first."""

    alarms: list[AlarmShown]


class ClosedAlarm(Given):
    """An alarm that was closed."""

    id: int


class AlarmOutcome(Taken):
    """What was done about an alarm."""

    outcome: Annotated[Text, Field(min_length=1, max_length=1000)] = Field(description="怎么处理的")


class AttachmentShown(Given):
    """A file of a ticket."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime


class AttachmentList(Given):
    """The files of a ticket, oldest first."""

    number: str
    attachments: list[AttachmentShown]


class FindingShown(Given):
    """What is wrong with a text that was to go out. One that is soft may be confirmed by its code (`confirmed`)."""

    code: Code
    severity: Severity
    suggestion: str


class ErrorTold(Given):
    """What went wrong: a code for programs, a sentence for people; for a text, what is wrong with it."""

    code: str
    message: str
    findings: tuple[FindingShown, ...] = ()


class ErrorShown(Given):
    """Every answer that is not a success."""

    error: ErrorTold
