"""What an import would do, before it does it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from knowledge_base.entry import Entry, Facets
from knowledge_base.versions import FieldChange, compare


@dataclass(frozen=True, slots=True, repr=False)  # asyncio.run writes out what it returns: 300 MB for 100,000 entries
class Preview:
    """Entries of a file, sorted by what would become of them.

    Attributes:
        new: not there yet.
        changed: there, with other content; each with what would change.
        same: there as they are; they are left alone.
    """

    new: tuple[Entry, ...]
    changed: tuple[tuple[Entry, tuple[FieldChange, ...]], ...]
    same: tuple[Entry, ...]

    @classmethod
    def joined(cls, parts: Sequence["Preview"]) -> "Preview":
        """The previews of the parts of a file as one."""
        return cls(
            tuple(entry for part in parts for entry in part.new),
            tuple(pair for part in parts for pair in part.changed),
            tuple(entry for part in parts for entry in part.same),
        )

    @property
    def to_put(self) -> list[Entry]:
        """The entries that an import has to store."""
        return [*self.new, *(entry for entry, _ in self.changed)]


def preview(published: Iterable[Entry], read: Iterable[Entry], silent: Collection[str] = frozenset()) -> Preview:
    """Compare what was read from a file with what is published.

    Args:
        silent: fields of which the file says nothing; they stay as they are.
    """
    there = {entry.slug: entry for entry in published}
    new, changed, same = [], [], []
    for entry in read:
        before = there.get(entry.slug)
        if before is None:
            new.append(entry)
            continue
        whole = _with_the_rest(entry, before, silent)
        if before.says_other_than(whole) and (changes := compare(before, whole)):
            changed.append((whole, tuple(changes)))
        else:
            same.append(whole)
    return Preview(tuple(new), tuple(changed), tuple(same))


def _with_the_rest(read: Entry, before: Entry, silent: Collection[str]) -> Entry:
    if not silent:
        return read
    facets = {name: getattr(before.facets, name) for name in Facets.model_fields if name in silent}
    rest = {name: getattr(before, name) for name in Entry.model_fields if name in silent}
    return read.model_copy(update=rest | {"facets": read.facets.model_copy(update=facets)})
