"""What members of staff are, as far as their rights go."""

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
