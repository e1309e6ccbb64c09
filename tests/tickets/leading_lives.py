"""A process that leads tickets through their lives, several at once, until it is killed."""

import asyncio
import itertools
import sys
from dataclasses import replace

from hotline import AGENT, DISPATCHER, DRAFT, REPLY, clerk_of, head_of

from service.encryption import Keyring
from service.storage import Database
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb


def say(number, revision):
    """Told to the one who asked: from now on it must be there."""
    sys.stdout.write(f"{number} {revision}\n")
    sys.stdout.flush()


async def lead(lifecycle, name):
    """One ticket after another, with a return on the way; what is done is said."""
    for count in itertools.count():
        number = (await lifecycle.submit(AGENT, replace(DRAFT, id=f"{name}-{count}"))).number
        say(number, 0)
        for actor, verb, given in (
            (DISPATCHER, Verb.DISPATCH, Given(unit="cg", units=("sw",))),
            (head_of("cg"), Verb.REQUEST_RETURN, Given(reason="点位在区住建局管养范围", unit="zj")),
            (DISPATCHER, Verb.GRANT_RETURN, Given()),
            (DISPATCHER, Verb.DISPATCH, Given(unit="zj")),
            (clerk_of("zj"), Verb.ACCEPT, Given()),
            (clerk_of("zj"), Verb.REPLY, Given(text=REPLY)),
            (AGENT, Verb.APPROVE, Given()),
            (AGENT, Verb.RESOLVE, Given(solved=True)),
        ):
            ticket = await lifecycle.perform(actor, number, verb, given)
            say(number, ticket.revision)


async def main(url, name):
    database = Database(url)
    lifecycle = Lifecycle.open(database, Keyring(bytes(range(32))))
    await asyncio.gather(*(lead(lifecycle, f"{name}-{each}") for each in range(4)))


asyncio.run(main(*sys.argv[1:]))
