"""What members of staff are, as far as their rights go."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may do."""

    ADMINISTRATOR = "administrator"
    AGENT = "agent"
    CURATOR = "curator"
    REVIEWER = "reviewer"
    DISPATCHER = "dispatcher"
    UNIT_CLERK = "unit_clerk"
    UNIT_HEAD = "unit_head"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a member of staff, or a program under a name of its own.

    Attributes:
        units: codes of the units they belong to.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    units: frozenset[str] = frozenset()

    def is_any(self, *roles: Role) -> bool:
        """Whether one of these roles is theirs; an administrator has all of them."""
        return Role.ADMINISTRATOR in self.roles or not self.roles.isdisjoint(roles)
