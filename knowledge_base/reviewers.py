"""Who could review besides somebody: nobody approves what they wrote, as long as there is anybody else."""

from sqlalchemy import Connection, select

from service.identity.roles import Actor, Role
from service.identity.tables import staff

ALONE = "当时只有这一个账号能审核，由编写人自己通过"
"""Kept in the history when somebody approved their own."""


def is_alone(connection: Connection, actor: Actor) -> bool:
    """Whether an administrator is the only one who ever could review: an installation that has just begun.

    An account that was disabled still counts, so nobody becomes alone by shutting the others out.
    """
    if Role.ADMINISTRATOR not in actor.roles:
        return False
    others = connection.scalars(select(staff.c.roles).where(staff.c.username != actor.name))
    return all({Role.REVIEWER, Role.ADMINISTRATOR}.isdisjoint(roles) for roles in others)
