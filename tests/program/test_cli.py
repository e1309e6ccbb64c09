"""The command line as an operator uses it: output and exit codes.

What starts Rasa or a server runs in a process of its own; the rest here.
"""

import csv
import json
from typing import NamedTuple

import pytest
from forked import Command
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.model import model_path
from program.cli import app
from service.settings import load_settings

ENTRY = {
    "id": "bus-card",
    "matter": "公交卡办理",
    "question": "公交卡在哪里办",
    "answer": "带身份证到任一公交服务点，当场就能办好。",
    "similar_questions": "坐公交的卡去哪办|公交卡怎么申请",
}


class Done(NamedTuple):
    """What a command said."""

    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path, tmp_path_factory, model_dir, monkeypatch):
    """Run `liaotianban …` with a data folder of its own."""

    def start(*arguments, stdin="", code=0, **environment):
        if arguments[0] in ("kb", "user", "db"):
            return start_here(arguments, stdin, code, environment)
        folder = tmp_path_factory.mktemp("command")
        settings = {"LTB_DATA_DIR": str(tmp_path / "var"), "LTB_MODEL_DIR": str(model_dir), "LTB_ENCODER": "false"}
        ended = Command(folder, tuple(map(str, arguments)), settings | environment, stdin).wait(300)
        done = Done(*((folder / name).read_text("utf-8") for name in Done._fields))
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        assert ended == code, done.stderr + done.stdout
        return done

    def start_here(arguments, stdin, code, environment):
        monkeypatch.setenv("COLUMNS", "200")
        for name, value in (
            {"LTB_DATA_DIR": str(tmp_path / "var"), "LTB_MODEL_DIR": str(model_dir), "LTB_ENCODER": "false"}
            | environment
        ).items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()
        done = CliRunner().invoke(app, [*map(str, arguments)], input=stdin)
        load_settings.cache_clear()
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, done.output
        return done

    return start


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ENTRY))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_imported_entries_are_found_and_exported_again(run, tmp_path):
    file = write_csv(tmp_path / "entries.csv", [ENTRY])
    assert json.loads(run("kb", "import", file, "--json").stdout)["imported"] == 1

    found = json.loads(run("kb", "search", "坐公交的卡去哪办", "--json").stdout)
    assert (found["decision"], found["entry"]) == ("answer", "bus-card")
    assert "公交卡办理" in run("kb", "search", "坐公交的卡去哪办").stdout

    run("kb", "export", tmp_path / "out.jsonl")
    exported = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["answer"] for entry in exported if entry["id"] == "bus-card"] == [ENTRY["answer"]]


def test_an_import_is_previewed_and_undone(run, tmp_path):
    file = write_csv(tmp_path / "entries.csv", [ENTRY])
    preview = json.loads(run("kb", "import", file, "--preview", "--json").stdout)
    assert (preview["new"], preview["imported"]) == (1, 0)

    batch = json.loads(run("kb", "import", file, "--json").stdout)["revision"]
    assert "相同 1 条" in run("kb", "import", file).stderr
    write_csv(file, [ENTRY | {"answer": "不办了。"}])
    assert "改动 bus-card：answer" in run("kb", "import", file, "--preview").stderr

    assert "可以撤销 1 条" in run("kb", "undo", batch, "--preview").stderr
    assert run("kb", "undo", batch, "--json").stdout.strip() == '{"undone": 1, "left": []}'
    assert "后来又改过" in run("kb", "undo", batch, code=1).stderr


def test_a_spreadsheet_is_imported_too(run, tmp_path):
    book = Workbook()
    book.active.append(list(ENTRY))
    book.active.append(list(ENTRY.values()))
    book.save(tmp_path / "entries.xlsx")

    assert json.loads(run("kb", "import", tmp_path / "entries.xlsx", "--json").stdout)["imported"] == 1


def test_one_bad_row_refuses_the_file_and_names_the_row(run, tmp_path):
    file = write_csv(tmp_path / "entries.csv", [ENTRY, ENTRY | {"id": "b", "answer": ""}])

    assert "第 3 行" in run("kb", "import", file, code=1).stderr
    assert json.loads(run("kb", "search", "公交卡在哪里办", "--json").stdout)["entry"] != "bus-card"


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    assert "nothing.csv" in run("kb", "import", tmp_path / "nothing.csv", code=2).stderr


def test_evaluation_gives_one_json_object(run, tmp_path):
    entries = write_csv(tmp_path / "entries.csv", [ENTRY])
    questions = tmp_path / "questions.csv"
    questions.write_text("question,expected_id\n公交卡怎么申请,bus-card\n月亮离地球多远,\n", encoding="utf-8")

    report = json.loads(run("evaluate", "answers", "--kb", entries, "--questions", questions, "--json").stdout)
    assert (report["in_scope"], report["out_of_scope"], report["recall_at_1"]) == (1, 1, 1.0)


def test_an_account_is_made_once(run):
    password = run("user", "add", "li.hua", "--role", "agent", "--role", "curator").stdout.strip()
    assert len(password) == 19

    assert "已经有人用了" in run("user", "add", "li.hua", "--role", "agent", code=1).stderr
    assert "用户名只能用" in run("user", "add", "李华", "--role", "agent", code=1).stderr
    assert "administrator" in run("user", "add", "x1", "--role", "king", code=2).stderr


def test_the_doctor_finds_what_is_missing(run):
    before = json.loads(run("doctor", "--json", code=1).stdout)["findings"]
    assert [finding["subject"] for finding in before if not finding["fine"]] == ["数据库"]

    run("db", "upgrade")
    assert all(finding["fine"] for finding in json.loads(run("doctor", "--json").stdout)["findings"])
    assert "Redis：连接不上" in run("doctor", code=1, LTB_REDIS_URL="redis://127.0.0.1:1/0").stdout


