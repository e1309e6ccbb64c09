"""How well the sample knowledge is answered: questions written apart from the entries, with and without the encoder."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from service.settings import PROJECT

_QUESTIONS = PROJECT / "tests" / "data" / "questions"


def main() -> None:
    """Print the evaluation with the encoder and in lexical-only mode."""
    for encoder in ("true", "false"):
        result = evaluate(encoder)
        found = result["correct_answered"] + result["offered_in_choices"]
        print(f"encoder {'on' if encoder == 'true' else 'off'}")
        print(f"  correct answered or offered {found / result['in_scope']:.3f}", end="   ")
        print(f"wrong answered {result['wrong_answered'] / result['in_scope']:.3f}", end="   ")
        print(f"answered out of scope {result['answered_out_of_scope'] / max(1, result['out_of_scope']):.3f}")
        print("  " + "  ".join(f"{key} {value}" for key, value in result.items()))


def evaluate(encoder: str) -> dict:
    """Run `liaotianban evaluate answers` on both question files."""
    with tempfile.TemporaryDirectory() as scratch:
        questions = Path(scratch) / "questions.csv"
        rows = (_QUESTIONS / "answerable.csv").read_text("utf-8").splitlines()
        rows += (_QUESTIONS / "unanswerable.csv").read_text("utf-8").splitlines()[1:]
        questions.write_text("\n".join(rows) + "\n", "utf-8")
        command = ["evaluate", "answers", "--kb", "knowledge_base/sample", "--questions", str(questions), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "program.cli", *command],
            cwd=PROJECT,
            check=True,
            stdout=subprocess.PIPE,
            env=os.environ | {"LTB_ENCODER": encoder},
        )
        return json.loads(done.stdout)
