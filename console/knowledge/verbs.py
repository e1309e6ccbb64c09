"""The verbs of the knowledge base as the office opens them, and how its pages are addressed."""

from urllib.parse import quote

from console.addresses import id_of
from console.office import Office
from console.refusal import not_there
from console.rights import only
from console.visit import Visit
from knowledge_base.coverage.gaps import Gaps
from knowledge_base.entry import Entry
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.versions import AUTHORS, Version
from service.encryption import Cipher
from service.identity.roles import Role
from tickets.units import names_within

READERS = only(
    Role.AGENT,
    Role.CURATOR,
    Role.REVIEWER,
    Role.DISPATCHER,
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.SUPERVISOR,
)
"""Who reads entries and tries questions: everybody who answers citizens or answers for those who do."""

WRITERS = only(*AUTHORS)
KEEPERS = only(Role.CURATOR, Role.REVIEWER)
"""Who looks after the base as a whole."""


def lifecycle_of(office: Office) -> EntryLifecycle:
    """The verbs around an entry."""
    return EntryLifecycle(office.database, office.entries, office.clock, names_within)


def questions_cipher(office: Office) -> Cipher:
    """What seals the questions people asked."""
    return office.keyring.cipher("conversations")


def gaps_of(office: Office) -> Gaps:
    """The groups of open questions."""
    return Gaps(office.database, questions_cipher(office), lifecycle_of(office), office.clock)


def entry_path(slug: str, *more: object) -> str:
    """The address of an entry's page, or of one below it, below /console."""
    return "/".join(("/knowledge/entries", quote(slug, safe=""), *map(str, more)))


def title_of(entry: Entry) -> str:
    """What lists call an entry."""
    return entry.matter or entry.question


async def versions_of(visit: Visit) -> list[Version]:
    """The versions of the entry in the address that the visitor may see, newest first.

    Raises:
        PageRefused: there is no such entry.
    """
    found = await lifecycle_of(visit.office).shown_to(visit.actor, visit.match["slug"])
    if not found:
        raise not_there("没有这个条目", "编号可能写错了，可以在知识条目里找找看。")
    return found


def number_in(visit: Visit) -> int:
    """The number of the version in the address.

    Raises:
        PageRefused: it is none.
    """
    number = id_of(visit.match["number"])
    if number is None:
        raise not_there("没有这一版")
    return number
