"""`liaotianban kb usage` and `kb answered`: figures, and answers as they were given."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from program.commands.installation import conversation_cipher, open_database
from program.commands.output import AsJson, fail

_DAY = ["%Y-%m-%d"]
_DEFAULT_DAYS = 30
_LABELS = {
    "questions": "提问",
    "answered": "直接回答",
    "choices": "给出选项",
    "no_answer": "没有答案",
    "helped": "说有帮助",
    "not_helped": "说没帮助",
    "conversations": "对话",
    "tickets": "一天内转成工单的对话",
    "resolved": "自助解决的对话",
}


def kb_usage(
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="第一天；不写就是 30 天前。")] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="最后一天，含当天；不写就是今天。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """知识库用得怎么样：提问、回答、有没有帮助、自助解决率、常用和没用过的条目。"""
    from knowledge_base.usage import Usage, usage
    from service.clock import china_date, now

    until = last.date() if last else china_date(now())
    since = first.date() if first else until - timedelta(days=_DEFAULT_DAYS - 1)
    if since > until:
        raise fail(f"第一天 {since} 晚于最后一天 {until}，请改正。")

    async def read() -> dict[str, Any]:
        async with open_database() as database:
            figures: Usage = await database.read(usage(since, until))
        return {"from": since.isoformat(), "to": until.isoformat()} | figures.as_dict()

    found = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{found['from']} 到 {found['to']}")
    for key, label in _LABELS.items():
        typer.echo(f"  {label}：{found[key]}")
    for reason, count in found["reasons"].items():
        typer.echo(f"    {reason}：{count}")
    rate = found["self_service_rate"]
    typer.echo(f"  自助解决率：{'没有提问' if rate is None else f'{rate:.1%}'}")
    typer.echo("  最常用：" + "、".join(f"{slug}（{count}）" for slug, count in found["top"]))
    typer.echo(f"  没有用过：{len(found['never_told'])} 条（加 --json 看是哪些）")


def kb_answered(
    conversation: Annotated[str | None, typer.Option(help="只看这个对话。")] = None,
    since: Annotated[datetime | None, typer.Option(formats=[*_DAY, "%Y-%m-%d %H:%M"], help="从这时起。")] = None,
    entry: Annotated[str | None, typer.Option(help="只看用这个条目回答的。")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出多少次。")] = 20,
    as_json: AsJson = False,
) -> None:
    """当时到底是怎么答的：哪个条目的哪一版、原文、把握、给过哪些选项。有争议时用。"""
    from knowledge_base.answered import Answered, answered
    from service.clock import CHINA

    from_moment = since.replace(tzinfo=CHINA) if since else None

    async def read() -> list[Answered]:
        async with open_database() as database:
            work = answered(
                conversation_cipher(), conversation=conversation, since=from_moment, entry=entry, limit=limit
            )
            rows: list[Answered] = await database.read(work)
            return rows

    found = asyncio.run(read())
    if as_json:
        rows = [asdict(one) | {"at": one.at.astimezone(CHINA).isoformat()} for one in found]
        typer.echo(json.dumps({"answers": rows}, ensure_ascii=False))
        return
    for one in found:
        asked = "点按钮" if one.clicked else one.question or "原话已按规定删除"
        typer.echo(f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}  {one.channel}  {one.conversation}")
        typer.echo(f"  问：{asked}")
        sure = "" if one.probability is None else f"，把握 {one.probability:.0%}"
        told = f"条目 {one.entry} 第 {one.version} 版" if one.entry else "没有直接回答"
        typer.echo(f"  {told}{sure}；{one.decided_how}")
        if one.offered:
            typer.echo(f"  给出选项：{'、'.join(one.offered)}")
        if one.text:
            typer.echo(f"  答：{one.text}")
