"""Files on their way in or out: kept for a day under names nobody can guess, with what is told of them beside them."""

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.web_request import FileField

from channels.widget.headers import FILE_HEADERS
from console.office import Office
from console.refusal import not_there

_KEPT = timedelta(days=1)
_NAME = re.compile(r"[0-9a-f]{32}(?:\.[a-z0-9]{1,8})*")


def folder_of(office: Office) -> Path:
    """Where they lie; every process of an installation has the same."""
    folder = office.settings.data_dir / "knowledge-files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_path(office: Office, suffix: str) -> Path:
    """A place for a file; those of yesterday go."""
    folder, before = folder_of(office), (office.clock() - _KEPT).timestamp()
    for path in folder.iterdir():
        if path.stat().st_mtime < before and _NAME.fullmatch(path.name):
            path.unlink(missing_ok=True)
    return folder / f"{token_hex(16)}{suffix}"


async def keep_upload(office: Office, sent: FileField) -> Path:
    """Keep what somebody sent, under the suffix it had."""

    def keep() -> Path:
        suffix = Path(sent.filename).suffix.lower()
        path = new_path(office, suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")
        with path.open("wb") as file:
            shutil.copyfileobj(sent.file, file)
        return path

    return await asyncio.to_thread(keep)


def kept_path(office: Office, name: str) -> Path:
    """A file by the name in an address.

    Raises:
        PageRefused: it is none of ours, or gone.
    """
    path = folder_of(office) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise not_there("没有这个文件", "文件只留一天，请重新来一次。")
    return path


async def keep_told(path: Path, told: Mapping[str, Any]) -> None:
    """Keep what a file would change, for the page that shows it before it is taken in."""
    await asyncio.to_thread(_beside(path).write_text, json.dumps(told, ensure_ascii=False), "utf-8")


async def told_of(office: Office, path: Path) -> dict[str, Any]:
    """What a file would change.

    Raises:
        PageRefused: it was never read, or is gone.
    """
    told = kept_path(office, _beside(path).name)
    found: dict[str, Any] = json.loads(await asyncio.to_thread(told.read_text, "utf-8"))
    return found


def attached(path: Path, name: str) -> web.FileResponse:
    """A file to be saved under a name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return web.FileResponse(path, headers=FILE_HEADERS | {"Content-Disposition": disposition})


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.told")
