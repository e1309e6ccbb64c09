"""How well intents are told apart: five-fold cross-validation of the whole pipeline, and a refusal check.

The refusal check puts questions the knowledge base must not answer (tests/data/questions/unanswerable.csv)
through the trained model and counts where they go.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from service.settings import PROJECT, load_settings

_FOLDS = 5
_WEAKEST = 8
_OPENS_A_FORM = {"request_help", "complain", "report_wrongdoing", "suggest", "praise"}


def main() -> None:
    """Print macro-F1, the weakest intents, and the refusal check."""
    report = cross_validate()
    scores = {name: row["f1-score"] for name, row in report.items() if isinstance(row, dict) and "avg" not in name}
    print(f"intents: {len(scores)}   macro-F1: {report['macro avg']['f1-score']:.4f}   accuracy: {_accuracy(report)}")
    for name in sorted(scores, key=scores.__getitem__)[:_WEAKEST]:
        print(f"  {name:<20} {scores[name]:.3f}")
    _refusals()


def cross_validate() -> dict:
    """Rasa's own cross-validation; its intent report."""
    with tempfile.TemporaryDirectory() as out:
        command = ["rasa", "test", "nlu", "--nlu", "data/nlu", "--cross-validation", "--folds", str(_FOLDS)]
        subprocess.run(
            [sys.executable, "-m", "program.cli", *command, "--no-plot", "--no-errors", "--out", out],
            cwd=PROJECT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return json.loads((Path(out) / "intent_report.json").read_text())


def _accuracy(report: dict) -> str:
    accuracy = report.get("accuracy", report.get("micro avg", {}).get("f1-score"))
    return f"{accuracy:.4f}" if accuracy is not None else "n/a"


def _refusals() -> None:
    from bot.runtime import prepare
    from service.logs import configure_logging

    settings = load_settings()
    configure_logging()
    prepare(settings.data_dir)
    import asyncio

    from rasa.core.agent import Agent

    from bot.model import model_path, train

    model = model_path(settings.model_dir)
    agent = Agent.load(str(model if model.exists() else train(settings.model_dir)))
    with (PROJECT / "tests/data/questions/unanswerable.csv").open(encoding="utf-8") as file:
        questions = [row["question"] for row in csv.DictReader(file)]

    async def parse() -> Counter:
        return Counter([(await agent.parse_message(question))["intent"]["name"] for question in questions])

    found = asyncio.run(parse())
    forms = sum(count for name, count in found.items() if name in _OPENS_A_FORM)
    print(f"refusal check: of {len(questions)} questions to refuse, {forms} would open a form; by intent:")
    print("  " + "  ".join(f"{name} {count}" for name, count in found.most_common()))
