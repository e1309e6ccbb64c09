"""Text as search sees it: one form for everything that means the same."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import jieba
import opencc

_FILLERS = re.compile(
    r"^(?:请问|你好|您好|那个|嗯+|呃+|额|哎|喂|麻烦问(?:一)?下|我想(?:问|咨询|了解)(?:一下|下)?|想问(?:一下|下|问)?"
    r"|咨询(?:一)?下|问(?:一)?下|打听(?:一)?下|帮我(?:查|看)(?:一)?下|就是说?|这个|老师|师傅|同志)+"
)
_PARTICLES = re.compile(r"[吗呢啊呀吧嘛了的哦哈咧呗噢]+$")
_PUNCTUATION = re.compile(r"[^\w]+|_+")
jieba.setLogLevel("WARNING")  # it reports its loading as if something were wrong
_to_simplified = opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Full-width to half-width, traditional to simplified, lower case, punctuation to single spaces."""
    plain = _to_simplified.convert(unicodedata.normalize("NFKC", text)).lower()
    return _PUNCTUATION.sub(" ", plain).strip()


def exact_key(text: str) -> str:
    """What two wordings share when they differ only in fillers, particles and punctuation."""
    key = normalise(text).replace(" ", "")
    key = _FILLERS.sub("", key) or key
    return _PARTICLES.sub("", key) or key


class Tokenizer:
    """Words of a text, by a jieba of our own: Rasa's loads other words into the global one."""

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._jieba = jieba.Tokenizer()
        if cache_dir is not None:
            cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._jieba.tmp_dir = str(cache_dir)
        self._words = lru_cache(maxsize=50_000)(self._cut)

    def words(self, text: str) -> tuple[str, ...]:
        """Words, without particles that carry no meaning."""
        return self._words(text)

    def _cut(self, text: str) -> tuple[str, ...]:
        words = self._jieba.cut_for_search(normalise(text))
        return tuple(word for word in words if word.strip() and word not in STOP_WORDS)


_STOP_WORDS_TEXT = """
的 了 吗 呢 啊 呀 吧 嘛 哦 我 你 您 他 她 它 我们 你们 他们 是 在 有 和 与 及 也 都 就 还 又 这 那 这个 那个 个 一下 下
请问 请 想 要 能 可以 会 把 被 给 让 对 从 到 去 来 着 过 得 地 之 等 什么 怎么 怎样 如何 咋 哪 哪里 哪儿 多少 为什么 啥
里 上 么 呗 嗯 那么 然后 现在 已经 因为 所以 但是 如果 要是 的话 一个 一 不 没 没有 说 问 办 弄 搞 做 办理 需要 应该
怎么办 谢谢 你好 您好 麻烦
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())
"""Words that say nothing about which matter is meant."""
