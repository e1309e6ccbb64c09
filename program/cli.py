"""The command line: `liaotianban …`. Heavy parts are imported by the command that needs them."""

import asyncio
import json
import logging
import sys
from typing import Annotated

import typer

from program.commands.alarm import alarm
from program.commands.api_keys import api_key
from program.commands.audit import audit
from program.commands.complaints import ChineseCommands
from program.commands.dispatch import dispatch
from program.commands.evaluate import evaluate
from program.commands.inbox import inbox
from program.commands.installation import open_database, settings
from program.commands.kb import kb
from program.commands.keys import keys
from program.commands.notices import notices
from program.commands.output import AsJson, fail, say
from program.commands.report import report
from program.commands.simulate import simulate
from program.commands.simulate_sms import simulate as simulate_sms
from program.commands.sms import sms
from program.commands.ticket import ticket
from program.commands.ticket_advice import ticket as advice
from program.commands.ticket_exchange import ticket as exchange
from program.commands.time import time
from program.commands.units import unit as units
from program.commands.users import user
from program.commands.wechat import wechat
from service.settings import Settings

app = typer.Typer(
    name="liaotianban",
    cls=ChineseCommands,
    help="聊天办：12345热线智能助手。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db = typer.Typer(help="数据库。", no_args_is_help=True)
app.add_typer(kb, name="kb")
app.add_typer(evaluate, name="evaluate")
app.add_typer(dispatch, name="dispatch")
app.add_typer(user, name="user")
app.add_typer(db, name="db")
app.add_typer(time, name="time")
app.add_typer(keys, name="keys")
ticket.add_typer(exchange)
ticket.add_typer(advice)
app.add_typer(ticket, name="ticket")
app.add_typer(alarm, name="alarm")
app.add_typer(notices, name="notices")
app.command()(inbox)
app.add_typer(report, name="report")
app.add_typer(units, name="unit")
app.add_typer(api_key, name="api-key")
app.add_typer(wechat, name="wechat")
app.add_typer(sms, name="sms")
simulate.add_typer(simulate_sms)
app.add_typer(simulate, name="simulate")
app.add_typer(audit, name="audit")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听的地址（LTB_HOST）。")] = None,
    port: Annotated[int | None, typer.Option(help="监听的端口（LTB_PORT）。")] = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数；多于 1 个需要 LTB_REDIS_URL。")] = 1,
) -> None:
    """启动助手和网页。没有适用的模型时先训练。"""
    from program import server

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
    if subprocess.run([sys.executable, "-m", "program.cli", "train"], check=False).returncode:
        raise fail("模型没有训练成功，原因见上面的输出。")


@app.command()
def worker() -> None:
    """只送通知：和 serve 用同一个数据库和 Redis。可以开几个；serve 那边设 LTB_DELIVER_HERE=false 就不再送。"""
    from program import server

    chosen = settings()
    if not chosen.redis_url:
        raise fail("单独送通知需要 LTB_REDIS_URL，和 serve 共用。只有一个进程时，serve 自己就会送，不用这个命令。")
    _ensure_model(chosen)
    raise typer.Exit(server.run_worker(chosen))


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
    from program.terminal import chat as run_chat

    asyncio.run(run_chat(chosen))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """检查配置，说明缺什么、怎么补。"""
    from program.doctor import examine

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
    from program.rasa_commands import run

    run(chosen, context.args)


@db.command("upgrade")
def db_upgrade() -> None:
    """把数据库升级到最新结构。"""

    async def run() -> None:
        async with open_database():
            pass

    asyncio.run(run())
    say("数据库已是最新结构。")


def main() -> None:
    """The command `liaotianban`."""
    app()


if __name__ == "__main__":
    main()
