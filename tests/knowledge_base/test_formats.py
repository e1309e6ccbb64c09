import openpyxl
import pytest

from knowledge_base.formats import ImportRefused, read_entries, write_entries


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


GOOD = "id,question,answer,similar_questions\na,甲？,答甲,甲一|甲二\nb,乙？,答乙,\n"


@pytest.mark.parametrize("content", [GOOD, "\ufeff" + GOOD, GOOD.encode("gb18030"), GOOD.replace("\n", "\r\n")])
def test_a_csv_is_read_in_the_encodings_that_occur(tmp_path, content):
    entries = read_entries(written(tmp_path, "kb.csv", content))

    assert [(entry.slug, entry.similar_questions) for entry in entries] == [("a", ("甲一", "甲二")), ("b", ())]


def test_jsonl_and_xlsx_are_read(tmp_path):
    jsonl = written(
        tmp_path, "kb.jsonl", '{"id": "a", "question": "甲", "answer": "1", "similar_questions": ["x"]}\n\n'
    )
    assert read_entries(jsonl)[0].similar_questions == ("x",)

    book = openpyxl.Workbook()
    book.active.append(["id", "question", "answer", "expires_on"])
    book.active.append([7, "甲", "1", "2027-01-31"])
    book.save(tmp_path / "kb.xlsx")
    entry = read_entries(tmp_path / "kb.xlsx")[0]
    assert (entry.slug, str(entry.expires_on)) == ("7", "2027-01-31")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("kb.csv", "id,question\na,甲\n", "缺少列：答案（answer）"),
        ("kb.csv", "id,question,answer\na,甲,1\na,乙,2\n", "第 3 行：编号 a 重复"),
        ("kb.csv", "id,question,answer\na,,1\n", "第 2 行：问题（question）是空的"),
        ("kb.csv", "id,question,answer\na,甲,1,多,了\n", "第 2 行：比表头多出几格"),
        (
            "kb.csv",
            "id,question,answer,effective_from,expires_on\na,甲,1,2026-05-01,2026-03-01\n",
            "第 2 行：失效日期早于生效日期（2026-03-01 < 2026-05-01）",
        ),
        ("kb.csv", "id,question,answer,review_by\na,甲,1,明年\n", "复核日期（review_by）应写成 2026-01-31 这样"),
        ("kb.csv", "id,question,answer,colour\na,甲,1,红\n", "不是认识的列名"),
        ("kb.csv", b"\x00\x01\x02", "不是文本文件"),
        ("kb.csv", "", "缺少列"),
        ("kb.csv", "id,question,answer\n", "没有条目"),
        ("kb.jsonl", "{\n", "第 1 行：不是有效的 JSON"),
        ("kb.jsonl", "[1]\n", "应是一个 JSON 对象"),
        ("kb.xlsx", b"not a workbook", "打不开这个 XLSX"),
        ("kb.doc", "x", "不认识 .doc 文件"),
    ],
)
def test_a_wrong_file_is_refused_whole_with_the_place_named(tmp_path, name, content, complaint):
    with pytest.raises(ImportRefused) as refused:
        read_entries(written(tmp_path, name, content))

    assert complaint in str(refused.value)


def test_a_formula_does_not_survive_the_export(tmp_path):
    from knowledge_base.entry import Entry

    write_entries([Entry(slug="a", question="甲", answer='=HYPERLINK("x")')], tmp_path / "kb.csv")

    assert "'=HYPERLINK" in (tmp_path / "kb.csv").read_text()


def test_attachments_are_written_as_title_and_address(tmp_path):
    from knowledge_base.entry import Entry

    cell = "申请表 第二版 /files/form.docx|网上填 https://a.example/x?y=1"
    entry = read_entries(written(tmp_path, "kb.csv", f"id,question,answer,attachments\na,甲,1,{cell}\n"))[0]
    assert [(item.title, item.url) for item in entry.attachments] == [
        ("申请表 第二版", "/files/form.docx"),
        ("网上填", "https://a.example/x?y=1"),
    ]
    for name in ("out.csv", "out.jsonl"):
        write_entries([entry], tmp_path / name)
        assert read_entries(tmp_path / name) == [entry]
    assert cell in (tmp_path / "out.csv").read_text()

    assert Entry.model_validate(entry.model_dump(mode="json")) == entry


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://a.example/", "//a.example", "/other/a", "/files/", "/files/../x", "http://", "a b",
     "https://user@a.example", "https://a.example/\\x", "data:text/html,x", "/files/a\nb"],
)  # fmt: skip
def test_an_attachment_leads_to_a_site_or_to_our_own_files(tmp_path, url):
    from pydantic import ValidationError

    from knowledge_base.entry import Attachment

    with pytest.raises(ValidationError):
        Attachment(title="表", url=url)
