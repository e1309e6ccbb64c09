from dataclasses import replace

from hotline import DRAFT

from tests.tickets.similar.test_grouping import LAMPS
from tickets.desk import TicketDesk
from tickets.similar.index import SimilarIndex
from tickets.similar.repeats import Reason, find_repeats
from tickets.similar.signature import sign
from tickets.similar.store import PURPOSE, fill, forget_within, person_of, put_within, regroup_within, signatures


async def test_a_start_knows_all_again_without_reading_a_text(database, keyring, clock):
    cipher = keyring.cipher(PURPOSE)
    desk = TicketDesk.open(database, keyring, clock)
    tickets = [(await desk.submit(replace(DRAFT, id=f"draft-{number}"))).id for number in range(3)]
    person = person_of(keyring.cipher("tickets").keyed_hash("+8613800138000"))
    signature = sign([LAMPS[0]])[0]

    def store(connection):
        for ticket in tickets:
            put_within(connection, cipher, ticket, signature, topic=tickets[0], at=clock())
        put_within(connection, cipher, tickets[0], signature, topic=4711, at=clock())
        forget_within(connection, tickets[1])
        regroup_within(connection, {tickets[2]: 77})

    await database.write(store)
    index = SimilarIndex()
    filled = await database.read(fill(index, cipher))

    assert filled == len(index) == 2
    assert await database.read(fill(index, cipher, after=tickets[0])) == 1
    assert len(index) == 2
    repeats = find_repeats(index, signature, persons={person})
    assert {repeat.ticket: repeat.group for repeat in repeats} == {tickets[0]: tickets[0], tickets[2]: 77}
    assert all(Reason.PERSON in repeat.reasons for repeat in repeats)


async def test_a_stored_signature_gives_nothing_away(database, keyring, clock):
    cipher = keyring.cipher(PURPOSE)
    ticket = await TicketDesk.open(database, keyring, clock).submit(DRAFT)
    signature = sign([LAMPS[0]])[0]
    await database.write(lambda connection: put_within(connection, cipher, ticket.id, signature, topic=1, at=clock()))

    stored = await database.read(
        lambda connection: connection.scalar(signatures.select().with_only_columns(signatures.c.content))
    )

    assert signature.grams.tobytes()[:8] not in stored
