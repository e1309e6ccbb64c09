"""What is wrong with a request, in Chinese: which field, and what it should be."""

from pydantic import ValidationError

_SHOWN = 5
_WORDS = {
    "missing": "没有写",
    "extra_forbidden": "不是认识的字段",
    "json_invalid": "不是有效的 JSON",
    "json_type": "不是有效的 JSON",
    "model_type": "应是一个 JSON 对象",
    "string_type": "应是文字",
    "string_unicode": "里有残缺的字符",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "int_parsing_size": "太大了",
    "int_from_float": "应是整数",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "tuple_type": "应是一个列表",
    "frozen_set_type": "应是一个列表",
    "control_character": "里有看不见的控制字符，请去掉",
    "moment_out_of_range": "应在 2000 年到 2199 年之间",
    "timezone_aware": "要带时区，例如 2026-11-21T10:00:00+08:00",
}


def complaint(error: ValidationError) -> str:
    """What to tell whoever sent it; what they sent is not repeated."""
    told = [_told(item["loc"], item["type"], item.get("ctx", {})) for item in error.errors(include_url=False)]
    more = f"；还有 {len(told) - _SHOWN} 处" if len(told) > _SHOWN else ""
    return "；".join(told[:_SHOWN]) + more + "。"


def _told(location: tuple[int | str, ...], kind: str, context: dict[str, object]) -> str:
    name = ".".join(str(part)[:40] for part in location) or "内容"
    if kind in ("enum", "literal_error"):
        return f"{name} 只能是 {context.get('expected')}".replace(" or ", "、").replace("'", "")
    if kind == "string_too_long":
        return f"{name} 最多 {context['max_length']} 个字"
    if kind == "string_too_short":
        return f"{name} 不能是空的"
    if kind == "too_long":
        return f"{name} 最多 {context['max_length']} 个"
    if kind.startswith(("greater_than", "less_than")):
        return f"{name} 超出了范围"
    if kind.startswith("datetime"):
        return f"{name} 应写成 2026-11-21T10:00:00+08:00 这样"
    return f"{name} {_WORDS.get(kind, '不对')}"
