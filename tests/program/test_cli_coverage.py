"""The commands around open questions: their output and exit codes, within this process."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from knowledge_base.answer_log import AnswerLog, Base
from knowledge_base.coverage.grouping import Grouping
from knowledge_base.coverage.meaning import Meaning
from knowledge_base.decision import Decision
from knowledge_base.sample import sample_entries
from program.cli import app
from service.clock import china_date, now
from service.encryption import open_keyring
from service.migrate import upgrade
from service.settings import load_settings
from service.storage import Database

QUESTION = "阳台上能装业余无线电天线吗"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `liaotianban …` with a data folder of its own."""
    monkeypatch.setenv("LTB_DATA_DIR", str(tmp_path / "var"))
    load_settings.cache_clear()

    def start(*arguments, code=0):
        done = CliRunner().invoke(app, list(map(str, arguments)))
        assert done.exit_code == code, done.output
        return done

    yield start
    load_settings.cache_clear()


@pytest.fixture
async def asked(tmp_path):
    """A data folder in which one question was answered and one was not."""
    folder = tmp_path / "var"
    cipher = open_keyring("", folder).cipher("conversations")
    database = Database(f"sqlite:///{folder / 'liaotianban.db'}")
    await upgrade(database)
    log, base = AnswerLog(cipher), Base(1, 0.9, 0.1)
    log.record("one", "widget", QUESTION, Decision("no_answer", 0.01), base)
    log.record("one", "widget", "身份证过期了怎么办", Decision.exact(sample_entries()[0]), base)
    await database.write(lambda connection: log.write(connection, log.take("one"), now()))
    await Grouping(database, cipher, Meaning(None), list).run()
    await database.close()


def test_a_group_is_listed_drafted_and_its_task_is_shown(asked, run):
    listed = json.loads(run("kb", "gaps", "--json").stdout)["gaps"]
    assert [(gap["name"], gap["last_week"], gap["causes"]) for gap in listed] == [(QUESTION, 1, {"没有答案": 1})]
    assert QUESTION[:6] in run("kb", "gaps").stdout

    group, day = listed[0]["id"], (china_date(now()) + timedelta(days=7)).isoformat()
    chosen = ("--unit", "区城管局", "--due", day, "--as", "li.hua")
    assert "没有 li.hua 这个账号" in run("kb", "gaps", "draft", group, *chosen, code=1).stderr
    run("user", "add", "li.hua", "--role", "curator")
    drafted = json.loads(run("kb", "gaps", "draft", group, *chosen, "--json").stdout)
    assert (drafted["entry"], drafted["question"]) == (f"gap-{group}", QUESTION)
    tasks = json.loads(run("kb", "tasks", "--unit", "区城管局", "--json").stdout)["tasks"]
    assert tasks == [{"kind": "write", "entry": f"gap-{group}", "unit": "区城管局", "due_on": day}]
    refused = run("kb", "gaps", "dismiss", group, "--reason", "不归我们", "--as", "li.hua", code=1)
    assert "不能再标为不处理" in refused.stderr


def test_figures_and_answers_as_they_were_given(asked, run):
    figures = json.loads(run("kb", "usage", "--json").stdout)
    assert (figures["questions"], figures["answered"], figures["no_answer"]) == (2, 1, 1)
    assert "自助解决率：100.0%" in run("kb", "usage").stdout
    assert "晚于最后一天" in run("kb", "usage", "--from", "2026-02-01", "--to", "2026-01-01", code=1).stderr

    given = json.loads(run("kb", "answered", "--conversation", "one", "--json").stdout)["answers"]
    assert [(one["decision"], one["question"]) for one in given] == [
        ("answer", "身份证过期了怎么办"),
        ("no_answer", QUESTION),
    ]
    told = run("kb", "answered").stdout
    assert f"问：{QUESTION}" in told
    assert "与条目的问法相同，或者接着问同一件事；把握 90% 起直接回答" in told
