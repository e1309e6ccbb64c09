"""`liaotianban kb intake`: policy documents as drafts."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.installation import open_database
from service.commands.output import AsJson, Begin, fail, progress, say, show

if TYPE_CHECKING:
    from knowledge_base.documents import Candidate, PolicyDocument
    from knowledge_base.documents.intake import Intake

intake = typer.Typer()

_SHOWN_CHARACTERS = 60
Documents = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, readable=True, help="DOCX、PDF、HTML 或 TXT 文件，可以写多个。"),
]


@intake.command("intake")
def kb_intake(
    documents: Documents,
    by: Annotated[str, typer.Option("--as", metavar="USERNAME", help="草稿记在哪个工作人员账号名下。")] = "",
    only_preview: Annotated[bool, typer.Option("--preview", help="只看会取出哪些条目，不存。")] = False,
    as_json: AsJson = False,
) -> None:
    """把政策文件按标题拆成草稿，答案是文件的原话。草稿要有人对照原文编辑过，才能送审、发布。"""
    from knowledge_base.versions import NotAllowed
    from service.identity.staff import UnknownStaff

    if not only_preview and not by.strip():
        raise fail("请用 --as 写明草稿记在哪个账号名下；只想看看就加 --preview。")
    try:
        with progress() as begin:
            read = [_read(path, begin) for path in documents]
            proposed = [candidate for _, found in read for candidate in found]
            outcome = None if only_preview else asyncio.run(_save(by.strip(), proposed, begin))
    except (NotAllowed, UnknownStaff) as refused:
        raise fail(str(refused)) from refused
    for document, _ in read:
        for note in document.notes:
            say(f"{document.name}：{note}")
    if as_json:
        _show_all(proposed, outcome)
    elif outcome is None:
        _tell(proposed)
    else:
        say(f"存了 {len(outcome.saved)} 份草稿；以前取过的 {len(outcome.known)} 份没有动。")
        say("草稿要有人对照原文编辑、保存过，才能送审。")


def _read(path: Path, begin: Begin) -> "tuple[PolicyDocument, list[Candidate]]":
    from knowledge_base.documents import DocumentRefused, candidates, read_document

    try:
        document = read_document(path, begin(f"正在读取 {path.name}"))
    except DocumentRefused as refused:
        raise fail(f"{path.name}：{refused}没有存任何草稿。") from refused
    return document, candidates(document)


async def _save(by: str, proposed: "Sequence[Candidate]", begin: Begin) -> "Intake":
    from knowledge_base.documents.intake import take_in
    from knowledge_base.lifecycle import EntryLifecycle
    from knowledge_base.store import EntryStore
    from service.identity.staff import actor_of
    from tickets.units import names_within

    async with open_database() as database:
        actor = await actor_of(database, by)
        desk = EntryLifecycle(database, EntryStore(database), names=names_within)
        return await take_in(desk, actor, proposed, begin("正在存草稿"))


def _show_all(proposed: "Sequence[Candidate]", outcome: "Intake | None") -> None:
    told: list[dict[str, Any]] = [
        {
            "entry": candidate.entry.model_dump(mode="json", exclude_defaults=True),
            "source": candidate.source.model_dump(),
        }
        for candidate in proposed
    ]
    counts = {"saved": len(outcome.saved) if outcome else 0, "known": len(outcome.known) if outcome else 0}
    show({"candidates": told} | counts, True)


def _tell(proposed: "Sequence[Candidate]") -> None:
    for candidate in proposed:
        entry = candidate.entry
        typer.echo(f"{entry.slug}  {entry.question}")
        typer.echo(f"  {candidate.source.document} {candidate.source.place}")
        answer = " ".join(entry.answer.split())
        typer.echo(f"  {answer[:_SHOWN_CHARACTERS]}{'……' if len(answer) > _SHOWN_CHARACTERS else ''}")
    say(f"可以取出 {len(proposed)} 个条目。只是预览，没有存。")
