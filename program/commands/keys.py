"""`liaotianban keys …`: which keys there are, what stands under them, and changing them (docs/keys.md)."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from program.commands.installation import open_database, settings
from program.commands.output import AsJson, fail, progress, say, show

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from service.encryption import FileKeyring, Keyring
    from service.keys.change import Standing
    from service.keys.rotation import Mover, Place

keys = typer.Typer(help="加密密钥：查看、更换。", no_args_is_help=True)

_ROLES = {"current": "正在用", "previous": "旧密钥，只读", "coming": "新密钥，还没启用"}
_SHOWN = 5


@keys.command("status")
def status(as_json: AsJson = False) -> None:
    """有哪些密钥，每把密钥下面有多少个加密字段。"""
    from service.encryption import FileKeyring
    from service.keys.change import role_of

    keyring = _keyring()
    held = keyring.keys()
    counted = asyncio.run(_standing(keyring))
    rows = [{"id": key.id.hex(), "role": role_of(key, held), "fields": n} for key, n in counted.fields.items()]
    if as_json:
        body: dict[str, Any] = {
            "source": "file" if isinstance(keyring, FileKeyring) else "settings",
            "keys": rows,
            "unmarked": counted.unmarked,
            "unknown": [{"id": key, "fields": n} for key, n in counted.unknown.items()],
            "tokens": [{"purpose": key.purpose, "until": key.until.isoformat()} for key in held.tokens],
            "to_move": counted.to_move,
        }
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['id']}  {_ROLES[str(row['role'])]}  {row['fields']} 个字段")
    if counted.unmarked:
        typer.echo(f"没有标明密钥的旧格式字段：{counted.unmarked} 个。运行 keys rotate 后就会标明。")
    for key, n in counted.unknown.items():
        typer.echo(f"{key}  没有这把密钥！{n} 个字段打不开，请从备份里找回它，写进 LTB_PREVIOUS_SECRET_KEYS。")
    for token in held.tokens:
        typer.echo(f"更换前发出的网页会话认到 {_day(token.until)}。")
    if counted.to_move:
        typer.echo(f"还有 {counted.to_move} 个字段要换到正在用的密钥，请运行 liaotianban keys rotate。")


@keys.command("new")
def new() -> None:
    """生成一把新密钥，写进 LTB_SECRET_KEY 用。密钥在 secret.key 文件里的不用这个命令。"""
    from service.keys.master import MasterKey

    typer.echo(MasterKey.new().text)


@keys.command("rotate")
def rotate(
    end_sessions: Annotated[
        bool, typer.Option("--end-sessions", help="旧密钥可能泄露时用：更换前发出的网页会话马上失效。")
    ] = False,
    settling: Annotated[int, typer.Option("--settling-seconds", min=0, help="换完后再等多久，看有没有漏的。")] = 60,
    as_json: AsJson = False,
) -> None:
    """换一把新密钥，把所有加密内容换到新密钥下。服务不用停；中途断了再运行一次就接着做。"""
    from service.encryption import FileKeyring
    from service.keys.change import StillWriting
    from service.keys.file import AlreadyRotating

    keyring = _keyring()
    waited = timedelta(seconds=settling)
    try:
        if isinstance(keyring, FileKeyring):
            with keyring.file.changing():
                result = _rotate_file(keyring, end_sessions, waited)
        else:
            result = _rotate_settings(keyring, waited)
    except AlreadyRotating as error:
        raise fail("另一个更换密钥的命令正在运行，请等它做完。") from error
    except StillWriting as error:
        raise fail(
            "还有服务器在用别的密钥写入，所以换不完，旧密钥先留着。"
            "请确认每台服务器都已重启过、读的是同一个密钥文件，然后再运行一次。"
        ) from error
    if as_json:
        show(result, as_json)
    if result["stuck"]:
        raise typer.Exit(1)


def _rotate_file(keyring: "FileKeyring", end_sessions: bool, settling: timedelta) -> dict[str, Any]:
    from service.keys.change import begin, forget_previous

    going_on = bool(keyring.keys().previous)
    current = begin(keyring.file)
    say(f"{'接着上次没做完的更换' if going_on else '新密钥已启用'}：{current.id.hex()}。正在运行的服务会自动跟上。")
    moved, stuck = asyncio.run(_move(keyring, settling))
    if stuck:
        say(_told(stuck) + "旧密钥先留着。")
    else:
        lifetime = timedelta(days=settings().conversation_days)
        until = None if end_sessions else keyring.clock() + lifetime
        forget_previous(keyring, until)
        sessions = "更换前发出的网页会话已失效" if until is None else f"更换前发出的网页会话认到 {_day(until)}"
        say(f"全部换好了（{moved} 个字段），旧密钥已删除；{sessions}。请重新备份 {keyring.file.path}。")
    return {"key": current.id.hex(), "moved": moved, "stuck": len(stuck), "forgotten": not stuck}


def _rotate_settings(keyring: "Keyring", settling: timedelta) -> dict[str, Any]:
    held = keyring.keys()
    if not held.previous and not asyncio.run(_standing(keyring)).to_move:
        raise fail(
            "密钥由 LTB_SECRET_KEY 设置，要换就按这个次序：\n"
            "1. 用 liaotianban keys new 生成新密钥；\n"
            "2. 每台服务器先把新密钥写进 LTB_PREVIOUS_SECRET_KEYS，逐个重启；\n"
            "3. 再把两把对调：LTB_SECRET_KEY 写新的，LTB_PREVIOUS_SECRET_KEYS 写旧的，逐个重启；\n"
            "4. 全部重启完，再运行 liaotianban keys rotate。"
        )
    moved, stuck = asyncio.run(_move(keyring, settling))
    if stuck:
        say(_told(stuck) + "旧密钥请先留着。")
    else:
        days = settings().conversation_days
        say(
            f"全部换好了（{moved} 个字段）。LTB_PREVIOUS_SECRET_KEYS 现在可以去掉；"
            f"多留 {days} 天，市民打开着的网页会话就不会中断。"
        )
    return {"key": held.current.id.hex(), "moved": moved, "stuck": len(stuck), "forgotten": False}


def _keyring() -> "Keyring":
    from service.encryption import open_keyring

    chosen = settings()
    try:
        return open_keyring(chosen.secret_key, chosen.data_dir, chosen.previous_secret_keys)
    except (ValueError, OSError) as error:
        raise fail(str(error)) from error


async def _standing(keyring: "Keyring") -> "Standing":
    from service.keys.change import standing

    async with open_database() as database:
        return await standing(_mover(database, keyring), keyring.keys())


async def _move(keyring: "Keyring", settling: timedelta) -> "tuple[int, list[Place]]":
    from service.audit import Deed, Recorded, record_within
    from service.keys.change import move_all, standing

    held = keyring.keys().current.id.hex()
    async with open_database() as database:
        mover = _mover(database, keyring)
        total = (await standing(mover, keyring.keys())).to_move
        redis = _redis()
        done = 0
        try:
            with progress() as begin:
                share = begin("换到新密钥")

                def tell(moved: int) -> None:
                    nonlocal done
                    done = moved
                    share(min(moved / total, 1.0) if total else 1.0)

                stuck = await move_all(mover, redis, tell, settling)
            counts = {"moved": done, "stuck": len(stuck)}
            rotated = Recorded(keyring.clock(), "command line", Deed.KEYS_ROTATED, held, details=counts)
            await database.write(lambda connection: record_within(connection, rotated))
        finally:
            if redis is not None:
                await redis.aclose()
        return done, stuck


def _mover(database: Any, keyring: "Keyring") -> "Mover":
    import service.migrations.tables  # noqa: F401  # every table must be known
    from service.keys.rotation import Mover

    return Mover(database, keyring)


def _redis() -> "Redis | None":
    from redis.asyncio import Redis

    url = settings().redis_url
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5) if url else None


def _told(stuck: "list[Place]") -> str:
    first = "、".join(f"{place.table}.{place.column}（{place.row}）" for place in stuck[:_SHOWN])
    return f"有 {len(stuck)} 个字段打不开，没有改动：{first}。它们可能已损坏，或者密钥不全，请从备份恢复后再运行一次。"


def _day(moment: datetime) -> str:
    from service.clock import shown_when

    return shown_when(moment)
