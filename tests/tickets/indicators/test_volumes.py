"""How many tickets came on which day of China, from where, and of whom."""

from dataclasses import replace
from datetime import date, timedelta

from hotline import DISPATCHER, DRAFT

from tickets.indicators.period import Period
from tickets.indicators.volumes import registered_by, registered_by_day
from tickets.moves import Verb

TODAY = date(2026, 11, 21)


async def test_days_are_chinas_and_empty_ones_are_there(hotline, database, clock):
    period = Period(TODAY, TODAY + timedelta(days=2))
    for number, (hours, channel) in enumerate([(0, "phone"), (13, "wechat"), (2, "phone")]):  # 10:00, 23:00, 01:00
        clock.forward(hours=hours)
        await hotline.submitted(replace(DRAFT, id=f"d-{number}", channel=channel))
    counted = await database.read(registered_by_day(period))

    assert list(counted.values()) == [{"phone": 1, "wechat": 1}, {"phone": 1}, {}]


async def test_a_unit_is_told_of_its_own_only(hotline, database):
    period = Period(TODAY, TODAY)
    for number, unit in enumerate(("cg", "cg", "zj")):
        ticket = await hotline.submitted(replace(DRAFT, id=f"d-{number}"))
        await hotline.do(DISPATCHER, ticket, Verb.DISPATCH, unit=unit)
    await hotline.submitted(replace(DRAFT, id="d-new"))

    assert dict(await database.read(registered_by("unit", period))) == {"cg": 2, "zj": 1, None: 1}
    mine = frozenset({"zj"})
    assert await database.read(registered_by("unit", period, mine)) == [("zj", 1)]
    assert await database.read(registered_by_day(period, mine)) == {TODAY: {"widget": 1}}
    assert await database.read(registered_by("street", period)) == [("阳光街道", 4)]
