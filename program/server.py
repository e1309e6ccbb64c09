"""Serving: one process, or several on one port."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time

import uvloop
from aiohttp import web

from service.logs import configure_logging
from service.misconfigured import Misconfigured
from service.settings import Settings

_log = logging.getLogger(__name__)

_DRAIN_SECONDS = 30.0
# While a turn computes, a database thread that is done waits this long for its next step; Python's own
# 5 ms would let a handful of statements take as long as ten turns.
_SWITCH_SECONDS = 0.0001


def run(settings: Settings, workers: int = 1) -> int:
    """Serve until told to stop (SIGINT or SIGTERM); the exit code."""
    configure_logging()
    try:
        listener = _listen(settings.host, settings.port, shared=workers > 1)
    except OSError as error:
        print(  # noqa: T201
            f"端口 {settings.port} 用不了（{error.strerror}）。可能已有程序在用，换一个：LTB_PORT=8081 make run",
            file=sys.stderr,
        )
        return 1
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    if workers == 1:
        return uvloop.run(_serve(settings, listener, announce=True))
    listener.close()
    return _supervise(settings, workers)


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _supervise(settings: Settings, workers: int) -> int:
    """Keep that many processes running; one that dies is replaced."""
    spawn = multiprocessing.get_context("spawn")
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    processes: dict[int, multiprocessing.process.BaseProcess] = {}
    started: dict[int, float] = {}
    while not stopping:
        for place in range(workers):
            process = processes.get(place)
            if process is None or not process.is_alive():
                if process is not None and time.monotonic() - started[place] < 5:
                    time.sleep(2)  # a process that cannot start is not restarted without pause
                processes[place] = spawn.Process(target=_worker, args=(settings, place == 0 and process is None))
                processes[place].start()
                started[place] = time.monotonic()
        time.sleep(0.5)
    for process in processes.values():
        if process.pid and process.is_alive():
            os.kill(process.pid, signal.SIGTERM)
    for process in processes.values():
        process.join(_DRAIN_SECONDS)
        if process.is_alive():
            process.kill()
    return 0


def _worker(settings: Settings, announce: bool) -> None:
    configure_logging()
    listener = _listen(settings.host, settings.port, shared=True)
    sys.exit(uvloop.run(_serve(settings, listener, announce=announce)))


async def _serve(settings: Settings, listener: socket.socket, *, announce: bool) -> int:
    from bot.runtime import prepare  # before anything of Rasa is imported

    prepare(settings.data_dir)
    sys.setswitchinterval(_SWITCH_SECONDS)
    from program.app import build_app
    from program.assembly import open_parts
    from service.identity.staff import ensure_administrator

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with open_parts(settings) as parts:
            password = await ensure_administrator(parts.database)
            runner = web.AppRunner(build_app(parts), access_log=None, shutdown_timeout=_DRAIN_SECONDS)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            gc.collect()
            gc.freeze()  # model and knowledge stay: looking through them again and again takes a twelfth of the time
            if announce:
                _announce(settings, password, len(parts.knowledge.entries()))
            await stop.wait()
            await runner.cleanup()
    except Misconfigured as wrong:
        _log.error("%s", wrong)
        return 1
    return 0


def run_worker(settings: Settings) -> int:
    """Deliver notices, and nothing else, until told to stop; the exit code."""
    configure_logging()
    return uvloop.run(_deliver(settings))


async def _deliver(settings: Settings) -> int:
    from bot.runtime import prepare  # before anything of Rasa is imported

    prepare(settings.data_dir)
    from channels.widget.arrivals import Arrivals
    from program.assembly import open_parts
    from program.background import keep_following
    from program.delivering import open_worker

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with open_parts(settings) as parts:
            working = [
                asyncio.create_task(open_worker(parts, Arrivals()).run()),
                asyncio.create_task(keep_following(parts)),
            ]
            _log.info("delivering notices")
            await stop.wait()
            for each in working:
                each.cancel()
            await asyncio.gather(*working, return_exceptions=True)
    except Misconfigured as wrong:
        _log.error("%s", wrong)
        return 1
    return 0


def _announce(settings: Settings, password: str | None, entries: int) -> None:
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0", "::") else settings.host  # noqa: S104  # only shown
    address = f"http://{host}:{settings.port}"
    lines = [
        "",
        f"聊天办已就绪，知识库里有 {entries} 个事项。",
        f"  市民页面    {address}/",
        f"  管理台      {address}/console/",
        f"  健康检查    {address}/readyz",
    ]
    if password:
        lines += ["  管理员      admin", f"  一次性密码  {password}    （只显示这一次，首次登录后须修改）"]
    lines += ["按 Ctrl+C 停止。", ""]
    print("\n".join(lines), flush=True)  # noqa: T201
