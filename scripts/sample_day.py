"""A made-up day of a hotline: staff of every role, requests in every state, questions that found no answer.

For pictures and for looking at pages: nobody in it exists. Everything is done by the verbs of the product, at moments
that a clock is set to, so it looks the same each time.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, update

from bot.assistant import Incoming
from service.assembly import Parts, open_parts
from service.background import group_questions, recognise_tickets, watch_tickets
from service.clock import CHINA
from service.identity.roles import Actor, Role
from service.identity.sessions import Place, begin_within
from service.identity.staff import actor_of, add_staff
from service.identity.tables import staff
from service.settings import Settings
from tickets.given import Given
from tickets.moves import Verb
from tickets.ticket import Draft, Kind, Satisfaction, Ticket

NOW = datetime(2026, 11, 24, 10, 20, tzinfo=CHINA)
"""A Tuesday."""

STAFF = {
    "zhang": ("张敏", Role.ADMINISTRATOR, ()),
    "wang": ("王丽", Role.AGENT, ()),
    "zhao": ("赵晓芸", Role.AGENT, ()),
    "li": ("李华", Role.CURATOR, ()),
    "fang": ("方芳", Role.REVIEWER, ()),
    "liu": ("刘洋", Role.DISPATCHER, ()),
    "chen": ("陈晨", Role.UNIT_CLERK, ("cg",)),
    "he": ("何主任", Role.UNIT_HEAD, ("cg",)),
    "zhou": ("周科长", Role.UNIT_HEAD, ("zj",)),
    "sun": ("孙督办", Role.SUPERVISOR, ()),
    "xu": ("许审计", Role.AUDITOR, ()),
}

REPLY = "您好，您反映的问题我们{day}到现场看过：{done} 还有不清楚的，可以打 0000-0000（示例信息）找经办人。"


@dataclass(frozen=True, slots=True)
class Story:
    """A request and how far it has come.

    Attributes:
        days, hour: how many days ago, and at what hour.
        way: what was done with it, in order; see `_do`.
    """

    days: int
    hour: int
    kind: Kind
    channel: str
    words: str
    place: str
    name: str
    category: str
    unit: str = "cg"
    way: tuple[str, ...] = ()
    street: str | None = "和平街道"
    done: str = "坏的部件已经换好，试用正常。"


_C, _H, _Z, _S = Kind.COMPLAINT, Kind.HELP, Kind.CONSULTATION, Kind.SUGGESTION
_TO_CALLBACK = ("dispatch", "accept", "reply", "approve")
_TO_END = (*_TO_CALLBACK, "solved")
STORIES = (
    Story(20, 9, _C, "phone", "小区门口的井盖松了，车一过就响，晚上睡不好", "和平里小区东门", "吴女士", "城市管理/市政设施", way=_TO_END),
    Story(18, 15, _C, "wechat", "滨河路烧烤摊占道，油烟飘进屋里", "滨河家园北门", "郑先生", "城市管理/占道经营", way=_TO_END, street="东风街道"),
    Story(16, 10, _H, "phone", "家里老人想申请高龄补贴，不知道交什么材料", "青年小区2号楼", "冯女士", "民政和社区/养老服务", way=("answer",)),
    Story(15, 20, _C, "widget", "楼下商铺半夜还在装修，吵得没法休息", "阳光花园5号楼", "褚先生", "生态环境/噪声", "hb", _TO_END, "阳光街道"),
    Story(14, 11, _C, "phone", "公交站牌被树挡住了，看不见车次", "文化宫路口", "卫女士", "交通出行/公交地铁", "jt", _TO_END),
    Story(13, 9, _S, "widget", "建议在滨河公园加几张长椅", "滨河公园", "蒋先生", "城市管理/园林绿化", way=_TO_END, street="东风街道"),
    Story(12, 16, _C, "phone", "预付的健身卡店关门了退不了钱", "东风路88号", "沈女士", "市场监管/消费纠纷", "scjg", ("dispatch", "accept"), "东风街道"),
    Story(11, 8, _C, "wechat", "小区停车位被私家地锁占着，物业不管", "丽景花园", "韩先生", "住房和物业/物业服务", "zj", (*_TO_CALLBACK, "unsolved"), "东风街道"),
    Story(8, 14, _H, "phone", "水压太低，四楼以上晚上没有水", "幸福里小区7号楼", "杨女士", "供水/停水", "sw", _TO_END, "阳光街道", "加压泵的滤网已经清理，晚上八点测得四楼水压正常。"),
    Story(7, 10, _C, "widget", "路灯坏了一排，晚上回家看不见路", "和平里东区", "朱先生", "城市管理/市政设施", way=_TO_CALLBACK),
    Story(6, 9, _C, "phone", "垃圾桶满了三天没人收，味道很大", "和平家园西门", "秦女士", "城市管理/市容环境", way=("dispatch", "accept", "reply")),
    Story(6, 17, _C, "phone", "隔壁养了三条大狗不拴绳，孩子不敢下楼", "青年公寓", "尤先生", "城市管理/养犬", way=("dispatch", "accept", "extension")),
    Story(5, 11, _C, "wechat", "人行道上的砖松了，下雨天一踩溅一身水", "文化新村门口", "许女士", "城市管理/市政设施", way=("dispatch", "accept")),
    Story(5, 15, _C, "phone", "电梯一个月坏了四次，上周还困了人", "阳光小区3号楼", "何女士", "住房和物业/电梯", "zj", ("dispatch", "accept"), "阳光街道"),
    Story(4, 9, _C, "phone", "工地夜里两点还在打桩", "东风新村旁工地", "吕先生", "生态环境/噪声", "cg", ("dispatch", "return"), "东风街道"),
    Story(4, 16, _H, "widget", "老旧小区想加装电梯，找谁申请", "幸福家园", "施女士", "住房和物业/电梯", "zj", _TO_CALLBACK, "阳光街道", "加装要本单元三分之二以上的业主同意，申请表可以在街道领取。"),
    Story(3, 10, _C, "phone", "楼顶私搭阳光房，漏水漏到我家", "和平里小区12号楼", "张先生", "城市管理/违法建设", way=("dispatch",)),
    Story(1, 9, _C, "phone", "阳光小区3号楼电梯又停了，老人下不了楼", "阳光小区3号楼", "孔女士", "住房和物业/电梯", "zj", ("dispatch",), "阳光街道"),
    Story(1, 14, _C, "wechat", "绿化带里的树枝断了搭在电线上", "滨河花园南门", "曹先生", "城市管理/园林绿化", way=("dispatch",), street="东风街道"),
    Story(0, 9, _C, "phone", "小区外面的路面塌了一个坑，骑车的人摔了", "青年小区南门", "严女士", "城市管理/市政设施"),
    Story(0, 9, _H, "wechat", "孩子户口不在本区，明年想在这边上小学", "丽景苑", "华先生", "教育/入学转学", street="东风街道"),
    Story(0, 10, _C, "widget", "早市收摊以后满地菜叶没有人扫", "和平街中段", "金女士", "城市管理/市容环境"),
)

ASKED = (
    ("社保卡丢了怎么补办", 4),
    ("身份证过期了在外地能换吗", 3),
    ("居住证怎么办", 3),
    ("阳台能养蜜蜂吗", 3),
    ("楼上往下扔东西找谁管", 2),
    ("共享单车乱停堵了消防通道", 1),
    ("公积金能提出来装修吗", 2),
)


@dataclass(slots=True)
class SampleClock:
    """Stands where the story has come to."""

    moment: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        """The moment."""
        return self.moment


@dataclass(frozen=True, slots=True)
class SampleDay:
    """The open parts, and who works there."""

    parts: Parts
    actors: dict[str, Actor]
    tickets: Sequence[Ticket]

    async def token(self, username: str) -> str:
        """What the cookie of somebody who has signed in holds."""

        def begin(connection: Connection) -> str:
            until = self.parts.clock() + timedelta(hours=12)
            return begin_within(connection, username, Place("127.0.0.1", "示例"), NOW, until, code_given=True)

        return await self.parts.database.write(begin)


@asynccontextmanager
async def sample_day(data_dir: Path, model_dir: Path) -> AsyncIterator[SampleDay]:
    """The hotline in the middle of its day.

    Args:
        data_dir: an empty folder.
    """
    clock = SampleClock(NOW - timedelta(days=21))
    settings = Settings(data_dir=data_dir, model_dir=model_dir, encoder=False)
    async with open_parts(settings, clock) as parts:
        actors = {}
        for username, (name, role, units) in STAFF.items():
            await add_staff(parts.database, username, [role], "示例密码", units=units, name=name, clock=clock)
            actors[username] = await actor_of(parts.database, username)
        set_up = {"must_change_password": False, "password_changed_at": NOW, "second_factor_due_at": NOW + timedelta(7)}
        await parts.database.write(lambda connection: connection.execute(update(staff).values(set_up)))
        tickets = [await _live(parts, actors, clock, number, story) for number, story in enumerate(STORIES)]
        for number, (words, times) in enumerate(ASKED):
            for time in range(times):
                clock.moment = NOW - timedelta(days=2 * number, hours=1 + time)
                await parts.assistant.turn(Incoming(f"asked-{number}-{time}", "widget", f"asked-{number}-{time}", words))
        clock.moment = NOW
        await recognise_tickets(parts)
        await watch_tickets(parts)
        await group_questions(parts)
        yield SampleDay(parts, actors, tickets)


async def _live(parts: Parts, actors: dict[str, Actor], clock: SampleClock, number: int, story: Story) -> Ticket:
    """Register a request and have done with it what its story says."""
    begun = NOW.replace(hour=story.hour, minute=number % 20) - timedelta(days=story.days)
    clock.moment = begun
    draft = Draft(
        id=f"sample-{number}",
        kind=story.kind,
        channel=story.channel,
        conversation=f"sample-{number}",
        description=story.words,
        place=story.place,
        name=story.name,
        phone=f"+86138000{number:05}",
        category=story.category,
        street=story.street,
    )
    ticket = await parts.desk.lifecycle.submit(actors["wang"], draft)
    for step, deed in enumerate(story.way):
        clock.moment = min(begun + timedelta(hours=1 + 5 * step), NOW - timedelta(minutes=5))
        ticket = await _do(parts, actors, clock, ticket, story, deed)
    return ticket


async def _do(
    parts: Parts, actors: dict[str, Actor], clock: SampleClock, ticket: Ticket, story: Story, deed: str
) -> Ticket:
    clerk = Actor(f"{story.unit}-clerk", frozenset({Role.UNIT_CLERK}), frozenset({story.unit}))
    head = Actor(f"{story.unit}-head", frozenset({Role.UNIT_HEAD}), frozenset({story.unit}))
    clerk, head = (actors["chen"], actors["he"]) if story.unit == "cg" else (clerk, head)
    day = f"{clock.moment.month}月{clock.moment.day}日"
    moves: dict[str, tuple[Actor, Verb, dict[str, Any]]] = {
        "answer": (actors["wang"], Verb.ANSWER, {"text": "带老人的身份证和户口簿到社区办，当月受理，次月发放。"}),
        "dispatch": (actors["liu"], Verb.DISPATCH, {"unit": story.unit}),
        "accept": (clerk, Verb.ACCEPT, {}),
        "reply": (clerk, Verb.REPLY, {"text": REPLY.format(day=day, done=story.done)}),
        "approve": (actors["wang"], Verb.APPROVE, {}),
        "return": (head, Verb.REQUEST_RETURN, {"reason": "夜间施工噪声由生态环境部门监管，工地在其审批范围。", "unit": "hb"}),
        "extension": (head, Verb.REQUEST_EXTENSION, {"reason": "要等公安分局一起上门，约在下周一。", "span": "3个工作日"}),
    }
    if deed == "solved":
        return await parts.desk.solved(ticket, Satisfaction.SATISFIED)
    if deed == "unsolved":
        return await parts.desk.unsolved(ticket, "地锁还在，只是贴了张通知。", Satisfaction.DISSATISFIED)
    actor, verb, given = moves[deed]
    return await parts.desk.lifecycle.perform(actor, ticket.number, verb, Given.of(**given))
