"""What of a text carries something: its letters, and the pairs of characters that tell one matter from another."""

import re

_LETTER = re.compile(r"[\u4e00-\u9fa5A-Za-z0-9]")
_RUN = re.compile(r"[\u4e00-\u9fa5]+|[a-zA-Z0-9]{2,}")
# Pairs of characters that stand in any complaint and in any reply.
_EVERYWHERE_TEXT = """
问题 情况 领导 您好 你好 请问 希望 政府 部门 相关 有关 解决 处理 反映 反应 我们 他们 你们 没有 什么 怎么 如何
可以 是否 能否 这个 一个 已经 现在 目前 进行 谢谢 感谢 单位 居民 市民 百姓 投诉 回复 答复 尊敬 关于 因为 所以
但是 如果 还是 就是 不是 为什 什样 多次 一直 严重 影响 工作 人员 我是 时间 时候 要求 请求 小区 业主
"""
_EVERYWHERE = frozenset(_EVERYWHERE_TEXT.split())


def letters(text: str) -> int:
    """Characters of a text that carry something: no punctuation, no blanks."""
    return len(_LETTER.findall(text))


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, without those that stand in any complaint and any reply."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        found.update(run[place : place + 2] for place in range(len(run) - 1))
    return frozenset(found - _EVERYWHERE)
