"""What people answer by SMS (上行): what they think of their ticket, 退订, or words for staff.

A reply is kept in the transaction of what it does, so one that is pushed again does nothing more.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, exists, insert, select

from channels.sms.gateways.gateway import Gateway, Reply
from channels.sms.ledger import Ledger
from channels.sms.stops import BY_REPLY, stop_within
from channels.sms.tables import messages, replies
from channels.sms.templates import Texts
from service.identity.roles import Role
from service.inbox import put_within as tell_staff
from service.inbox import to_role
from service.storage import Database, hold
from tickets.given import Given
from tickets.lifecycle import Lifecycle
from tickets.moves import Verb
from tickets.parties import CITIZEN
from tickets.refusal import MoveNotAllowed
from tickets.states import State
from tickets.tables import tickets
from tickets.ticket import Satisfaction

SMS_REPLY = "sms_reply"
"""The kind of lines in staff's inbox about replies nothing could be done with."""

_ANSWERED_WITHIN = timedelta(days=30)
_ENDED = (State.RESOLVED, State.MERGED)
_NOT_SOLVED = "短信回复：没有解决。"
_SPACE = re.compile(r"[\s\W_]+")


class Meaning(StrEnum):
    """What a reply says."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    STOP = "stop"
    WORDS = "words"

    @property
    def label(self) -> str:
        """The meaning in Chinese."""
        return _LABELS[self]


_LABELS = {
    Meaning.GOOD: "满意",
    Meaning.FAIR: "基本满意",
    Meaning.BAD: "没解决",
    Meaning.STOP: "退订",
    Meaning.WORDS: "留言",
}
_SAID = {
    Meaning.STOP: ("退订", "t", "td", "t退订", "td退订", "回t退订", "拒收", "r"),
    Meaning.GOOD: ("1", "1满意", "满意", "很满意", "非常满意", "解决了", "1解决了", "已解决"),
    Meaning.FAIR: ("2", "2基本满意", "基本满意"),
    Meaning.BAD: ("3", "3没解决", "没解决", "没有解决", "未解决", "不满意", "3没有解决"),
}
_MEANINGS = {said: meaning for meaning, wordings in _SAID.items() for said in wordings}


def understand(text: str) -> Meaning:
    """What a reply says; whatever is more than one of the answers asked for is words for staff."""
    return _MEANINGS.get(_SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold(), Meaning.WORDS)


@dataclass(frozen=True, slots=True)
class Replies:
    """Takes replies in."""

    database: Database
    ledger: Ledger
    texts: Texts
    lifecycle: Lifecycle

    async def take(self, gateway: Gateway, arrived: Sequence[Reply]) -> None:
        """Do what replies ask for, each in a transaction of its own."""
        for reply in arrived:
            await self.database.write(partial(self._take, gateway=gateway.name, reply=reply))

    def _take(self, connection: Connection, gateway: str, reply: Reply) -> None:
        cipher, at = self.ledger.cipher, self.lifecycle.clock()
        identity = f"{gateway} {reply.identity}"
        hold(connection, f"sms reply {gateway} {cipher.keyed_hash(reply.phone)}")
        known = exists().where(replies.c.identity_hash.in_(cipher.keyed_hashes(identity)))
        if connection.scalar(select(known)):
            return
        meaning = understand(reply.text)
        subject = self._surveyed(connection, reply.phone, at)
        problem = self._act(connection, reply, meaning, subject)
        values = {
            "gateway": gateway,
            "identity": cipher.encrypt_text(identity),
            "identity_hash": cipher.keyed_hash(identity),
            "phone": cipher.encrypt_text(reply.phone),
            "phone_hash": cipher.keyed_hash(reply.phone),
            "text": cipher.encrypt_text(reply.text),
            "said_at": reply.at,
            "received_at": at,
            "meaning": meaning,
            "subject": subject,
            "problem": problem,
        }
        row_id = connection.execute(insert(replies).values(values).returning(replies.c.id)).scalar_one()
        if problem is not None:
            tell_staff(connection, [to_role(Role.AGENT)], SMS_REPLY, subject or f"第{row_id}条", at)

    def _surveyed(self, connection: Connection, phone: str, at: datetime) -> str | None:
        """The number of the ticket this phone was last asked about."""
        asked = messages.c.phone_hash.in_(self.ledger.cipher.keyed_hashes(phone)) & (messages.c.subject != "")
        lately = messages.c.sent_at > at - _ANSWERED_WITHIN
        statement = (
            select(messages.c.subject)
            .where(asked, lately, messages.c.purpose.in_(self.texts.asking))
            .order_by(messages.c.sent_at.desc())
            .limit(1)
        )
        return connection.scalar(statement)

    def _act(self, connection: Connection, reply: Reply, meaning: Meaning, number: str | None) -> str | None:
        """Do what a reply asks for; why nothing could be done, for staff."""
        if meaning is Meaning.STOP:
            stop_within(connection, self.ledger.cipher, reply.phone, BY_REPLY, reply.at)
            return None
        state = None if number is None else self._state(connection, number)
        if number is None or state is None:
            return "这个号码近来没有被问过哪张工单，请看看是不是要回电。"
        verb, given = _move(meaning, state, reply.text)
        try:
            with connection.begin_nested():
                self.lifecycle.unit_of_work(CITIZEN, number, verb, given)(connection)
        except MoveNotAllowed as refusal:
            return None if meaning in (Meaning.GOOD, Meaning.FAIR) else str(refusal)
        if meaning is Meaning.WORDS:
            tell_staff(connection, [to_role(Role.AGENT)], Verb.ADD, number, self.lifecycle.clock())
        return None

    @staticmethod
    def _state(connection: Connection, number: str) -> State | None:
        state = connection.scalar(select(tickets.c.state).where(tickets.c.number == number))
        return None if state is None else State(state)


def _move(meaning: Meaning, state: State, text: str) -> tuple[Verb, Given]:
    """What a reply does with a ticket, as the same button of the widget does."""
    if meaning is Meaning.WORDS:
        return Verb.ADD, Given.of(text=text)
    if meaning is Meaning.BAD:
        verb = Verb.SEPARATE if state is State.MERGED else Verb.DISPUTE
        return verb, Given.of(reason=_NOT_SOLVED, solved=False, satisfaction=Satisfaction.DISSATISFIED)
    good = meaning is Meaning.GOOD
    satisfaction = Satisfaction.SATISFIED if good else Satisfaction.BASICALLY_SATISFIED
    return Verb.RATE if state in _ENDED else Verb.RESOLVE, Given(solved=True, satisfaction=satisfaction)
