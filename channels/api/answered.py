"""A request is carried out once, however often it is sent (Idempotency-Key).

Its answer is kept in the transaction of what it did. So the second of two that come at once finds the first's answer,
and so does one that is sent again after a crash between the commit and the answer. A request that was refused changed
nothing and is not kept: it is simply tried again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from channels.api.tables import answered_requests
from service.clock import Clock
from service.encryption import Cipher
from service.storage import Database, hold

KEY_LIMIT = 255


class OtherRequest(Exception):
    """The idempotency key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered.

    Attributes:
        body: JSON.
        again: whether it was answered before.
    """

    status: int
    body: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredRequests:
    """Carries out requests that change something."""

    database: Database
    cipher: Cipher
    clock: Clock

    async def once(
        self, api_key: str, idempotency_key: str, fingerprint: str, work: Callable[[Connection], Answer]
    ) -> Answer:
        """Carry out a request, or give the answer it got before.

        Raises:
            OtherRequest: see there.
        """
        return await self.database.write(
            lambda connection: self._once(connection, api_key, idempotency_key, fingerprint, work)
        )

    def _once(
        self,
        connection: Connection,
        api_key: str,
        idempotency_key: str,
        fingerprint: str,
        work: Callable[[Connection], Answer],
    ) -> Answer:
        hold(connection, f"idempotency {api_key} {idempotency_key}")
        table = answered_requests
        this = (table.c.api_key == api_key) & (table.c.idempotency_key == idempotency_key)
        row = connection.execute(select(table).where(this)).one_or_none()
        if row is not None:
            if row.fingerprint != fingerprint:
                raise OtherRequest
            return Answer(row.status, self.cipher.decrypt_text(row.body) or "", again=True)
        answer = work(connection)
        values = {
            "api_key": api_key,
            "idempotency_key": idempotency_key,
            "fingerprint": fingerprint,
            "status": answer.status,
            "body": self.cipher.encrypt_text(answer.body),
            "at": self.clock(),
        }
        connection.execute(insert(table).values(values))
        return answer


def fingerprint(method: str, address: str, body: bytes) -> str:
    """What tells one request from another: method, address with its query, and the SHA-256 of the body."""
    return fingerprint_of_digest(method, address, hashlib.sha256(body).hexdigest())


def fingerprint_of_digest(method: str, address: str, digest: str) -> str:
    """See `fingerprint`; for a body that was read as a stream."""
    return hashlib.sha256(f"{method} {address} {digest}".encode()).hexdigest()


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete answers given earlier; how many went. The same key is a new request from then on."""
    return connection.execute(delete(answered_requests).where(answered_requests.c.at < before)).rowcount
