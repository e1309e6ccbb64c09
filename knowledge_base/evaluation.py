"""Measure answering on questions with known answers, by the very code that answers citizens."""

import csv
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge_base.formats import ImportRefused
from knowledge_base.knowledge import Knowledge

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the slugs of the entries that would be right; none means it must not be answered."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """Counts of what happened, recalls as shares of the questions in scope, times in milliseconds."""

    n: int
    in_scope: int
    out_of_scope: int
    correct_answered: int
    wrong_answered: int
    offered_in_choices: int
    refused_in_scope: int
    answered_out_of_scope: int
    recall_at_1: float
    recall_at_3: float
    recall_at_10: float
    ms_p50: float
    ms_p95: float

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON carries it."""
        return asdict(self)


def read_questions(path: Path) -> list[Question]:
    """Questions from CSV or JSONL with `question` and `expected_id` (several right ids joined by `|`).

    Raises:
        ImportRefused: the file is not of that form.
    """
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = list(csv.DictReader(text.splitlines(keepends=True)))
        return [Question(row["question"], _ids(row.get("expected_id"))) for row in rows]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise ImportRefused("问题文件应有 question 和 expected_id 两列，UTF-8 编码的 CSV 或 JSONL。") from error


async def evaluate_answers(knowledge: Knowledge, questions: Sequence[Question]) -> AnswerReport:
    """Ask every question."""
    outcomes: dict[str, int] = dict.fromkeys(("correct", "wrong", "offered", "refused", "answered_anyway"), 0)
    ranks: list[int] = []
    times: list[float] = []
    for question in questions:
        started = time.perf_counter()
        decision = await knowledge.decide(question.text, channel="evaluation")
        times.append((time.perf_counter() - started) * 1000)
        answered = decision.entry.slug if decision.kind == "answer" and decision.entry else None
        if not question.right:
            outcomes["answered_anyway"] += answered is not None
            continue
        found = [candidate.entry.slug for candidate in await knowledge.candidates(question.text, _DEPTH)]
        ranks.append(next((rank for rank, slug in enumerate(found) if slug in question.right), _DEPTH))
        if answered is not None:
            outcomes["correct" if answered in question.right else "wrong"] += 1
        elif any(entry.slug in question.right for entry in decision.choices):
            outcomes["offered"] += 1
        else:
            outcomes["refused"] += 1
    in_scope = len(ranks)
    times.sort()
    return AnswerReport(
        n=len(questions),
        in_scope=in_scope,
        out_of_scope=len(questions) - in_scope,
        correct_answered=outcomes["correct"],
        wrong_answered=outcomes["wrong"],
        offered_in_choices=outcomes["offered"],
        refused_in_scope=outcomes["refused"],
        answered_out_of_scope=outcomes["answered_anyway"],
        recall_at_1=_share(ranks, 1),
        recall_at_3=_share(ranks, 3),
        recall_at_10=_share(ranks, _DEPTH),
        ms_p50=_at(times, 0.50),
        ms_p95=_at(times, 0.95),
    )


def _ids(joined: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (joined or "").split("|") if part.strip())


def _share(ranks: Sequence[int], depth: int) -> float:
    return round(sum(rank < depth for rank in ranks) / len(ranks), 4) if ranks else 0.0


def _at(times: Sequence[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))], 3) if times else 0.0
