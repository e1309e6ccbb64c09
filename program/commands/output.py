"""What commands print: results to standard output, everything else to standard error."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

Share = Callable[[float], None]
Begin = Callable[[str], Share]

AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")]


def say(text: str) -> None:
    """Tell the operator, on standard error: standard output is for results."""
    typer.echo(text, err=True)


def fail(text: str) -> typer.Exit:
    """Tell what is wrong and end with an error."""
    say(text)
    return typer.Exit(1)


def show(result: dict[str, Any], as_json: bool) -> None:
    """Print a result, for programs or for people."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        typer.echo(f"{key}: {value}")


def stderr_console() -> "Console":
    """Where progress is shown."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def progress() -> Iterator[Begin]:
    """Bars that vanish when all is done: each begins with what is being done, then is told its share from 0 to 1."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, console=stderr_console()) as bars:

        def begin(title: str) -> Share:
            task = bars.add_task(title, total=1.0)
            return lambda share: bars.update(task, completed=share)

        yield begin
