"""A hotline with two units, and everybody who has a part in a ticket."""

from dataclasses import dataclass

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from service.identity.roles import Actor, Role
from service.identity.staff import add_staff
from service.settings import load_settings
from tickets.desk import TicketDesk
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.ticket import Draft, Kind
from tickets.units import Unit, put_within

AGENT = Actor("agent", frozenset({Role.AGENT}))
DISPATCHER = Actor("dispatcher", frozenset({Role.DISPATCHER}))
SUPERVISOR = Actor("supervisor", frozenset({Role.SUPERVISOR}))


def head_of(unit: str) -> Actor:
    return Actor(f"{unit}-head", frozenset({Role.UNIT_HEAD}), frozenset({unit}))


def clerk_of(unit: str) -> Actor:
    return Actor(f"{unit}-clerk", frozenset({Role.UNIT_CLERK}), frozenset({unit}))


DRAFT = Draft(
    id="draft-1",
    kind=Kind.COMPLAINT,
    channel="widget",
    conversation="conversation-1",
    description="阳光小区3号楼电梯坏了半个月",
    place="阳光小区3号楼",
    name="王女士",
    phone="+8613800138000",
)

REPLY = "您反映的3号楼电梯，维保公司11月20日更换了门机，21日上午试运行正常，请您再试用一下。"
EXPLAINED = "您要求的误工补偿没有法律依据，可以向区人民法院起诉，咨询电话12368。"
UNITS = (Unit("cg", "示例区城市管理局"), Unit("zj", "示例区住房和城乡建设局"), Unit("sw", "示例区水务局"))


@pytest.fixture
def lifecycle(database, keyring, clock):
    return Lifecycle.open(database, keyring, clock)


@pytest.fixture
def desk(lifecycle):
    return TicketDesk(lifecycle)


@dataclass
class Hotline:
    """The hotline in a test: short names for what its people do."""

    lifecycle: Lifecycle
    desk: TicketDesk

    async def do(self, actor, ticket, verb, **given):
        return await self.lifecycle.perform(actor, ticket.number, verb, Given.of(**given))

    async def submitted(self, draft=DRAFT):
        return await self.desk.submit(draft)

    async def dispatched(self, unit="cg", draft=DRAFT):
        return await self.do(DISPATCHER, await self.submitted(draft), Verb.DISPATCH, unit=unit)

    async def accepted(self, unit="cg", draft=DRAFT):
        return await self.do(clerk_of(unit), await self.dispatched(unit, draft), Verb.ACCEPT)

    async def replied(self, unit, ticket):
        """Accepted, answered, and the answer found good."""
        await self.do(clerk_of(unit), ticket, Verb.ACCEPT)
        await self.do(clerk_of(unit), ticket, Verb.REPLY, text=REPLY)
        return await self.do(AGENT, ticket, Verb.APPROVE)

    async def called_back(self, unit="cg", draft=DRAFT):
        return await self.replied(unit, await self.dispatched(unit, draft))


@pytest_asyncio.fixture
async def hotline(lifecycle, desk, database, clock):
    await database.write(lambda connection: put_within(connection, UNITS, clock()))
    return Hotline(lifecycle, desk)


@pytest_asyncio.fixture
async def staffed(hotline, database):
    await add_staff(database, "cg-clerk", [Role.UNIT_CLERK], "test", units=["cg"])
    return hotline


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command line, as staff type it, in this process."""
    from program.cli import app

    monkeypatch.setenv("LTB_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    load_settings.cache_clear()

    def start(*arguments, code=0):
        done = CliRunner().invoke(app, [*map(str, arguments)])
        assert done.exit_code == code, done.output + str(done.exception)
        return done

    yield start
    load_settings.cache_clear()
