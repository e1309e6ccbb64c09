"""Policy documents taken in as drafts: one reader for each kind of file, one splitter for all.

DOCX, PDF, HTML and TXT are read to paragraphs (`blocks`), cut at their headings (`sections`) and proposed as entries
with the text they come from (`candidates`). Saved as drafts (`intake`), they have to be edited before they can be
submitted (`knowledge_base.lifecycle`).
"""

import hashlib
from pathlib import Path

from knowledge_base.documents.blocks import Block, DocumentRefused, PolicyDocument, Share
from knowledge_base.documents.candidates import Candidate, candidates
from knowledge_base.documents.docx_file import read_docx
from knowledge_base.documents.headings import is_contents_line, numbering
from knowledge_base.documents.html_file import read_html
from knowledge_base.documents.pdf_file import read_pdf
from knowledge_base.documents.plain_file import read_plain

__all__ = ["Candidate", "DocumentRefused", "PolicyDocument", "candidates", "read_document"]

SIZE_LIMIT = 100 * 1024 * 1024  # bytes
_LONGEST_TITLE = 60  # characters
_TITLE_WITHIN = 3  # blocks: a title may be broken over lines
_READERS = {
    ".docx": read_docx,
    ".pdf": read_pdf,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_plain,
}


def read_document(path: Path, progress: Share = lambda share: None) -> PolicyDocument:
    """A document with its title and paragraphs.

    Raises:
        DocumentRefused: of another kind, too large, broken, locked, or without text.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentRefused(f"不认识 {path.suffix or '没有扩展名的'} 文件，请用 DOCX、PDF、HTML 或 TXT。")
    if path.stat().st_size > SIZE_LIMIT:
        raise DocumentRefused(f"文件超过 {SIZE_LIMIT // 1024 // 1024} MB，请分成几个文件。")
    contents = reader(path, progress)
    title, blocks = (contents.title, contents.blocks) if contents.title else _titled(contents.blocks)
    if not blocks:
        raise DocumentRefused("文件里没有文字。")
    title = title.strip().removeprefix("《").removesuffix("》").strip() or path.stem
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return PolicyDocument(path.name, digest, title, tuple(blocks), contents.notes)


def _titled(blocks: list[Block]) -> tuple[str, list[Block]]:
    """A title from the short lines a document begins with, and what is left; empty if it begins with a sentence."""
    lines: list[str] = []
    for block in blocks[:_TITLE_WITHIN]:
        if numbering(block.text) or is_contents_line(block.text) or block.text[-1] in "。：；，:;,":
            break
        if block.level not in (None, 1) or len("".join(lines)) + len(block.text) > _LONGEST_TITLE:
            break
        lines.append(block.text)
        if block.level == 1:
            break
    if len(lines) == len(blocks):  # nothing but short lines: they are what the document says
        return "", blocks
    return "".join(lines[:2]), blocks[min(len(lines), 2) :]
