"""Who may open a page or send a form: declared beside each route, asked by the door."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from service.identity.roles import Actor, Role
from service.identity.sessions import Session


class Stage(IntEnum):
    """How far somebody has come with signing in."""

    NOBODY = 0
    CODE_OWED = 1  # the password was right, the second factor is still to come
    CHANGE_OWED = 2  # known, but first to choose a password or to set up a second factor
    SIGNED_IN = 3


@dataclass(frozen=True, slots=True)
class Rights:
    """What a route needs.

    Attributes:
        stage: how far one has to have come, at least.
        roles: one of these; none: any.
    """

    stage: Stage = Stage.SIGNED_IN
    roles: frozenset[Role] | None = None

    def allow(self, actor: Actor) -> bool:
        """Whether somebody who is signed in may."""
        return self.roles is None or actor.is_any(*self.roles)


ANYONE = Rights(Stage.NOBODY)
"""Also who is not signed in."""

HALF_SIGNED_IN = Rights(Stage.CODE_OWED)
"""Who has given their password, whatever is still owed."""

UNSETTLED = Rights(Stage.CHANGE_OWED)
"""Who has signed in, also when a new password or a second factor is to be set up before anything else."""

STAFF = Rights()
"""Everybody who is signed in."""


def only(*roles: Role) -> Rights:
    """Who has one of these roles; an administrator as `Actor.is_any` says."""
    return Rights(roles=frozenset(roles))


ADMINISTRATORS = only(Role.ADMINISTRATOR)
AGENTS = only(Role.AGENT)

HOTLINE = only(Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR)
"""Who looks after every ticket."""


def stage_of(session: Session | None, at: datetime) -> Stage:
    """How far somebody has come."""
    if session is None:
        return Stage.NOBODY
    if session.code_owed:
        return Stage.CODE_OWED
    due_at = session.second_factor_due_at
    overdue = session.second_factor_wanted and due_at is not None and due_at <= at
    return Stage.CHANGE_OWED if session.password_owed or overdue else Stage.SIGNED_IN
