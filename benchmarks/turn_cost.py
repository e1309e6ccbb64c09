"""Processor time of a turn in one process, beside the same turn with Rasa as it came: no network, no load.

A turn here is all that `Assistant.turn` does: understanding, rules, actions, search by words, and the transactions that
begin and end it, in SQLite. Both sides use one database, one model and the same actions; they differ in what
`bot/fast_paths` puts in the place of parts of Rasa. They take turns conversation by conversation, for machines drift.
"""

import logging
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bot.runtime import prepare
from knowledge_base.sample import sample_entries
from service.logs import configure_logging
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from program.assembly import Parts

_ROUNDS = 15
_LONG = 1000
_KINDS = {
    "small talk": ("你好", "你是机器人吗", "今天天气怎么样", "谢谢"),
    "questions": ("身份证过期了在外地能换吗", "居住证怎么办", "公积金怎么提取", "怎么开公司"),
    "sides of a matter": ("身份证过期了在外地能换吗", "那要带什么材料", "多少钱", "几天能好", "在哪里办"),
    "choices by number": ("我要办医保", "1", "我要办社保", "第二个"),
    "no answer": ("阳台上想架业余无线电天线要找谁", "都不是"),
    "a ticket": (
        "我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修",
        "1380013",
        "社保卡丢了怎么补办",
        "13800138000",
        "王女士",
        "同意",
        "算了",
    ),
}


def main() -> None:
    """Print milliseconds a turn on both sides, by what is said, and what the thousandth turn costs."""
    settings = load_settings()
    configure_logging(logging.WARNING)
    prepare(settings.data_dir)
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(
            update={"data_dir": Path(folder), "encoder": False, "database_url": "", "redis_url": ""}
        )
        uvloop.run(_run(own))


async def _run(settings: Settings) -> None:
    from bot.fast_paths.replacing import without  # imports Rasa, which has to be prepared for
    from program.assembly import open_parts

    async with open_parts(settings) as parts:
        with without():
            plain = _plain(parts)
        await _compare(parts.assistant, plain)
        await _long_conversation(parts.assistant)


def _plain(parts: "Parts") -> "Assistant":
    """An assistant beside the one of these parts."""
    from actions.services import services
    from bot.assistant import Assistant
    from bot.locks import LocalLocks

    cipher, lifetime = parts.keyring.cipher("conversations"), timedelta(minutes=parts.settings.session_minutes)
    beside = Assistant(parts.database, parts.sessions, LocalLocks(), parts.transcript, services(), cipher, lifetime)
    assert parts.assistant.model
    beside.load(parts.assistant.model)
    return beside


async def _compare(ours: "Assistant", plain: "Assistant") -> None:
    from bot.fast_paths.replacing import without

    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(_ROUNDS + 1):
        for kind, texts in _KINDS.items():
            times["ours", kind] += await _talk(ours, texts)
            with without():
                times["plain", kind] += await _talk(plain, texts)
    for kind, texts in _KINDS.items():
        here, there = (statistics.median(times[side, kind][len(texts) :]) for side in ("ours", "plain"))
        print(f"{kind:18} ours {here:5.2f} ms   Rasa as it came {there:5.2f} ms   ratio {here / there:.2f}")
    here, there = (
        statistics.mean(statistics.median(times[side, kind]) for kind in _KINDS) for side in ("ours", "plain")
    )
    print(f"{'all kinds alike':18} ours {here:5.2f} ms   Rasa as it came {there:5.2f} ms   ratio {here / there:.2f}")


async def _long_conversation(assistant: "Assistant") -> None:
    questions = [question for entry in sample_entries() for question in entry.similar_questions][:50]
    times = await _talk(assistant, [questions[turn % 50] for turn in range(_LONG)])
    early, late = statistics.median(times[50:100]), statistics.median(times[-50:])
    print(f"one conversation: turn 75 {early:.2f} ms, turn {_LONG - 25} {late:.2f} ms, ratio {late / early:.2f}")


async def _talk(assistant: "Assistant", texts: Sequence[str]) -> list[float]:
    """One conversation; milliseconds of processor time, of all threads, for each turn."""
    from bot.assistant import Incoming, new_id

    conversation, times = new_id(), []
    for text in texts:
        started = time.process_time()
        await assistant.turn(Incoming(conversation, "widget", new_id(), text))
        times.append((time.process_time() - started) * 1000)
    return times
