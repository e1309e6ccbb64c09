"""What has been asked before, shown while a ticket is opened: to the citizen, who may add to it, and to staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tickets.similar.index import Match, SimilarIndex
from tickets.similar.signature import Signature

_SAME_WORDING = 0.5  # the likeness of words from which a text was copied or only changed a little
_SAME_MATTER = 0.25  # the likeness of two requests from which they are about the same; average linkage is looser
_OWN_MATTER = 0.12  # the same where one person says both


class Reason(StrEnum):
    """Why a ticket counts as a repeat."""

    PERSON = "person"
    PLACE = "place"
    MATTER = "matter"
    WORDING = "wording"

    @property
    def label(self) -> str:
        """The reason as people read it."""
        return {
            Reason.PERSON: "同一个人",
            Reason.PLACE: "同一地点",
            Reason.MATTER: "同一件事",
            Reason.WORDING: "说法几乎一样",
        }[self]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A ticket that seems to be about the same.

    Attributes:
        likeness: 0 to 1.
    """

    ticket: int
    group: int
    likeness: float
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> str:
        """The reasons in Chinese: 同一个人、同一地点、说法几乎一样."""
        return "、".join(reason.label for reason in self.reasons)

    @property
    def own(self) -> bool:
        """Whether the same person asked: only then may the citizen be shown the ticket itself and add to it."""
        return Reason.PERSON in self.reasons


def find_repeats(
    index: SimilarIndex, signature: Signature, *, persons: Collection[int] = (), most: int = 5
) -> list[Repeat]:
    """The tickets a new request repeats, the likest first; `persons` as in `SimilarIndex.matches`."""
    found = (_repeat(match) for match in index.matches(signature, persons=persons))
    return [repeat for repeat in found if repeat is not None][:most]


def told_to_citizen(own: Sequence[str], known: int) -> str:
    """What the citizen learns before a ticket is opened.

    Args:
        own: numbers of those opened in their own conversation.
        known: how many there are; of others nothing else is told, even where the same phone was left.
    """
    if own:
        return f"您已经登记过类似的事，编号 {own[0]}，还没办完。可以把这次说的补充进去，也可以另外登记。"
    return f"已有 {known} 件同类诉求在办。您照常登记，我们一起办、分别答复您。"


def _repeat(match: Match) -> Repeat | None:
    reasons = []
    if match.same_person:
        reasons.append(Reason.PERSON)
    if match.places:
        reasons.append(Reason.PLACE)
    if match.likeness >= _SAME_WORDING:
        reasons.append(Reason.WORDING)
    elif match.likeness >= (_OWN_MATTER if match.same_person else _SAME_MATTER):
        reasons.append(Reason.MATTER)
    else:
        return None
    return Repeat(match.ticket, match.group, match.likeness, tuple(reasons))
