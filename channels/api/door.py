"""The one door of the API: key, rate, scope, address and body are checked here, before anything is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping
from pydantic import BaseModel, ValidationError

from channels.api.access import Access
from channels.api.answered import KEY_LIMIT
from channels.api.complaints import complaint
from channels.api.fields import Asked, Taken
from channels.api.operations import Operation, Request
from channels.widget.errors import ApiError, bad_request, too_large
from service.identity.api_keys import ApiKey
from tickets.alarms.store import AlarmGone
from tickets.attachments.refusal import (
    AttachmentDamaged,
    AttachmentKindRefused,
    AttachmentRefused,
    AttachmentTooLarge,
)
from tickets.lists import ListRefused
from tickets.refusal import MoveNotAllowed, WordsRefused

BODY_LIMIT = 64 * 1024  # bytes

_STATUS: dict[type[Exception], tuple[int, str]] = {
    WordsRefused: (422, "words_refused"),
    MoveNotAllowed: (409, "not_allowed"),
    AlarmGone: (404, "not_found"),
    ListRefused: (400, "bad_request"),
    AttachmentTooLarge: (413, "too_large"),
    AttachmentKindRefused: (415, "unsupported_type"),
    AttachmentRefused: (422, "refused"),
    AttachmentDamaged: (503, "damaged"),
}
"""How refusals of the house are told to programs, the first that fits; the message stays theirs."""


@dataclass(frozen=True, slots=True)
class Door:
    """Lets requests in to operations."""

    access: Access

    def handler(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of an operation for aiohttp."""

        async def handle(request: web.Request) -> web.StreamResponse:
            key = await self._key(request)
            if operation.scope not in key.scopes:
                raise ApiError(403, "scope_missing", f"这个密钥没有 {operation.scope} 这个范围，请联系热线。")
            if operation.changes:
                idempotency_key(request)
            query = _read_query(operation.query, request.query)
            raw = b"" if operation.body is None else await _read_body(request)
            body = None if operation.body is None else _parse(operation.body, raw)
            try:
                return await operation.run(Request(request, key, query, body, raw))
            except tuple(_STATUS) as refused:
                raise _told(refused) from refused

        return handle

    async def _key(self, request: web.Request) -> ApiKey:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        key = await self.access.key(text.strip()) if kind.lower() == "bearer" else None
        if key is None:
            message = "请在 Authorization 里写明有效的密钥：Bearer ltb_…；密钥可能已停用，请联系热线。"
            raise ApiError(401, "key_invalid", message, {"WWW-Authenticate": "Bearer"})
        return key


def _told(refused: Exception) -> ApiError:
    status, code = next(told for kind, told in _STATUS.items() if isinstance(refused, kind))
    if not isinstance(refused, WordsRefused):
        return ApiError(status, code, str(refused))
    findings = [
        {"code": each.code, "severity": each.severity, "suggestion": each.suggestion} for each in refused.findings
    ]
    return ApiError(status, code, str(refused), findings=findings)


def idempotency_key(request: web.Request) -> str:
    """What the sender calls this request, so that it is carried out once.

    Raises:
        ApiError: 400 without one.
    """
    text = request.headers.get("Idempotency-Key", "").strip()
    if not text:
        raise ApiError(
            400, "idempotency_key_missing", "请加上 Idempotency-Key：每件事一个不同的值，重发时不变，就不会做两次。"
        )
    if len(text) > KEY_LIMIT or not text.isascii() or not text.isprintable():
        raise bad_request(f"Idempotency-Key 只能用可见的 ASCII 字符，最多 {KEY_LIMIT} 个。")
    return text


def _read_query(model: type[Asked], query: MultiMapping[str]) -> BaseModel:
    found: dict[str, str | list[str]] = {}
    for name in set(query):
        values = query.getall(name)
        field = model.model_fields.get(name)
        several = field is not None and "frozenset" in str(field.annotation)
        if len(values) > 1 and not several:
            raise bad_request(f"{name[:40]} 只能写一次。")
        found[name] = values if several else values[0]
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise bad_request(complaint(error)) from error


async def _read_body(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise ApiError(415, "unsupported_type", "请求的内容应是 JSON（Content-Type: application/json）。")
    raw = b""
    while piece := await request.content.read(BODY_LIMIT + 1):
        raw += piece
        if len(raw) > BODY_LIMIT:
            raise too_large(f"内容太长了，最多 {BODY_LIMIT // 1024} KB。")
    return raw


def _parse(model: type[Taken], raw: bytes) -> Taken:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise bad_request(complaint(error)) from error
