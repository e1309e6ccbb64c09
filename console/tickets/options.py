"""What can be chosen of a ticket, as options of a field: categories, streets."""

from console.visit import Visit
from tickets.categories import Categories


def category_options(categories: Categories, kept: str | None = None) -> list[tuple[str, str]]:
    """The categories requests are put into, as options.

    Args:
        kept: the one a ticket has, which stays there to be chosen when it has been retired.
    """
    return [
        (each.code, each.code.replace("/", " / "))
        for each in categories
        if each.parent is not None and (not each.retired or each.code == kept)
    ]


def street_options(visit: Visit) -> list[tuple[str, str]]:
    """The streets of the district, as options."""
    streets = sorted(visit.office.desk.lifecycle.gazetteer.streets)
    return [("", "不清楚"), *((street, street) for street in streets)]