def test_a_wrong_setting_is_named(run):
    assert "LTB_PORT" in run("serve", code=2, LTB_PORT="99999").stderr
    assert "LTB_ANSWER_AT" in run("doctor", code=2, LTB_ANSWER_AT="often").stderr


def test_several_processes_need_redis(run):
    assert "LTB_REDIS_URL" in run("serve", "--workers", "2", code=1).stderr


def test_a_conversation_in_the_terminal(run):
    said = run("chat", stdin="身份证过期了在外地能换吗\n那要带什么材料\n").stdout

    assert "居民身份证" in said
    assert "户口簿" in said


def test_rasas_own_commands(run, tmp_path, model_dir):
    assert "没有发现问题" in run("rasa", "data", "validate").stderr

    examples = tmp_path / "nlu.yml"
    examples.write_text(
        'version: "3.1"\nnlu:\n'
        "- intent: greet\n  examples: |\n    - 你好\n"
        "- intent: thank\n  examples: |\n    - 谢谢你\n",
        encoding="utf-8",
    )
    out = tmp_path / "results"
    run("rasa", "test", "nlu", "--nlu", examples, "--out", out, "--no-plot", "-m", model_path(model_dir))
    assert json.loads((out / "intent_report.json").read_text())["greet"]["recall"] == 1.0


def test_rasas_shell_runs_our_actions(run, model_dir):
    process = run("rasa", "shell", "-m", model_path(model_dir), stdin="身份证过期了在外地能换吗\n/stop\n")

    assert "派出所" in process.stdout


def test_the_knowledge_base_is_checked(run, tmp_path):
    assert json.loads(run("kb", "check", "--kb", "knowledge_base/sample", "--json").stdout)["findings"] == []

    file = write_csv(tmp_path / "entries.csv", [ENTRY, ENTRY | {"id": "bus-card-2"}])
    told = run("kb", "check", "--kb", file, code=1)
    assert "没有依据（2）" in told.stdout
    assert "bus-card-2" in told.stdout
    problems = {f["problem"] for f in json.loads(run("kb", "check", "--kb", file, "--json", code=1).stdout)["findings"]}
    assert problems == {"unsourced", "same_wording", "near_duplicate", "stealing"}


def test_how_sure_can_be_believed(run, tmp_path):
    rows = [
        ENTRY
        | {
            "id": str(n),
            "question": text,
            "similar_questions": f"{text}怎么办|{text}找谁|我想问{text}的事|{text}|{text}呢",
        }
        for n, text in enumerate(("公交卡", "身份证", "路灯坏了", "暖气不热"))
    ]
    file = write_csv(tmp_path / "entries.csv", rows)
    assert "条目拿掉以后仍被直接回答的" in run("kb", "calibrate", "--kb", file).stdout
    assert json.loads(run("kb", "calibrate", "--kb", file, "--json").stdout)["uncorrected"]

    file = write_csv(tmp_path / "bare.csv", [ENTRY | {"similar_questions": ""}])
    assert "没有相似问法" in run("kb", "calibrate", "--kb", file, code=1).stderr


def test_a_preview_lists_the_rows_that_cannot_be_imported(run, tmp_path):
    file = write_csv(tmp_path / "entries.csv", [ENTRY, ENTRY | {"id": "b", "answer": ""}])

    shown = run("kb", "import", file, "--preview", code=1).stderr
    assert "新增 1 条，改动 0 条，相同 0 条，不能导入 1 条" in shown
    assert "不能导入 第 3 行：答案（answer）是空的" in shown
    told = json.loads(run("kb", "import", file, "--preview", "--json", code=1).stdout)
    assert told["refused"] == [{"place": "第 3 行", "reason": "答案（answer）是空的"}]


def test_a_template_is_written_once_and_imports_nothing_by_itself(run, tmp_path):
    run("kb", "template", tmp_path / "t.xlsx")
    assert "没有条目" in run("kb", "import", tmp_path / "t.xlsx", code=1).stderr
    assert "没有覆盖" in run("kb", "template", tmp_path / "t.xlsx", code=1).stderr


def test_a_document_is_taken_in_as_drafts(run, tmp_path):
    file = tmp_path / "办法.txt"
    file.write_text("示例区养犬办法\n第一条 养犬要登记。\n第二条 登记不收费。\n", encoding="utf-8")

    assert "《示例区养犬办法》第二条说的是什么？" in run("kb", "intake", file, "--preview").stdout
    assert "--as" in run("kb", "intake", file, code=1).stderr
    assert "没有 li.hua 这个账号" in run("kb", "intake", file, "--as", "li.hua", code=1).stderr
    run("user", "add", "li.hua", "--role", "curator")
    assert "存了 2 份草稿；以前取过的 0 份" in run("kb", "intake", file, "--as", "li.hua").stderr
    again = json.loads(run("kb", "intake", file, "--as", "li.hua", "--json").stdout)
    assert (again["saved"], again["known"], len(again["candidates"])) == (0, 2, 2)


@pytest.mark.parametrize("command", [("kb", "search", "公交卡"), ("worker",)], ids=lambda command: command[0])
def test_a_file_that_cannot_be_used_is_told_and_not_traced_back(run, tmp_path, command):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "categories.yml").write_text("城市管理: 路灯\n", "utf-8")

    done = run(*command, code=1, LTB_REDIS_URL="redis://127.0.0.1:1")

    assert "城市管理" in done.stderr
