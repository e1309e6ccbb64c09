"""The commands around entries, synonyms and sheets, each as staff type it, in one process."""

import json

import pytest
from typer.testing import CliRunner

from program.cli import app
from service.settings import load_settings


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("LTB_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("LTB_ENCODER", "false")
    monkeypatch.setenv("COLUMNS", "200")
    load_settings.cache_clear()
    runner = CliRunner()

    def start(*arguments, stdin=None, code=0):
        done = runner.invoke(app, [*map(str, arguments)], input=stdin)
        assert done.exit_code == code, done.output + str(done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    yield start
    load_settings.cache_clear()


@pytest.fixture
def staff(run):
    run("user", "add", "li.hua", "--role", "curator")
    run("user", "add", "wang.fang", "--role", "reviewer")
    return run


BEES = "question: 在阳台养蜜蜂要许可吗\nanswer: 不用。\nissuing_unit: 农业局\nreview_by: 2027-01-31\n"


def test_an_entry_goes_from_draft_to_archive(staff, tmp_path):
    run = staff
    by_li, by_wang = ("--as", "li.hua"), ("--as", "wang.fang")
    draft = json.loads(run("kb", "entry", "edit", "bees", "--from", "-", *by_li, "--json", stdin=BEES).stdout)
    assert (draft["slug"], draft["version"], draft["state"], draft["author"]) == ("bees", 1, "draft", "li.hua")

    assert "没有可以通过的版本（第 1 版草稿）" in run("kb", "entry", "approve", "bees", *by_wang, code=1).output
    run("kb", "entry", "submit", "bees", *by_li)
    assert "权限" in run("kb", "entry", "approve", "bees", *by_li, code=1).output
    assert "原因" in run("kb", "entry", "send-back", "bees", *by_wang, code=1).output
    run("kb", "entry", "send-back", "bees", "--reason", "没写依据", *by_wang)
    run("kb", "entry", "submit", "bees", *by_li)
    run("kb", "entry", "approve", "bees", *by_wang)
    assert "第 1 版：已发布" in run("kb", "entry", "publish", "bees", *by_wang).output

    shown = run("kb", "entry", "show", "bees").stdout
    file = tmp_path / "bees.yml"
    file.write_text(shown.replace("不用。", "要，见[某]条。"), "utf-8")
    run("kb", "entry", "edit", "bees", "--from", file, *by_li)
    compared = json.loads(run("kb", "entry", "compare", "bees", "--json").stdout)
    assert compared == {
        "older": 1,
        "newer": 2,
        "changes": [{"field": "answer", "before": "不用。", "after": "要，见[某]条。"}],
    }
    beside = run("kb", "entry", "compare", "bees", "1", "2").stdout
    assert "第 1 版（已发布）" in beside
    assert "要，见[某]条。" in beside

    due = run("kb", "entry", "list", "--due-review", "2027-01-31", "--json").stdout
    assert [found["slug"] for found in json.loads(due)["entries"]] == ["bees"]
    assert json.loads(run("kb", "entry", "list", "--unit", "别的局", "--json").stdout)["versions"] == []
    drafts = json.loads(run("kb", "entry", "list", "--state", "draft", "--json").stdout)["versions"]
    assert [(found["slug"], found["version"]) for found in drafts] == [("bees", 2)]
    assert "没有“new”这个状态" in run("kb", "entry", "list", "--state", "new", code=1).output

    run("kb", "entry", "archive", "bees", *by_wang)
    run("kb", "entry", "withdraw", "bees", "--reason", "规定改了", *by_wang)
    run("kb", "entry", "restore", "bees", "1", *by_li)
    states = json.loads(run("kb", "entry", "versions", "bees", "--json").stdout)["versions"]
    assert [found["state"] for found in states] == ["draft", "archived", "withdrawn"]
    told = run("kb", "entry", "history", "bees").stdout
    assert "没写依据" in told
    assert "规定改了" in told
    assert "取回旧版" in told


def test_what_cannot_be_done_is_told_plainly(staff, tmp_path):
    run = staff
    edit = ("kb", "entry", "edit", "bees")
    assert "没有 nobody 这个账号" in run(*edit, "--from", "-", "--as", "nobody", stdin=BEES, code=1).output
    assert "编号不能改" in run(*edit, "--from", "-", "--as", "li.hua", stdin=f"slug: ants\n{BEES}", code=1).output
    assert "缺少" in run(*edit, "--from", "-", "--as", "li.hua", stdin="question: 甲\n", code=1).output
    assert "不是有效的 YAML" in run(*edit, "--from", "-", "--as", "li.hua", stdin="a: [", code=1).output
    assert "没有 nothing.yml" in run(*edit, "--from", "nothing.yml", "--as", "li.hua", code=1).output
    for command in ("show", "versions", "history", "compare"):
        assert "没有编号为 nothing 的条目" in run("kb", "entry", command, "nothing", code=1).output
    assert "没有这个条目" in run("kb", "entry", "publish", "nothing", "--as", "wang.fang", code=1).output


def test_synonyms_are_kept_from_the_command_line(staff, tmp_path):
    run = staff
    assert "社会保障卡：" in run("kb", "synonyms", "list", "社保卡").stdout
    revision = json.loads(run("kb", "synonyms", "add", "社会保障卡", "一卡通", "--as", "li.hua", "--json").stdout)[
        "revision"
    ]
    assert "绕成了一圈" in run("kb", "synonyms", "add", "一卡通", "社会保障卡", "--as", "li.hua", code=1).output
    assert "一卡通" in run("kb", "synonyms", "history").stdout
    run("kb", "synonyms", "undo", revision, "--as", "li.hua")
    assert json.loads(run("kb", "synonyms", "list", "一卡通", "--json").stdout) == {"synonyms": {}}

    run("kb", "synonyms", "export", tmp_path / "s.yml")
    run("kb", "synonyms", "remove", "社会保障卡", "--as", "wang.fang")
    run("kb", "synonyms", "import", tmp_path / "s.yml", "--as", "wang.fang")
    assert "社保卡" in run("kb", "synonyms", "list", "社会保障卡").stdout


def test_staff_search_and_sheets_for_citizens(run, tmp_path, monkeypatch):
    rows = [
        {"id": "bees", "question": "在阳台养蜜蜂要许可吗", "answer": "不用。", "matter": "养蜂"},
        {"id": "script", "question": "养蜂投诉怎么答复", "answer": "先登记。", "visibility": "staff", "matter": "口径"},
    ]
    file = tmp_path / "kb.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    run("kb", "import", file)

    assert json.loads(run("kb", "search", "养蜂投诉怎么答复", "--json").stdout)["entry"] != "script"
    assert json.loads(run("kb", "search", "养蜂投诉怎么答复", "--staff", "--json").stdout)["entry"] == "script"
    assert "只给工作人员看" in run("kb", "search", "养蜂投诉怎么答复", "--staff").stdout

    out = tmp_path / "sheets.html"
    assert "还没有设置 LTB_PUBLIC_URL" in run("kb", "sheet", "bees", "--out", out).output
    assert "不能印" in run("kb", "sheet", "bees", "script", "--out", out, code=1).output
    monkeypatch.setenv("LTB_PUBLIC_URL", "https://12345.example.gov.cn")
    load_settings.cache_clear()
    assert "LTB_PUBLIC_URL" not in run("kb", "sheet", "--counter", "--out", out).output
    assert "口径" not in out.read_text("utf-8")
    run("kb", "sheet", "--out", out)
    assert "https://12345.example.gov.cn/s/kb.bees" in out.read_text("utf-8")
    assert "口径" not in out.read_text("utf-8")


def test_links_are_opened_only_when_asked(run, tmp_path):
    row = {"id": "a", "question": "甲要怎么办呢", "answer": "见 http://127.0.0.1:9/", "legal_basis": "《某法》第一条"}
    row |= {"attachments": "表 /files/lost.pdf"}
    file = tmp_path / "kb.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False), "utf-8")

    assert json.loads(run("kb", "check", "--kb", file, "--json").stdout)["findings"] == []
    told = run("kb", "check", "--kb", file, "--links", code=1).stdout
    assert "打不开的链接（2）" in told
    assert "内部地址" in told
    found = json.loads(run("kb", "check", "--kb", file, "--links", "--json", code=1).stdout)["findings"]
    assert {finding["problem"] for finding in found} == {"unreachable"}


def test_what_is_wrong_with_an_edit_is_told_to_an_editor(staff):
    edit = ("kb", "entry", "edit", "bees", "--from", "-", "--as", "li.hua")
    for written, told in (
        ("question: 甲\n", "答案（answer）缺少。草稿没有存"),
        (BEES + "similar_questions: 养蜂\n", "相似问法（similar_questions）应是一组：每个写一行，前面加“- ”"),
        (BEES + "audience: 5\n", "适用人群（audience）应是一组"),
        (BEES + "colour: red\n", "colour不是认识的列名"),
        (f"- {BEES.replace(chr(10), chr(10) + '  ')}\n- question: 乙\n", "应正好写一个条目，这里有 2 个"),
        ("", "应正好写一个条目，这里有 0 个"),
    ):
        output = staff(*edit, stdin=written, code=1).output
        assert told in output
        assert "导入" not in output
    assert "没有编号为 bees 的条目" in staff("kb", "entry", "versions", "bees", code=1).output


def test_an_edit_that_changes_nothing_makes_no_draft(staff):
    edit = ("kb", "entry", "edit", "bees", "--from", "-", "--as")
    staff(*edit, "li.hua", stdin=BEES)
    assert "内容和第 1 版一样，什么都没有改" in staff(*edit, "li.hua", stdin=BEES).output
    staff("kb", "entry", "submit", "bees", "--as", "li.hua")
    staff("kb", "entry", "approve", "bees", "--as", "wang.fang")
    staff("kb", "entry", "publish", "bees", "--as", "wang.fang")
    assert "什么都没有改" in staff(*edit, "li.hua", stdin=BEES).output
    history = json.loads(staff("kb", "entry", "history", "bees", "--json").stdout)["history"]
    assert [item["verb"] for item in history] == ["draft", "submit", "approve", "publish"]

    staff("kb", "entry", "withdraw", "bees", "--reason", "测试", "--as", "wang.fang")
    assert "第 2 版：草稿" in staff(*edit, "li.hua", stdin=BEES).output  # to be told again, it takes a new version


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("kb entry show", "缺少 slug（条目编号）。"),
        ("kb entry edit a --as li.hua", "缺少 --from（条目内容的 YAML 文件"),
        ("kb entry shw", "没有 shw 这个命令。您是不是想写 show？"),
        ("nothing", "没有 nothing 这个命令。"),
        ("kb entry show a --versoin 2", "没有 --versoin 这个选项。您是不是想写 --version？"),
        ("kb entry show a --version x", "--version 写得不对：应是整数。"),
        ("kb entry show a --version 0", "--version 写得不对：至少是 1。"),
        ("kb gaps --limit 5000", "--limit 写得不对：最多是 1000。"),
        ("kb entry show a --version", "--version 后面要写一个值。"),
        ("kb entry list --json=1", "--json 后面不用写值。"),
        ("kb entry show a b", "多写了：b。"),
        ("kb import nothing.csv", "没有 nothing.csv 这个文件或文件夹"),
        ("kb usage --from 2026-13-01", "--from 写得不对：应写成 2026-01-31 这样。"),
        ("kb answered --since soon", "--since 写得不对：应写成 2026-01-31，或者 2026-01-31 08:30 这样"),
        ("user add li.hua --role boss", "--role 写得不对：只能是 administrator、agent、"),
    ],
)
def test_what_is_typed_wrongly_is_told_in_chinese(run, typed, told):
    output = run(*typed.split(), code=2).output
    assert told in output
    assert not any(word in output for word in ("Usage", "Error", "Try", "Invalid", "Missing"))
