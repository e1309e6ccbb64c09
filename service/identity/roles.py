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

    @property
    def label(self) -> str:
        """Its name as staff read it."""
        return _LABELS[self]


_LABELS = {
    Role.ADMINISTRATOR: "系统管理员",
    Role.AGENT: "话务员",
    Role.CURATOR: "知识编辑",
    Role.REVIEWER: "知识审核",
    Role.DISPATCHER: "派单员",
    Role.UNIT_CLERK: "单位经办人",
    Role.UNIT_HEAD: "单位负责人",
    Role.SUPERVISOR: "督办",
    Role.AUDITOR: "审计员",
}

UNIT_ROLES = frozenset({Role.UNIT_CLERK, Role.UNIT_HEAD})
"""Roles that mean nothing without a unit."""

TWO_FACTOR_ROLES = frozenset({Role.ADMINISTRATOR, Role.REVIEWER})
"""Roles that sign in with a second factor."""


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
        """Whether one of these roles is theirs.

        An administrator has all of them but the auditor's: who runs the system is not who looks at what was done.
        """
        stands_in = Role.ADMINISTRATOR in self.roles and any(role is not Role.AUDITOR for role in roles)
        return stands_in or not self.roles.isdisjoint(roles)
