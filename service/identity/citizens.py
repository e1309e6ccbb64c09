"""Who a citizen is across channels: the phone numbers a conversation has proved to be its own.

A conversation is a follower on WeChat or a session of the widget. It proves a number by the code sent there
(`service.identity.codes`). A proof lapses after a time, since numbers are given to other people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
)

from service.clock import Clock, now
from service.encryption import Cipher, Keyring
from service.identity.codes import (
    CODE_LIFETIME,
    Checked,
    Code,
    CodeLimits,
    ask_within,
    check_within,
    forget_codes_within,
    is_code,
    not_sent_within,
    sent_within,
)
from service.settings import Settings
from service.storage import Database, Moment, hold, metadata

_SEALED = {"cipher": "citizens"}

citizen_phones = Table(
    "citizen_phones",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("conversation", String(64), nullable=False, index=True),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, info={"keyed_hash_of": "phone"} | _SEALED),
    Column("verified_at", Moment, nullable=False, index=True),
    Column("code", String(32), nullable=False, unique=True),  # the code that proved it
    Index(None, "phone_hash", "verified_at"),
)


@dataclass(frozen=True, slots=True)
class Citizens:
    """Knows which numbers are whose."""

    database: Database
    cipher: Cipher
    settings: Settings
    clock: Clock = now

    @classmethod
    def open(cls, settings: Settings, database: Database, keyring: Keyring, clock: Clock = now) -> "Citizens":
        """On a database, with a key of their own."""
        return cls(database, keyring.cipher("citizens"), settings, clock)

    @property
    def limits(self) -> CodeLimits:
        """How many codes are sent."""
        told = self.settings
        return CodeLimits(told.codes_per_conversation_day, told.codes_per_phone_day, told.codes_per_hour)

    @property
    def lifetime(self) -> timedelta:
        """How long a proof holds."""
        return timedelta(days=self.settings.verified_phone_days)

    async def ask_code(self, conversation: str, phone: str) -> Code:
        """A code to be sent to a number; the same one again as long as it is not known to be sent.

        Raises:
            CodeRefused: one was sent within the minute, or there were too many.
        """
        at = self.clock()
        return await self.database.write(
            lambda connection: ask_within(connection, self.cipher, self.limits, conversation, phone, at)
        )

    async def code_sent(self, code: Code) -> None:
        """The gateway took the code."""
        at = self.clock()
        await self.database.write(lambda connection: sent_within(connection, code, at))

    async def code_not_sent(self, code: Code) -> None:
        """The gateway refused the code: it will not arrive."""
        at = self.clock()
        await self.database.write(lambda connection: not_sent_within(connection, code, at))

    async def check_code(self, conversation: str, phone: str, said: str) -> Checked:
        """Try a code; the right one makes the number the conversation's own, in the same transaction."""
        at = self.clock()
        return await self.database.write(lambda connection: self._check(connection, conversation, phone, said, at))

    async def phones(self, conversation: str) -> list[str]:
        """The numbers a conversation has proved, in international form, the last first."""
        table = citizen_phones
        alive = table.c.verified_at > self.clock() - self.lifetime
        statement = select(table.c.phone).where(table.c.conversation == conversation, alive).order_by(table.c.id.desc())
        found = await self.database.read(lambda connection: connection.execute(statement).scalars().all())
        return [self.cipher.decrypt(sealed).decode() for sealed in found]

    def conversations_within(self, phone: str) -> Callable[[Connection], list[str]]:
        """A unit of work: the conversations that have proved a number, the last first."""
        table = citizen_phones
        alive = table.c.verified_at > self.clock() - self.lifetime
        this = table.c.phone_hash.in_(self.cipher.keyed_hashes(phone))
        statement = select(table.c.conversation).where(this, alive).order_by(table.c.id.desc())
        return lambda connection: list(connection.execute(statement).scalars())

    async def unbind(self, conversation: str) -> int:
        """Forget the numbers a conversation has proved; how many there were."""
        statement = delete(citizen_phones).where(citizen_phones.c.conversation == conversation)
        return await self.database.write(lambda connection: connection.execute(statement).rowcount)

    async def forget(self) -> int:
        """Delete proofs that have lapsed, and codes no limit counts any longer; how many proofs went."""
        at = self.clock()

        def work(connection: Connection) -> int:
            forget_codes_within(connection, at)
            lapsed = citizen_phones.c.verified_at <= at - self.lifetime
            return connection.execute(delete(citizen_phones).where(lapsed)).rowcount

        return await self.database.write(work)

    def _check(self, connection: Connection, conversation: str, phone: str, said: str, at: datetime) -> Checked:
        table = citizen_phones
        hold(connection, f"codes of {conversation}")
        this = (table.c.conversation == conversation) & table.c.phone_hash.in_(self.cipher.keyed_hashes(phone))
        just_now = table.c.verified_at > at - CODE_LIFETIME
        proved_by = connection.execute(select(table.c.code).where(this, just_now)).scalars().all()
        checked, code_id = check_within(connection, self.cipher, conversation, phone, said, at)
        if checked is Checked.EXPIRED and any(is_code(self.cipher, code, said) for code in proved_by):
            return Checked.RIGHT  # the turn that gave it broke off after it was taken
        if checked is not Checked.RIGHT:
            return checked
        connection.execute(delete(table).where(this))
        values = {
            "conversation": conversation,
            "phone": self.cipher.encrypt_text(phone),
            "phone_hash": self.cipher.keyed_hash(phone),
            "verified_at": at,
            "code": code_id,
        }
        connection.execute(insert(table).values(values))
        return checked
