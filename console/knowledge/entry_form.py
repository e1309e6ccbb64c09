"""An entry as a form: every field a text, lists one a line; and what is wrong with it, told at the field."""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from pydantic import ValidationError

from console.forms import Form
from knowledge_base.entry import TO_BE_WRITTEN, Entry
from knowledge_base.formats.cells import parse_citation
from knowledge_base.formats.columns import DATES, FACETS, LISTS

TEXTS = ("matter", "question", "category", "issuing_unit", "region", "answer", "short_answer")
LINES = (*LISTS, "legal_basis", "attachments")
FIELDS = (*TEXTS, *FACETS, *LINES, *DATES, "visibility")

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\xad\u200b\u2060\ufeff]")  # but not what joins emoji
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPLAINTS = {
    "missing": "请填写。",
    "string_too_short": "请填写。",
    "string_unicode": "里面有残缺的字符，请删掉重新输入。",
    "literal_error": "请选“市民”或者“只给工作人员”。",
}


def form_of(entry: Entry, **more: object) -> Form:
    """The form of an entry as it is shown first; what is still to be written is empty."""
    return Form.of(_values(entry) | more)


def _values(entry: Entry) -> dict[str, Any]:
    dumped = entry.model_dump(mode="json")
    values: dict[str, Any] = {name: dumped[name] or "" for name in (*TEXTS, *DATES, "visibility")} | dumped["facets"]
    values |= {name: "\n".join(dumped[name]) for name in LISTS}
    values["legal_basis"] = "\n".join(basis.cited for basis in entry.legal_basis)
    values["attachments"] = "\n".join(attachment.written for attachment in entry.attachments)
    if entry.answer == TO_BE_WRITTEN:
        values["answer"] = ""
    return values


def entry_of(
    form: Form, slug: str, base: Entry | None = None, take: Mapping[str, object] | None = None
) -> Entry | None:
    """The entry that was typed; None if it is none, which is then complained of at its fields.

    A draft may be kept before its answer is written; then the answer says so, and nobody can submit it.

    Args:
        base: what somebody else saved meanwhile, of which `take` names the fields to be taken instead.
    """
    theirs = _values(base) if base is not None and take else {}
    typed = {
        name: theirs[name] if take and name in theirs and name in take else _pasted(name, form.text(name))
        for name in FIELDS
    }
    try:
        return Entry.model_validate(_written(slug, typed))
    except ValidationError as error:
        for item in error.errors():
            name, line = _place(item["loc"])
            form.complain(name, line + _complaint(item))
        return None


def _pasted(name: str, text: str) -> str:
    """What was pasted, without what only a word processor means by it; days as they are usually written."""
    text = _UNSEEN.sub("", text.replace("\v", "\n").replace("\f", "\n").replace("\xa0", " "))
    if name not in DATES:
        return text
    text = normalize("NFKC", text)  # digits of an input method: ２０２６
    return _DAY.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", text)


def _written(slug: str, typed: Mapping[str, str]) -> dict[str, Any]:
    lines = {name: [line.strip() for line in typed[name].splitlines() if line.strip()] for name in LINES}
    return {
        "slug": slug,
        **{name: typed[name] for name in TEXTS},
        "answer": typed["answer"] or TO_BE_WRITTEN,
        **{name: typed[name] or None for name in DATES},
        "facets": {name: typed[name] for name in FACETS},
        **{name: list(dict.fromkeys(lines[name])) for name in LISTS},
        "legal_basis": [
            dict(zip(("document", "article"), parse_citation(text), strict=True)) for text in lines["legal_basis"]
        ],
        "attachments": [_attachment(text) for text in lines["attachments"]],
        "visibility": typed["visibility"] or "public",
    }


def _attachment(text: str) -> dict[str, str]:
    title, _, url = text.rpartition(" ")  # an address has no blanks
    return {"title": title.strip(), "url": url}


def _place(location: tuple[int | str, ...]) -> tuple[str, str]:
    """The field of the form, and which of its lines."""
    if not location:
        return "expires_on", ""  # the one thing that is wrong with two fields at once
    name = str(location[1] if location[0] == "facets" and len(location) > 1 else location[0])
    line = next((f"第 {part + 1} 行：" for part in location if isinstance(part, int)), "")
    return name, line


def _complaint(item: Mapping[str, Any]) -> str:
    kind, name = item["type"], item["loc"][0] if item["loc"] else ""
    if name == "attachments" and kind == "string_too_short":
        return "先写标题，空一格再写网址。"
    if kind == "value_error":
        return f"{item['ctx']['error']}。"
    if kind.startswith("date"):
        return "请写成 2026-01-31 这样。"
    if kind == "string_too_long":
        return f"有 {len(item['input'])} 字，最多 {item['ctx']['max_length']} 字，请缩短，或者分成几条。"
    return _COMPLAINTS.get(kind, "这样写不行，请改一下。")
