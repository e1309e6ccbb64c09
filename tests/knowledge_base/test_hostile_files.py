"""Broken, odd and malicious files: a clear word about the place, nothing imported, no memory eaten."""

import json
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from knowledge_base.entry import TEXT_LIMIT
from knowledge_base.formats import ImportRefused, read_entries, read_file, write_template

HEAD = "id,question,answer\n"
LONG_HEAD = "编号,问题,答案\n" + "".join(f"{n},怎么办理社会保险卡,带身份证到窗口\n" for n in range(3))


def refusal(path, content=None):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ImportRefused) as refused:
        read_entries(path)
    assert "本次未导入任何条目" in str(refused.value)
    return str(refused.value)


def workbook(path, *rows, prepare=lambda book: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    prepare(book)
    book.save(path)
    return path


def rewritten(path, part, change):
    """The archive with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("suffix", "content", "complaint"),
    [
        ("csv", HEAD + "a,甲\n", "第 2 行：答案（answer）缺少"),
        ("csv", HEAD + '"a,甲,1\nb,乙,2\n', "引号没有配对"),
        ("csv", HEAD + 'a,"甲"乙,1\n', "引号后面多了字"),
        ("csv", HEAD + f"a,甲,{'长' * (TEXT_LIMIT + 1)}\n", "第 2 行：答案（answer）有 20001 字，最多 20000 字"),
        ("csv", HEAD + "a,甲,1\n\nb,乙,2\na,丙,3\n", "第 5 行：编号 a 重复，第 2 行已经用过"),
        ("csv", "id,id,question,answer\n", "出现了两次"),
        ("csv", "编号,id,问题,答案\n", "编号（id）这一列出现了两次"),
        ("csv", HEAD + "a,甲\x0b,1\n", "看不见的控制字符（\\x0b）"),
        ("csv", LONG_HEAD.encode() + b"9,\xe6\x80,x\n", "第 5 行的文字损坏"),
        ("csv", HEAD.encode() + "a,甲,答".encode()[:-1], "文字损坏或不完整"),
        ("csv", (HEAD + "a,甲,1").encode("utf-16")[:-1], "损坏或不完整"),
        ("csv", b"\xff\xfe\x00\xd8\x00\x00", "损坏或不完整"),
        ("csv", HEAD.encode() + b"\x80\xff\xff", "看不懂文件的编码"),
        ("jsonl", '{"id": "a", "question": 5, "answer": "1"}', "第 1 行：问题（question）应是文字"),
        ("jsonl", '{"id": true, "question": "5", "answer": "1"}', "编号（id）应是文字"),
        (
            "jsonl",
            '{"id": "a", "question": "5", "answer": "1", "keywords": ["x", 5]}',
            "关键词（keywords）第 2 个应是文字",
        ),
        ("jsonl", '{"id": "a", "编号": "b", "question": "5", "answer": "1"}', "编号（id）写了两次"),
        ("jsonl", '{"id": "a", "question": "5", "answer": "1", "facets": "x"}', "facets 应是一组分项"),
        ("jsonl", '{"id": "a", "question": "\\u0000", "answer": "1"}', "控制字符（\\x00）"),
        ("jsonl", '{"id": "a", "question": "\\ud800", "answer": "1"}', "残缺的字符"),
        ("jsonl", '{"id": "a", "question": "甲", "answer": ' + "[" * 100_000, "套得太深"),
        ("jsonl", '{"id": "a", "quest', "不是有效的 JSON"),
        ("jsonl", '{"id": ' + "9" * 5000 + "}", "不是有效的 JSON"),
        ("yml", "a: &a [x]\nb: *a\n", "不能用 * 引用"),
        ("yml", "- " * 50 + "x\n", "套得太深"),
        ("yml", "- !!python/object/apply:os.system [x]\n", "不能用 ! 写类型"),
        ("yml", "- id: a\n  question: '甲\n", "不是有效的 YAML"),
        ("yml", "- id: a\n  id: b\n", "第 2 行：id 写了两次"),
        ("yml", "- x\n", "第 1 行的条目：应是一个条目"),
        ("yml", "- id: a\n  question: {x: y}\n  answer: b\n", "第 1 行的条目：问题（question）应是文字"),
        ("yml", "", "没有条目"),
        ("yml", "[]", "没有条目"),
        ("jsonl", "", "没有条目"),
        ("csv", "\n\n", "缺少列"),
    ],
)
def test_the_place_and_the_remedy_are_named(tmp_path, suffix, content, complaint):
    assert complaint in refusal(tmp_path / f"kb.{suffix}", content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_what_spreadsheets_save_as_text_is_read(tmp_path, encoding, separator):
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    rows = [["编号", "问题", "答案", "费用"], ["007", "社保卡丢了怎么补办", "带身份证", "不收费"]]
    text = mark + "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "kb.txt").write_bytes(text.encode(encoding))

    entry = read_entries(tmp_path / "kb.txt")[0]
    assert (entry.slug, entry.question, entry.facets.fee) == ("007", "社保卡丢了怎么补办", "不收费")


def test_yaml_takes_what_is_written_for_text(tmp_path):
    (tmp_path / "kb.yml").write_text(
        "- {id: 007, question: 2026-01-31, answer: 12, keywords: [no, on, 1e3], category: ~,\n"
        "   effective_from: 2026-01-31}\n"
    )
    entry = read_entries(tmp_path / "kb.yml")[0]

    assert (entry.slug, entry.question, entry.answer, entry.category) == ("007", "2026-01-31", "12", "")
    assert entry.keywords == ("no", "on", "1e3")
    assert str(entry.effective_from) == "2026-01-31"


def test_a_small_yaml_that_stands_for_billions_is_refused_at_once(tmp_path):
    levels = "\n".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))

    assert "不能用 * 引用" in refusal(tmp_path / "kb.yml", f"a: &a [x, x]\n{levels}\n")


def test_all_refused_rows_are_told(tmp_path):
    (tmp_path / "kb.csv").write_text(HEAD + "a,甲,1\n" + "b,,\n" * 30 + "a,乙,2\n", "utf-8")
    reading = read_file(tmp_path / "kb.csv")

    assert [entry.slug for entry in reading.entries] == ["a"]
    assert [row.place for row in reading.refused] == [f"第 {n} 行" for n in range(3, 34)]
    assert "还有 11 处" in refusal(tmp_path / "kb.csv")


def test_values_of_a_spreadsheet_are_read_as_they_are_shown(tmp_path):
    def prepare(book):
        sheet = book.active
        sheet["E2"].number_format = "yyyy-mm-dd hh:mm"
        sheet["A3"] = CellRichText(TextBlock(InlineFont(b=True), "b"), "-2")
        hidden = book.create_sheet("旧的", 0)
        hidden.sheet_state = "hidden"
        hidden.append(["不是", "列名"])

    moment = datetime.fromisoformat("2026-01-31 08:30")
    path = workbook(
        tmp_path / "kb.xlsx",
        ["编号", "问题", "答案", "复核日期", "生效日期", "费用"],
        [7.0, "甲", True, datetime.fromisoformat("2026-05-01"), moment, 0.1],
        ["", "乙", "二", None, None, None],
        [None, " ", None],
        prepare=prepare,
    )
    first, second = read_entries(path)

    assert (first.slug, first.answer, str(first.review_by), first.facets.fee) == ("7", "TRUE", "2026-05-01", "0.1")
    assert f"{first.effective_from:%Y-%m-%d %H:%M}" == "2026-01-31 08:30"
    assert second.slug == "b-2"


def test_a_formula_needs_its_result(tmp_path):
    path = workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", "=1+1"])
    assert "第 2 行：C2 格是公式，没有存下结果" in refusal(path)

    rewritten(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"),
    )
    assert read_entries(path)[0].answer == "2"


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        (1234567890123456789, "C2 格的数字超过 15 位"),
        ("#REF!", "C2 格是错误值 #REF!"),
    ],
)
def test_a_cell_whose_content_is_lost_is_named(tmp_path, cell, complaint):
    def prepare(book):
        if isinstance(cell, str):
            book.active["C2"].data_type = "e"

    assert complaint in refusal(
        workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", cell], prepare=prepare)
    )


def test_merged_cells_are_named(tmp_path):
    path = workbook(
        tmp_path / "kb.xlsx",
        ["id", "question", "answer"],
        ["a", "甲", "1"],
        ["b", "乙", None],
        prepare=lambda book: book.active.merge_cells("C2:C3"),
    )
    assert "C2:C3 是合并的单元格" in refusal(path)


def test_a_sheet_of_headings_or_nothing_has_no_entries(tmp_path):
    assert "没有条目" in refusal(workbook(tmp_path / "a.xlsx", ["id", "question", "answer"]))
    assert "缺少列" in refusal(workbook(tmp_path / "b.xlsx"))


def test_broken_locked_and_cut_workbooks_are_told(tmp_path):
    whole = workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", "1"]).read_bytes()

    for cut in (0, 10, len(whole) // 2, len(whole) - 30):
        assert "打不开这个 XLSX 文件" in refusal(tmp_path / "cut.xlsx", whole[:cut])
    assert "加了密码" in refusal(tmp_path / "locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    path = tmp_path / "kb.xlsx"
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    assert "打不开这个 XLSX 文件" in refusal(path)
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "打不开这个 XLSX 文件" in refusal(tmp_path / "other.xlsx")


def test_a_bomb_is_not_unpacked(tmp_path):
    path = workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", "1"])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/big.xml", "w", force_zip64=True) as file,
    ):
        for _ in range(520):
            file.write(bytes(1 << 20))
    assert "解开后超过 512 MB" in refusal(path)

    with zipfile.ZipFile(tmp_path / "many.xlsx", "w") as archive:
        for number in range(3001):
            archive.writestr(f"{number}.xml", "")
    assert "里有 3001 个部分" in refusal(tmp_path / "many.xlsx")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp037"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_xml_that_declares_entities_is_refused_however_encoded(tmp_path, part, encoding):
    def bomb(xml):
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        text = BOMB + xml.decode().partition("?>")[2]
        return (
            (head + text).encode("utf-16") if encoding == "utf-16" else head.encode() + text.encode(encoding, "replace")
        )

    path = rewritten(workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", "1"]), part, bomb)
    assert "写法不正常" in refusal(path)


def test_a_cell_far_out_takes_no_memory(tmp_path):
    path = workbook(tmp_path / "kb.xlsx", ["id", "question", "answer"], ["a", "甲", "1"])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="C2"', b'r="ZZZ2"'))

    assert "打不开这个 XLSX 文件" in refusal(path)


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.jsonl", "t.yml"])
def test_a_template_imports_nothing_until_it_is_filled_in(tmp_path, name):
    path = tmp_path / name
    write_template(path)
    assert "没有条目" in refusal(path)

    if name == "t.xlsx":
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["知识库", "填写说明"]
        assert "编号" in [cell.value for cell in book.worksheets[0][1]]
        assert book.worksheets[0]["A1"].comment.text.startswith("id：必填")
        book.worksheets[0].append(["bus-card", None, "公交卡在哪里办", "任一服务点。", "怎么办|去哪办"])
        book.save(path)
        entry = read_entries(path)[0]
        assert (entry.slug, entry.similar_questions) == ("bus-card", ("怎么办", "去哪办"))
        book.worksheets[0]["C2"] = "自己的问题"
        book.save(path)
        assert "第 2 行：编号还是示例的" in refusal(path)


def test_a_template_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="模板可以写成"):
        write_template(tmp_path / "t.doc")


def test_deep_nesting_that_json_can_read_is_refused_by_its_type(tmp_path):
    deep = json.dumps({"id": "a", "question": "甲", "answer": json.loads("[" * 300 + "]" * 300)})
    assert "答案（answer）应是文字" in refusal(tmp_path / "kb.jsonl", deep)
