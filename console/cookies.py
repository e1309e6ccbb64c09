"""The console's cookies: who is signed in, and what the next page is to say."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from aiohttp import web

from service.identity.known_browsers import KEPT

_NAME = "ltb_staff"
_FLASH = "ltb_flash"
_FLASH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Flash:
    """A short message on the next page, with a way to take back what it tells of.

    Attributes:
        undo: where a POST takes it back; empty: nowhere.
    """

    text: str
    good: bool = True
    undo: str = ""


def token_in(request: web.Request, *, secure: bool) -> str:
    """The visitor's token; empty when there is none."""
    return _given(request, _cookie(secure))


def give_token(response: web.StreamResponse, token: str, *, secure: bool) -> None:
    """Have the browser keep a token until it is closed."""
    response.set_cookie(_cookie(secure), token, path="/", httponly=True, secure=secure, samesite="Lax")


def mark_in(request: web.Request, username: str, *, secure: bool) -> str:
    """What this browser shows of having signed in to an account before; empty when it has not."""
    return _given(request, _mark(username, secure))


def give_mark(response: web.StreamResponse, username: str, mark: str, *, secure: bool) -> None:
    """Have the browser keep that somebody has signed in there."""
    kept = {"path": "/", "httponly": True, "secure": secure, "samesite": "Lax"}
    response.set_cookie(_mark(username, secure), mark, max_age=int(KEPT.total_seconds()), **kept)  # type: ignore[arg-type]


def csrf_of(token: str) -> str:
    """What a form of this visitor has to bring: nobody can tell it who cannot read their cookie."""
    return hashlib.sha256(f"csrf {token}".encode()).hexdigest()


def give_flash(response: web.StreamResponse, flash: Flash, token: str, *, secure: bool) -> None:
    """Have the next page say something."""
    said = base64.urlsafe_b64encode(json.dumps(asdict(flash), ensure_ascii=False).encode()).decode()
    value = f"{said}.{_signature(said, token)}"
    options = {"path": "/console", "httponly": True, "secure": secure, "samesite": "Lax"}
    response.set_cookie(_FLASH, value, max_age=_FLASH_SECONDS, **options)  # type: ignore[arg-type]


def take_flash(request: web.Request, token: str) -> Flash | None:
    """What this page is to say."""
    said, _, signature = _given(request, _FLASH).rpartition(".")
    if not said or not hmac.compare_digest(signature.encode(), _signature(said, token).encode()):
        return None
    return Flash(**json.loads(base64.urlsafe_b64decode(said)))


def drop_flash(response: web.StreamResponse) -> None:
    """It was said once."""
    response.del_cookie(_FLASH, path="/console")


def _given(request: web.Request, name: str) -> str:
    value = request.cookies.get(name, "")
    return value if value.isascii() else ""  # ours are


def _cookie(secure: bool) -> str:
    # With this prefix browsers take it only over https, for this very host.
    return f"__Host-{_NAME}" if secure else _NAME


def _mark(username: str, secure: bool) -> str:
    # One for each account, as colleagues share a desk; by a hash, as whatever is typed there may be no cookie's name.
    return f"{_cookie(secure)}_{hashlib.sha256(username.encode()).hexdigest()[:12]}"


def _signature(said: str, token: str) -> str:
    return hmac.new(token.encode(), said.encode(), hashlib.sha256).hexdigest()
