"""Saving what was proposed from a document as drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.documents.blocks import Share
from knowledge_base.documents.candidates import Candidate
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.versions import Version
from service.identity.roles import Actor

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the proposals.

    Attributes:
        saved: the new drafts.
        known: those taken in before, from the same place of the same document; they are left as they are now.
    """

    saved: tuple[Version, ...]
    known: tuple[Candidate, ...]


async def take_in(
    desk: EntryLifecycle, actor: Actor, proposed: Sequence[Candidate], progress: Share = lambda share: None
) -> Intake:
    """Save proposals as drafts, each with its source, and none a second time.

    Interrupted, it is simply done again: what was saved is known.

    Raises:
        NotAllowed: the actor may not write drafts.
    """
    saved: list[Version] = []
    known: list[Candidate] = []
    for start in range(0, len(proposed), _BATCH):
        batch = proposed[start : start + _BATCH]
        there = await desk.existing([candidate.entry.slug for candidate in batch])
        for number, candidate in enumerate(batch, start + 1):
            if candidate.entry.slug in there:
                known.append(candidate)
            else:
                saved.append(await desk.save_draft(actor, candidate.entry, source=candidate.source))
            progress(number / len(proposed))
    return Intake(tuple(saved), tuple(known))
