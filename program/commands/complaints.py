"""What is wrong with a command as it was typed, in Chinese; typer itself knows only English."""

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer
from pydantic import ValidationError
from typer._click import exceptions as wrong
from typer.core import TyperGroup

from program.commands.output import say
from service.misconfigured import Misconfigured

_ABORTED = _MISCONFIGURED = 1

# What typer and pydantic say of a value, and what we say instead.
_VALUES = (
    (re.compile("valid integer"), "应是整数"),
    (re.compile("valid number"), "应是数字"),
    (re.compile(r"greater than or equal to (\S+)"), r"至少是 \1"),
    (re.compile(r"less than or equal to (\S+)"), r"最多是 \1"),
    (re.compile("match the formats? .*%H"), "应写成 2026-01-31，或者 2026-01-31 08:30 这样（带空格的要加引号）"),
    (re.compile("match the formats?"), "应写成 2026-01-31 这样"),
    (re.compile(r"is not one of (.*)\.$"), r"只能是 \1"),
    (re.compile(r"'(.*)' does not exist"), r"没有 \1 这个文件或文件夹"),
    (re.compile(r"'(.*)' is a directory"), r"\1 是文件夹，这里要写文件"),
    (re.compile(r"'(.*)' is a file"), r"\1 是文件，这里要写文件夹"),
    (re.compile(r"'(.*)' is not readable"), r"读不了 \1，请检查文件的权限"),
)
_COMMAND = re.compile(r"No such command '(.*?)'")
_QUOTED = re.compile("'(.*?)'")
_EXTRA = re.compile(r"unexpected extra argument\(s\) \((.*)\)")


class ChineseCommands(TyperGroup):
    """The root of the command line: what is typed or set up wrongly is told in Chinese, with the way to mend it."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and end the process with its exit code, as typer does."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except wrong.NoArgsIsHelpError as error:  # the help itself is printed by then
            sys.exit(error.exit_code)
        except wrong.ClickException as error:
            say(complaint(error))
            if context := getattr(error, "ctx", None):
                say(f"全部用法：{context.command_path} --help")
            sys.exit(error.exit_code)
        except Misconfigured as error:
            say(str(error))
            sys.exit(_MISCONFIGURED)
        except typer.Abort:
            say("已中止。")
            sys.exit(_ABORTED)
        sys.exit(code or 0)


def complaint(error: wrong.ClickException) -> str:
    """What is wrong, and what to type instead where that is known."""
    if isinstance(error, wrong.MissingParameter):
        return f"缺少 {_name(error)}{_help(error)}。"
    if isinstance(error, wrong.BadParameter):
        return f"{_name(error)} 写得不对：{_value(error)}。"
    if isinstance(error, wrong.NoSuchOption):
        near = get_close_matches(error.option_name, error.possibilities or (), 1)
        return f"没有 {error.option_name} 这个选项。{_suggested(near)}"
    if isinstance(error, wrong.BadOptionUsage):
        return f"{error.option_name} 后面{'不用写值' if 'not take' in error.message else '要写一个值'}。"
    if found := _COMMAND.search(error.message):
        _, _, meant = error.message.partition("Did you mean")
        return f"没有 {found[1]} 这个命令。{_suggested(_QUOTED.findall(meant))}"
    if found := _EXTRA.search(error.message):
        return f"多写了：{found[1]}。有空格的内容请加引号。"
    return error.format_message()


def _name(error: wrong.BadParameter) -> str:
    """The option or argument as it is typed."""
    if error.param is None:
        return str(error.param_hint or "")
    return error.param.opts[0] if error.param.param_type_name == "option" else str(error.param.name)


def _help(error: wrong.BadParameter) -> str:
    told = getattr(error.param, "help", None) or ""
    return f"（{told.rstrip('。')}）" if told else ""


def _value(error: wrong.BadParameter) -> str:
    cause = error.__cause__
    said = cause.errors()[0]["msg"] if isinstance(cause, ValidationError) else error.message
    for pattern, words in _VALUES:
        if found := pattern.search(said):
            return found.expand(words).replace("', '", "、").replace("'", "")
    return said


def _suggested(names: Sequence[str]) -> str:
    return f"您是不是想写 {' 或 '.join(names)}？" if names else ""
