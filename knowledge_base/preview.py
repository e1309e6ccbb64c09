"""What an import would do, before it does it."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge_base.entry import Entry
from knowledge_base.versions import FieldChange, compare


@dataclass(frozen=True, slots=True)
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

    @property
    def to_put(self) -> list[Entry]:
        """The entries that an import has to store."""
        return [*self.new, *(entry for entry, _ in self.changed)]


def preview(published: Iterable[Entry], read: Iterable[Entry]) -> Preview:
    """Compare what was read from a file with what is published."""
    there = {entry.slug: entry for entry in published}
    new, changed, same = [], [], []
    for entry in read:
        before = there.get(entry.slug)
        if before is None:
            new.append(entry)
        elif changes := compare(before, entry):
            changed.append((entry, tuple(changes)))
        else:
            same.append(entry)
    return Preview(tuple(new), tuple(changed), tuple(same))
