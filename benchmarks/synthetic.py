"""A large base made of the sample's words, and vectors that behave like sentence vectors. The same on every run."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import jieba
import numpy as np
from scipy import sparse

from knowledge_base.entry import Entry, Facets
from knowledge_base.sample import sample_entries
from knowledge_base.search.pieces import PIECE
from service.characters import characters_and_pairs
from service.text import STOP_WORDS

_TOKENS = 1 << 14
_PATTERNS = (
    "{region}{matter}{aspect}",
    "{matter}{aspect}",
    "我想{action}{thing}，{aspect}",
    "{other}的{thing}{action}{aspect}",
    "在{region}{action}{other}{thing}要怎么弄",
    "{thing}{other}{action}去哪里",
    "{audience}{matter}能网上办吗",
)
_ASKED = (
    "请问{audience}{action}{thing}，{other}那种，{aspect}",
    "{region}的{other}{thing}怎么{action}",
    "{thing}要{action}，{other}{aspect}",
    "我是{audience}，{other}{thing}{action}找谁",
)
_ASPECTS = (
    "要什么材料",
    "多久能办好",
    "要多少钱",
    "符合什么条件",
    "在哪个窗口",
    "流程是什么",
    "打什么电话",
    "依据哪个文件",
)
_AUDIENCES = (
    "个人",
    "企业",
    "老年人",
    "残疾人",
    "学生",
    "个体户",
    "外地户口",
    "退役军人",
    "新生儿家长",
    "灵活就业人员",
)
_ACTIONS = (
    "申请",
    "办理",
    "变更",
    "注销",
    "补办",
    "登记",
    "备案",
    "领取",
    "查询",
    "续期",
    "迁移",
    "报销",
    "投诉",
    "预约",
    "转移",
)


class Synthetic:
    """Entries by number.

    Every one is about a matter of its own: two of the sample's words, the common ones in many matters, an action and
    a place. It has one question, three or four similar ones, and about 430 characters of the sample's sentences.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        sample = sample_entries()
        told = [text for entry in sample for text in (entry.answer, *entry.facets.model_dump().values())]
        self._sentences = [part for text in told for part in re.findall(r"[^。；\n]{8,60}[。；]", text)]
        asked = "\n".join(text for entry in sample for text in (entry.matter, entry.question, *entry.similar_questions))
        words = dict.fromkeys(jieba.Tokenizer().lcut(asked + "\n" + "\n".join(told)))
        self._words = [word for word in words if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", word) and word not in STOP_WORDS]
        letters = "东西南北中新长安平江河湖山阳和兴宁永福龙凤金石清水云华光明德"
        places = [a + b for a in letters for b in letters if a != b]
        self._regions = [place + kind for kind in ("区", "县", "镇", "街道") for place in places]

    def entry(self, number: int) -> Entry:
        """One of them."""
        random = np.random.default_rng(number)
        filled = self._filled(random)
        count = 4 + (number % 4 == 0)
        patterns = random.permutation(len(_PATTERNS))[:count]
        aspects = random.permutation(len(_ASPECTS))
        question, *similar = (
            _PATTERNS[pattern].format(**filled, aspect=_ASPECTS[aspect])
            for pattern, aspect in zip(patterns, aspects, strict=False)
        )
        picked = _frequent(random, len(self._sentences), 22)
        texts = [self._sentences[place] for place in picked]
        answer = f"{filled['region']}{filled['matter']}：" + "".join(texts[:16])
        return Entry(
            slug=f"entry-{number}",
            matter=filled["matter"],
            question=question,
            similar_questions=tuple(dict.fromkeys(similar)),
            region=filled["region"],
            answer=answer[:330],
            facets=Facets(materials="".join(texts[16:])[:PIECE]),
        )

    def entries(self) -> list[Entry]:
        """All of them."""
        return [self.entry(number) for number in range(self.count)]

    def questions(self, count: int) -> Iterator[tuple[int, str]]:
        """What may be asked, in none of the entries' wordings, and the number of the entry it is made from."""
        random = np.random.default_rng(12345)
        for number in random.integers(0, self.count, count):
            filled = self._filled(np.random.default_rng(number))
            pattern = _ASKED[random.integers(len(_ASKED))]
            yield int(number), pattern.format(**filled, aspect=_ASPECTS[random.integers(len(_ASPECTS))])

    def _filled(self, random: np.random.Generator) -> dict[str, str]:
        other, thing = (self._words[place] for place in _frequent(random, len(self._words), 2))
        action = _ACTIONS[_frequent(random, len(_ACTIONS), 1)[0]]
        return {
            "region": self._regions[random.integers(len(self._regions))],
            "audience": _AUDIENCES[random.integers(len(_AUDIENCES))],
            "matter": other + thing + action,
            "other": other,
            "thing": thing,
            "action": action,
        }


class ProjectedEncoder:
    """Vectors that are sums of random ones for characters and pairs: texts with common words are near each other."""

    name = "projected"
    dimension = 384

    @cached_property
    def _directions(self) -> np.ndarray:
        return np.random.default_rng(7).standard_normal((_TOKENS, self.dimension), dtype=np.float32)

    def questions(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.questions`."""
        characters, pairs = characters_and_pairs(texts)
        rows = np.concatenate((characters.rows, pairs.rows))
        columns = np.concatenate((characters.keys, pairs.keys)) * np.uint32(2_246_822_519) >> np.uint32(18)
        weights = np.repeat(np.array([0.4, 1], dtype=np.float32), (len(characters.rows), len(pairs.rows)))
        counts = sparse.csr_matrix((weights, (rows, columns)), shape=(len(texts), _TOKENS))
        vectors = counts @ self._directions
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    wordings = passages = questions


def _frequent(random: np.random.Generator, size: int, count: int) -> list[int]:
    """Different places below `size`, the first ones far more often than the last, as with words."""
    found: dict[int, None] = {}
    while len(found) < count:
        found[int(size * random.random() ** 1.8)] = None
    return list(found)
