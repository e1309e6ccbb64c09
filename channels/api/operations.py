"""What can be asked of the API, declared once: served from here, and documented from here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from channels.api.fields import Asked, Given, Taken
from service.identity.api_keys import ApiKey, Scope


class NoQuery(Asked):
    """An address that takes nothing behind the question mark."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose key, address and body were found good.

    Attributes:
        query: an `Operation.query`.
        body: an `Operation.body`, or None.
        raw: the body as it came, where it was read.
    """

    web: web.Request
    key: ApiKey
    query: Any
    body: Any = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    Attributes:
        id: what programs made from the document call it.
        scope: what the key must be for.
        status: of the answer when all is well.
        answers: what is answered; None for a file.
        takes_file: whether the body is a file.
        may_be_unable: whether it needs something outside that may be away (503).
    """

    method: str
    path: str
    id: str
    summary: str
    scope: Scope
    run: Callable[[Request], Awaitable[web.StreamResponse]]
    answers: type[Given] | None
    status: int = 200
    query: type[Asked] = NoQuery
    body: type[Taken] | None = None
    takes_file: bool = False
    may_be_unable: bool = False

    @property
    def changes(self) -> bool:
        """Whether it changes something, and hence needs an Idempotency-Key."""
        return self.method == "POST"

    @property
    def models(self) -> list[type[BaseModel]]:
        """Every model it declares."""
        return [model for model in (self.query, self.body, self.answers) if model is not None]
