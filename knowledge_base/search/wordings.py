"""The texts of an entry that search looks at."""

from knowledge_base.entry import Entry
from knowledge_base.search.pieces import pieces


def wordings_of(entry: Entry) -> tuple[str, ...]:
    """The texts by which people ask for an entry."""
    texts = (entry.question, *entry.similar_questions, entry.matter)
    return tuple(dict.fromkeys(text for text in texts if text))


def whole_text(entry: Entry) -> str:
    """Everything that an entry says."""
    return " ".join((*wordings_of(entry), *entry.keywords, entry.answer, *told_by_facet(entry)))


def passages_of(entry: Entry) -> list[str]:
    """Question and one piece of what is told, so that each piece knows what it is about."""
    told = (entry.answer, *told_by_facet(entry))
    parts = [part for text in told if text for part in pieces(text)]
    return [f"{entry.matter or entry.question} {part}" for part in parts] or [entry.question]


def told_by_facet(entry: Entry) -> tuple[str, ...]:
    """What is told of each side of the matter."""
    facets = entry.facets
    return tuple(getattr(facets, name) for name in type(facets).model_fields)
