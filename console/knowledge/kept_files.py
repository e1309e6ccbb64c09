"""Files on their way in or out: kept for a day under names nobody can guess."""

import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

from aiohttp.web_request import FileField

from console.office import Office
from console.refusal import not_there

_KEPT = timedelta(days=1)
_NAME = re.compile(r"[0-9a-f]{32}(?:\.[a-z0-9]{1,8})*")


def folder_of(office: Office) -> Path:
    """Where they lie; every process of an installation has the same."""
    folder = office.settings.data_dir / "knowledge-files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_path(folder: Path, suffix: str, at: datetime) -> Path:
    """A place for a file; those of yesterday go."""
    for path in folder.iterdir():
        if path.stat().st_mtime < (at - _KEPT).timestamp() and _NAME.fullmatch(path.name):
            path.unlink(missing_ok=True)
    return folder / f"{token_hex(16)}{suffix}"


def keep_upload(folder: Path, sent: FileField, at: datetime) -> Path:
    """Keep what somebody sent, under the suffix it had."""
    suffix = Path(sent.filename).suffix.lower()
    path = new_path(folder, suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "", at)
    with path.open("wb") as file:
        shutil.copyfileobj(sent.file, file)
    return path


def kept_path(office: Office, name: str) -> Path:
    """A file by the name in an address.

    Raises:
        PageRefused: it is none of ours, or gone.
    """
    path = folder_of(office) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise not_there("没有这个文件", "文件只留一天，请重新来一次。")
    return path
