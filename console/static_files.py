"""Style sheets and scripts of the console.

Their address carries a fingerprint of them all, so browsers keep them for good and have the new ones at once after
an update; modules that import each other stay together.
"""

import mimetypes
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from service.look import TOKENS

_FOLDER = Path(__file__).parent / "static"
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


class StaticFiles:
    """The files, held in memory."""

    def __init__(self) -> None:
        paths = [TOKENS, *sorted(path for path in _FOLDER.iterdir() if path.is_file())]
        self._files = {path.name: path.read_bytes() for path in paths}
        self._version = sha256(b"".join(self._files.values())).hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file; a template asks by `static('console.css')`.

        Raises:
            KeyError: there is no such file.
        """
        self._files[name]
        return f"/console/static/{self._version}/{name}"

    def install(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/static/{version}/{name}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        body = self._files.get(request.match_info["name"])
        if body is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(request.match_info["name"])[0] or "application/octet-stream"
        fresh = request.match_info["version"] == self._version
        headers = _KEPT if fresh else _KEPT | {"Cache-Control": "no-cache"}
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=body, content_type=kind, charset=charset, headers=headers)
