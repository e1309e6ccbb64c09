"""Plain text: a line is a paragraph, unless all lines were broken at the same width."""

from pathlib import Path
from statistics import median

from knowledge_base.documents.blocks import Block, Contents, DocumentRefused, Share
from knowledge_base.documents.wrapped_lines import rejoin, widest, width
from service.text_encoding import EncodingRefused, open_text

_WRAPPED_BELOW = 120  # columns: nobody breaks lines at a greater width
_MOSTLY_FULL = 0.8


def read_plain(path: Path, progress: Share) -> Contents:
    """The paragraphs of a text file.

    Raises:
        DocumentRefused: it is no text.
    """
    try:
        with open_text(path, newline=None) as (file, _):
            lines = [line.rstrip() for line in file]
    except EncodingRefused as refused:
        raise DocumentRefused(f"{refused}。") from refused
    progress(1.0)
    told = [line for line in lines if line.strip()]
    full = widest(told)
    if full <= _WRAPPED_BELOW and told and median(width(line.strip()) for line in told) >= full * _MOSTLY_FULL:
        return Contents(rejoin([(line, None) for line in lines], full))
    return Contents([Block(line.strip()) for line in told])
