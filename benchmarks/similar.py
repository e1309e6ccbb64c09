"""Requests about the same: topics found in real messages, and one new request among 100,000.

Ours beside the plain alternative: TF-IDF of character pairs and triples, joined wherever a pair is alike enough.
The real messages are not part of the project: `python -m benchmarks.similar --data DIR` says where they lie.
"""

import argparse
import csv
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tickets.similar.grouping import ALIKE, group
from tickets.similar.index import SimilarIndex
from tickets.similar.signature import Wording, sign

_TICKETS = 100_000
_ASKED = 300
_PLAIN_CUTS = (0.15, 0.2, 0.25)
_CUTS = (0.75, 0.9, 1.1, 1.25)
_DRAWS = 200


def main(arguments: Sequence[str] = ()) -> None:
    """Print both, or only the second where there is no data."""
    parser = argparse.ArgumentParser(prog="similar")
    parser.add_argument("--data", type=Path, help="the folder with messages/, which is not part of the project")
    data: Path | None = parser.parse_args(arguments).data
    if data is None or not (data / "messages").is_dir():
        print("topics: no real messages (--data DIR with messages/hot_messages.csv)")
    else:
        topics(data / "messages")
    online()


def topics(folder: Path) -> None:
    """Pairwise F1 over the labelled messages, with how much it hangs on the cut and on which topics are labelled."""
    wordings, gold = _read(folder)
    started = time.perf_counter()
    signatures = sign(wordings)
    labels = group(signatures)
    print(f"ours      F1 {f1(labels, gold):.3f}   {time.perf_counter() - started:.1f} s for {len(wordings)} messages")
    for share in _CUTS:
        print(f"  cut × {share:<5}F1 {f1(group(signatures, ALIKE * share), gold):.3f}")
    low, high = _bootstrap(labels, gold)
    print(f"  topics drawn anew: 90 % of draws between {low:.3f} and {high:.3f}")
    started = time.perf_counter()
    alike = _plain(wordings)
    seconds = time.perf_counter() - started
    for cut in _PLAIN_CUTS:
        print(f"TF-IDF, joined from {cut}: F1 {f1(_joined(alike, cut), gold):.3f}   {seconds:.1f} s")


def f1(labels: Sequence[int], gold: dict[int, str]) -> float:
    """Pairwise F1 among labelled messages; each labelled negative is a topic of its own."""
    rows = sorted(gold)
    found = np.array([labels[row] for row in rows])
    true = np.array([gold[row] for row in rows])
    upper = np.triu_indices(len(rows), 1)
    together, same = (found[:, None] == found)[upper], (true[:, None] == true)[upper]
    return float(2 * (together & same).sum() / max(1, together.sum() + same.sum()))


def online() -> None:
    """Time to find the topic of one new request among 100,000 synthetic tickets, and the memory they take."""
    import psutil

    rng = random.Random(7)  # the same requests every time
    signatures = sign([synthetic(rng) for _ in range(_TICKETS + _ASKED)])
    before = psutil.Process().memory_info().rss
    index = SimilarIndex()
    started = time.perf_counter()
    for number, signature in enumerate(signatures[:_TICKETS], 1):
        index.add(number, signature, group=number)
    filled = time.perf_counter() - started
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    print(f"index of {len(index)} tickets filled in {filled:.0f} s, {grown:.0f} MB")
    for what, work in (
        ("assign", lambda number, signature: index.add(number, signature)),
        ("repeats", lambda _, signature: index.matches(signature)),
    ):
        times = []
        for number, signature in enumerate(signatures[_TICKETS:], _TICKETS + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            work(number, signature)
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
        (wall50, cpu50), (wall95, cpu95) = 1000 * np.percentile(times, [50, 95], axis=0)
        print(f"  {what}: p50 {wall50:.1f} ms, p95 {wall95:.1f} ms   of the processor p50 {cpu50:.1f}, p95 {cpu95:.1f}")


_SYLLABLES = (
    "丽景华庭锦绣江南翠湖金桂银杏枫林学府阳光海棠紫薇玉兰东方世纪星河云溪梧桐碧水蓝天瑞祥福安康宁和顺富春兰亭竹园松鹤"
)
_MATTERS = (
    ("楼下烧烤店油烟扰民", "每天晚上营业到凌晨，油烟往楼上灌，开窗都不行，老人孩子咳嗽"),
    ("工地夜间施工噪音大", "挖掘机半夜还在作业，灯光直照卧室，已经一个多月没有睡好觉"),
    ("物业不维修电梯", "电梯三天两头停运，被关过两次，维修基金用到哪里没有公示"),
    ("路灯坏了没人修", "整条路晚上漆黑一片，骑车摔过人，打过电话说在排计划"),
    ("自来水浑浊有异味", "放出来的水发黄，沉淀一层泥沙，不敢给孩子喝"),
    ("拖欠农民工工资", "干完活大半年了，老板一直推说甲方没有结账，家里等钱用"),
    ("垃圾清运不及时", "垃圾堆到路面上，天热了苍蝇到处飞，臭味飘进家里"),
    ("占道经营堵塞通道", "摊位摆到马路中间，救护车都进不来，城管一走又摆出来"),
)
_ASKS = ("请尽快派人处理。", "希望相关部门管一管。", "什么时候能解决？", "恳请领导重视，给个答复。")
_EVERYDAY = (
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然"
    "没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面"
)


def synthetic(rng: random.Random) -> Wording:
    """A request as people write them, about as long and as varied."""
    name = "".join(rng.sample(_SYLLABLES, 3)) + rng.choice(("小区", "花园", "路", "家园"))
    what, story = rng.choice(_MATTERS)
    filling = "".join(rng.choice(_EVERYDAY) if rng.random() < 0.7 else rng.choice(_SYLLABLES) for _ in range(120))
    return Wording(f"{name}{what}", f"我住在{name}{rng.randint(1, 30)}栋，{story}。{filling}。{rng.choice(_ASKS)}")


def _read(folder: Path) -> tuple[list[Wording], dict[int, str]]:
    with (folder / "hot_messages.csv").open(encoding="utf-8-sig") as file:
        messages = list(csv.DictReader(file))
    rows = {message["留言编号"]: row for row, message in enumerate(messages)}
    with (folder / "hot_topic_clusters.csv").open(encoding="utf-8-sig") as file:
        labelled = list(csv.DictReader(file))
    gold = {
        rows[one["留言编号"]]: one["cluster"] if one["role"] == "member" else f"alone {one['留言编号']}"
        for one in labelled
    }
    return [Wording(message["留言主题"], message["留言详情"]) for message in messages], gold


def _bootstrap(labels: Sequence[int], gold: dict[int, str]) -> tuple[float, float]:
    rng = random.Random(1)  # the same draws every time
    topics = sorted({topic for topic in gold.values() if not topic.startswith("alone")})
    scores = []
    for _ in range(_DRAWS):
        drawn = {rng.choice(topics) for _ in topics}
        scores.append(f1(labels, {row: topic for row, topic in gold.items() if topic in drawn or topic not in topics}))
    return float(np.percentile(scores, 5)), float(np.percentile(scores, 95))


def _plain(wordings: Sequence[Wording]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    reader = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), min_df=2, sublinear_tf=True)
    words = reader.fit_transform([f"{wording.title} {wording.story}" for wording in wordings])
    return words @ words.T


def _joined(alike: Any, cut: float) -> list[int]:
    from scipy.sparse.csgraph import connected_components

    return list(connected_components(alike > cut, directed=False)[1])


if __name__ == "__main__":
    main(sys.argv[1:])
