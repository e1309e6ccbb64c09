"""Questions that were left open and would fit an entry, so that its writer can take them as similar questions."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from knowledge_base.entry import Entry
from knowledge_base.search.wordings import wordings_of
from knowledge_base.tables import answers
from service.encryption import Cipher
from service.text import exact_key

_READ = 500  # newest open questions that are looked at
_LIKE = 0.3  # share of a question's character pairs that the entry's wordings have, from which it is near by words
_NEAR = 0.5  # what it counts for that the search found this entry nearest


def open_questions_near(cipher: Cipher, entry: Entry, limit: int = 8) -> Callable[[Connection], list[str]]:
    """A unit of work: masked wordings people used, those that fit best first; none the entry has already."""
    own = {exact_key(wording) for wording in wordings_of(entry)}
    told = set().union(*(_pairs(key) for key in own)) if own else set()
    newest = (
        select(answers.c.question, answers.c.nearest)
        .where(answers.c.gap.is_not(None), answers.c.question.is_not(None), answers.c.verb != "tell_me")
        .order_by(answers.c.at.desc())
        .limit(_READ)
    )

    def read(connection: Connection) -> list[str]:
        found: dict[str, tuple[float, str]] = {}
        for sealed, nearest in connection.execute(newest):
            wording = cipher.decrypt_text(sealed) or ""
            key = exact_key(wording)
            pairs = _pairs(key)
            if key in own or key in found or not pairs:
                continue
            shared = len(pairs & told) / len(pairs)
            near = bool(nearest) and nearest[0] == entry.slug
            if shared >= _LIKE or near:
                found[key] = (shared + _NEAR * near, wording)
        best = sorted(found.values(), key=lambda each: -each[0])
        return [wording for _, wording in best[:limit]]

    return read


def _pairs(key: str) -> set[str]:
    return {key[place : place + 2] for place in range(len(key) - 1)}
