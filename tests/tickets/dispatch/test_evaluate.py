"""`liaotianban evaluate dispatch`: figures for files as offices have them, and plain words for those it cannot read."""

import csv
import json

import pytest
from typer.testing import CliRunner

from program.cli import app
from tests.tickets.dispatch.towns import history


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("LTB_ENCODER", "false")
    monkeypatch.chdir(tmp_path)

    def evaluate(known, asked, *options):
        (tmp_path / "h.csv").write_bytes(known)
        (tmp_path / "t.csv").write_bytes(asked)
        return CliRunner().invoke(app, ["evaluate", "dispatch", "--history", "h.csv", "--tickets", "t.csv", *options])

    return evaluate


def table(tickets, encoding="utf-8"):
    return "".join(["text,unit\n", *(f"{t.request.text},{t.unit}\n" for t in tickets)]).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_figures_are_one_json_object(run, encoding):
    result = run(table(history(200), encoding), table(history(50, seed=2), encoding), "--json")
    report = json.loads(result.stdout)
    assert list(report) == ["n", "top1", "top3", "automatic_share", "automatic_precision"]
    assert report["n"] == 50
    assert report["top1"] > 0.9


def test_a_unit_nobody_knew_counts_as_wrong(run):
    asked = "text,unit\n公司拖欠工资,新单位\n,教育局\n".encode()
    report = json.loads(run(table(history(80)), asked, "--json").stdout)
    assert report["n"] == 2
    assert report["top1"] <= 0.5


def test_people_are_told_what_is_confused_with_what(run):
    asked = "text,unit\n公司拖欠工资,新单位\n".encode()
    assert "最容易派错的单位" in run(table(history(80)), asked).stdout


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ("诉求,单位\n路灯,甲\n".encode(), "第一行缺少 text、unit 列"),
        (b"", "第一行缺少"),
        (b"text,unit\n", "没有一条写明承办单位"),
        (b'text,unit\n"a,b', "不是完整的 CSV"),
        (b"\x00\x01\x02text,unit", "空字符"),
    ],
)
def test_a_history_that_cannot_be_used_says_why(run, known, complaint):
    result = run(known, table(history(5)))
    assert result.exit_code == 1
    assert complaint in result.stderr


def test_a_story_may_be_long(run):
    story, before = "路灯坏了。" * 40_000, csv.field_size_limit()
    report = run(table(history(80)), f"text,unit\n{story},城管局\n".encode(), "--json")
    assert json.loads(report.stdout)["n"] == 1
    assert csv.field_size_limit() == before
