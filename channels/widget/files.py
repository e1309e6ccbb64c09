"""An installation's own files, such as forms to fill in: served as they are, and never run."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from channels.widget.headers import FILE_HEADERS
from knowledge_base.entry import FILES

_SHOWN_IN_THE_BROWSER = frozenset({".pdf", ".png", ".jpg", ".jpeg"})
_SECONDS = 3600  # a file may be replaced under its name


@dataclass(frozen=True, slots=True)
class Files:
    """Serves the files of one folder; whoever has an address may have the file."""

    folder: Path

    def install(self, app: web.Application) -> None:
        """Add the files to an application."""
        app.router.add_get(FILES + "{name:.+}", self.file)

    async def file(self, request: web.Request) -> web.FileResponse:
        """One file: shown where a browser can show it safely, else downloaded."""
        path = self._find(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound(text="没有这个文件，它可能已经换了名字。请回到办事指南里再找，或者拨打12345。")
        shown = path.suffix.lower() in _SHOWN_IN_THE_BROWSER
        kind = mimetypes.guess_type(path.name)[0] if shown else None
        headers = {
            "Content-Type": kind or "application/octet-stream",
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(path.name)}",
            "Cache-Control": f"public, max-age={_SECONDS}",
        }
        return web.FileResponse(path, headers=FILE_HEADERS | headers)

    def _find(self, name: str) -> Path | None:
        """The file, if it lies in the folder: not above it, not behind a link out of it, not hidden."""
        if "\0" in name or any(part.startswith(".") for part in name.split("/")):
            return None
        try:
            path = (self.folder / name).resolve()
            return path if path.is_relative_to(self.folder.resolve()) and path.is_file() else None
        except OSError:  # a name too long, or a link to itself
            return None
