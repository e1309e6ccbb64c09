"""YAML that somebody edits: files an installation has in place of those the product brings, and files taken in.

Whatever an editor on Windows makes of such a file, nobody meets a traceback: the error names the file and the line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from service.text_encoding import EncodingRefused, text_encoding

_PROBLEMS = {
    "cannot start any token": "有 YAML 不认的字符，内容里有 @、` 这类符号要加引号",
    "mapping values are not allowed": "一行里多了冒号，或者上一行少了冒号、缩进不齐；内容里有冒号要加引号",
    "could not find expected ':'": "少了冒号，冒号后面要有一个空格",
    "did not find expected key": "缩进和上面的行没有对齐",
    "expected <block end>": "缩进和上面的行没有对齐",
    "while scanning a quoted scalar": "引号没有配对",
    "unexpected end of stream": "引号或者括号没有配对",
    "expected ',' or": "括号没有配对，或者少了逗号",
    "undefined alias": "* 开头的内容要加引号",
    "special characters": "有看不见的控制字符，请删掉这几个字重新输入",
}


def read_own(own: Path | None, shipped: Path, refused: type[Exception]) -> Any:
    """What the installation's own YAML file says if it is there, else the one that comes with the product.

    Args:
        refused: raised with a message in Chinese where the file cannot be read.
    """
    return read_yaml(own if own is not None and own.exists() else shipped, refused)


def read_yaml(path: Path, refused: type[Exception]) -> Any:
    """What a YAML file says, in UTF-8, UTF-16 or GB18030.

    Args:
        refused: raised with a message in Chinese, with file and line, where it cannot be read.
    """
    try:
        return yaml.safe_load(path.read_text(text_encoding(path)))
    except OSError as error:
        message = f"{path} 打不开，请检查文件在不在、有没有读的权限。"
        raise refused(message) from error
    except EncodingRefused as error:
        message = f"{path}：{error}。"
        raise refused(message) from error
    except yaml.YAMLError as error:
        message = f"{path} {yaml_problem(error)}"
        raise refused(message) from error


def yaml_problem(error: yaml.YAMLError) -> str:
    """What is wrong with a document, in Chinese, and in which line."""
    said = str(error)
    why = next((told for problem, told in _PROBLEMS.items() if problem in said), "请检查缩进、冒号和引号")
    if "'\\t'" in said:
        why = "用了制表符（Tab），请换成空格"
    line = _line(error)
    return f"{f'第 {line} 行' if line else ''}不是有效的 YAML：{why}。"


def told_places(error: ValidationError) -> str:
    """What does not fit the form a file has to have, by the names that lead there."""
    return "；".join(
        f"{'.'.join(map(str, each['loc'])) or '全文'}：{_misfit(each)}" for each in error.errors()[:_SHOWN]
    )


_SHOWN = 3
_MISFITS = {
    "missing": "要写，现在没有",
    "extra_forbidden": "没有这一项",
    "string_type": "要是文字，数字请加引号",
    "int_parsing": "要是整数",
    "int_type": "要是整数",
    "bool_type": "要写 true 或 false",
    "bool_parsing": "要写 true 或 false",
    "list_type": "要是一列",
    "dict_type": "要是“名字: 内容”的样子",
    "model_type": "要是“名字: 内容”的样子",
    "greater_than": "要再大一些",
    "enum": "不是能写的那几种之一",
    "literal_error": "不是能写的那几种之一",
}


def _misfit(found: Mapping[str, Any]) -> str:
    message = str(found["msg"])
    return _MISFITS.get(found["type"], message.removeprefix("Value error, "))


def _line(error: yaml.YAMLError) -> int | None:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return None if mark is None else mark.line + 1
    return None
