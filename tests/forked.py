"""`liaotianban …` as a process of its own that begins at once: forked from one in which everything is imported.

Imports take seconds of every new process, more than most of what it is started for. That the command starts from
nothing, too, is seen by the tests with `served.Server`.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

_from_warm = multiprocessing.get_context("forkserver")
_from_warm.set_forkserver_preload(["tests.warm"])


class Command(_from_warm.Process):
    """A command that runs. What it says is in the files `stdout` and `stderr` of its folder."""

    def __init__(
        self, folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: str = ""
    ) -> None:
        super().__init__(target=_run, args=(folder, arguments, dict(environment), stdin), daemon=True)
        self.start()

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self.exitcode

    def wait(self, seconds: float) -> int:
        """The exit code, once it has ended."""
        self.join(seconds)
        assert self.exitcode is not None, f"it still runs after {seconds} s"
        return self.exitcode


def _run(folder: Path, arguments: tuple[str, ...], environment: dict[str, str], stdin: str) -> None:
    os.environ.update(environment)
    os.chdir(PROJECT)
    typed, keyboard = os.pipe()
    os.write(keyboard, stdin.encode())
    os.close(keyboard)
    os.dup2(typed, 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # it lives as long as the process
    sys.argv = ["liaotianban", *arguments]
    from program.cli import main

    main()
