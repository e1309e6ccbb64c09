"""Imports point one way, as docs/architecture.md draws them."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

BELOW = {
    "service": set(),
    "knowledge_base": {"service"},
    "tickets": {"service"},
    "handover": {"service"},
    "actions": {"handover", "knowledge_base", "tickets", "service"},
    "bot": {"actions", "handover", "knowledge_base", "tickets", "service"},
    "channels": {"bot", "actions", "handover", "knowledge_base", "tickets", "service"},
    "console": {"channels", "bot", "actions", "handover", "knowledge_base", "tickets", "service"},
    "simulators": {"service"},
}
GATHERS = "service/migrations/tables.py"
"""Compares all tables with the code, and so knows everybody."""

SHOWN = {"program.changeable", "program.doctor", "program.unit_list"}
"""What of the program the console shows."""


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("package", BELOW)
def test_a_package_knows_only_those_below_it(package):
    above = set(BELOW) - BELOW[package] - {package} | {"program"}
    allowed = SHOWN if package == "console" else set()
    wrong = [
        (name, module)
        for path in sorted((PROJECT / package).rglob("*.py"))
        if (name := path.relative_to(PROJECT).as_posix()) != GATHERS
        for module in imported(path)
        if module.split(".")[0] in above and module not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["service", "knowledge_base", "tickets", "handover", "channels", "console"])
def test_rasa_is_named_in_bot_and_actions_only(package):
    named = [
        path.relative_to(PROJECT).as_posix()
        for path in sorted((PROJECT / package).rglob("*.py"))
        if any(module.split(".")[0] in ("rasa", "rasa_sdk") for module in imported(path))
    ]
    assert named == []
