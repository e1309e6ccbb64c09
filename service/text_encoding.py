"""The encodings in which Chinese offices save text: UTF-8 with and without a mark, UTF-16 with one, GB18030."""

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_CHUNK = 1 << 20
_SURELY_UTF8 = 8  # Chinese characters read as UTF-8; text in GB18030 fails long before
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EncodingRefused(Exception):
    """The file is no text in an encoding known here; the message says so in Chinese."""


@contextmanager
def open_text(path: Path, newline: str | None) -> Iterator[tuple[TextIO, Callable[[], float]]]:
    """A text file to read, and how much of it has been read, from 0 to 1.

    Raises:
        EncodingRefused: it is no text, or damaged.
    """
    encoding = text_encoding(path)
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, newline=newline) as text:
        yield text, lambda: raw.tell() / size


def text_encoding(path: Path) -> str:
    """The name of the encoding of a whole text file, read once in pieces.

    Raises:
        EncodingRefused: it is no text, or damaged.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        if not _decode(path, marked):
            raise EncodingRefused("文件损坏或不完整，请重新导出或另存后再试")
        return marked
    for encoding in ("utf-8", "gb18030"):
        if _decode(path, encoding):
            return encoding
    raise EncodingRefused("看不懂文件的编码，请另存为 UTF-8 再试")


def _decode(path: Path, encoding: str) -> bool:
    """Whether all of it is of this encoding.

    Raises:
        EncodingRefused: it begins as surely UTF-8 and is broken further on, or holds what no text holds.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    chinese, line = 0, 1
    with path.open("rb") as file:
        while True:
            piece = file.read(_CHUNK)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                known = error.object[: error.start].decode(encoding, "ignore")
                chinese += _chinese(known)
                cut_short = "end of data" in error.reason
                if encoding == "utf-8" and (chinese >= _SURELY_UTF8 or cut_short):
                    place = line + known.count("\n")
                    raise EncodingRefused(f"第 {place} 行的文字损坏或不完整，请重新导出或另存后再试") from error
                return False
            if "\0" in text:
                raise EncodingRefused("里面有空字符，不是文本文件，或者损坏了；请另存为 UTF-8 再试")
            if not piece:
                return True
            chinese = chinese or _chinese(text)
            line += text.count("\n")


def _chinese(text: str) -> int:
    return sum("\u4e00" <= character <= "\u9fff" for character in text)
