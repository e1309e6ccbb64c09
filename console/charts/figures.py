"""The figures of the charts, as the tickets' indicators and the use of the knowledge base have them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from console.charts import telling
from console.charts.chart import Chart
from handover.figures import waiting_figures
from knowledge_base.usage import usage
from tickets.indicators.definitions import Definitions
from tickets.indicators.measure import Rate, Rates
from tickets.indicators.period import Period
from tickets.indicators.volumes import registered_by, registered_by_day
from tickets.units import directory


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures.

    Attributes:
        units: those of these units; the whole hotline's if None.
    """

    period: Period
    units: frozenset[str] | None


def charts(
    definitions: Definitions, scope: Scope, rates: tuple[Rates, Rates], titles: Mapping[str, str], promise: timedelta
) -> Callable[[Connection], list[Chart]]:
    """A unit of work: every chart of a period, as things stand now, beside the period before.

    Args:
        rates: of the period and of the one before, see `rates_of`.
        titles: of entries, by slug.
        promise: until when a person answers who is asked for.
    """
    period, units = scope.period, scope.units

    def work(connection: Connection) -> list[Chart]:
        volumes, before = (registered_by_day(each, units)(connection) for each in (period, period.before))
        names = {unit.code: unit.name for unit in directory(connection)}
        found = [telling.days(volumes, before, period.before), telling.channels(volumes, before)]
        if units is None:
            used, used_before = (usage(each.first, each.last)(connection) for each in (period, period.before))
            found += telling.knowledge(used, used_before, period.before, titles)
            waits, waits_before = (
                waiting_figures(each.begins, each.ends, promise)(connection) for each in (period, period.before)
            )
            found.append(telling.waits(waits, waits_before, promise, period.before))
        found.append(telling.rates(definitions, *rates))
        for what in telling.HEAT:
            now, then = (registered_by(what, each, units)(connection) for each in (period, period.before))
            found.append(telling.heat(what, now, then, names))
        return [chart for chart in found if chart.rows]

    return work


def rates_of(units: frozenset[str] | None, by_unit: Mapping[str | None, Rates]) -> Rates:
    """The rates of some units as one; those of the whole hotline if None."""
    found: Rates = {}
    for unit, rates in by_unit.items():
        if units is not None and unit not in units:
            continue
        for name, rate in rates.items():
            one = found.setdefault(name, Rate())
            for mine, theirs in ((one.raw, rate.raw), (one.adjusted, rate.adjusted)):
                mine.hits += theirs.hits
                mine.cases += theirs.cases
    return found
