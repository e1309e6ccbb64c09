"""Whatever an entry says, every kind of file gives it back."""

from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base.entry import Attachment, Entry, Facets, LegalBasis
from knowledge_base.formats import ImportRefused, read_entries, write_entries
from knowledge_base.formats.cells import (
    cite,
    join_cell,
    parse_citation,
    split_cell,
)
from knowledge_base.formats.rows import EXAMPLE
from knowledge_base.sample import sample_entries
from service.sheets.formulas import guard_formula, unguard_formula

KINDS = ["kb.csv", "kb.xlsx", "kb.jsonl", "kb.yml", "kb"]

AWKWARD = [
    *("=1+1", "+86", "-5", "@x", "'=1", "''", "'", "a|b", "\\|", "a\\", "|", "\\", "007", "123456789012345678901234"),
    *(
        "😀👨‍👩‍👧",
        '他说"好"',
        "第一行\n\n  第二行\r\n第三行",
        "_x000D_",
        "_x005F_x0041_",
        "\u2028",
        "\x85",
        "《办法》第三条",
    ),
    *(
        "null",
        "~",
        "true",
        "no",
        "2026-01-31",
        "1e5",
        "- x",
        "# x",
        "a: b",
        "*a",
        "!b",
        "%",
        "，；",
        "\ufeff",
        "\uffff",
    ),
    *("关于印发《办法》的通知", "》", "《", "＝1", "a\tb", "{}", "[x]", "<b>&amp;</b>", "𠮷", "e\u0301", "\u200b"),
]
written = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(
        st.characters(
            exclude_categories=("Cs",), exclude_characters=[chr(n) for n in range(32) if n not in (9, 10, 13)]
        ),
        max_size=12,
    ),
    st.lists(
        st.sampled_from(["|", "\\", "'", '"', "=", "\n", "《", "》", "甲", " ", "_x", "0041_", "-", ":", "\r"]),
        max_size=6,
    ).map("".join),
)
needed = written.filter(lambda text: Entry(slug="x", question="x", answer="x", matter=text).matter != "")
several = st.lists(needed, max_size=3).map(tuple)
minutes = st.integers(10_000_000, 60_000_000).map(lambda minute: datetime.fromtimestamp(minute * 60, UTC))
whens = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2090, 1, 1)), minutes)


@st.composite
def an_entry(draw):
    begins, ends = draw(whens), draw(whens)
    values = {
        "slug": draw(needed.filter(lambda text: len(text) <= 100 and text != EXAMPLE["id"])),
        "question": draw(needed),
        "answer": draw(needed),
        "matter": draw(written),
        "category": draw(written),
        "issuing_unit": draw(written),
        "region": draw(written),
        "short_answer": draw(written),
        "audience": draw(several),
        "similar_questions": draw(several),
        "keywords": draw(several),
        "facets": Facets(**{name: draw(written) for name in Facets.model_fields}),
        "legal_basis": tuple(
            LegalBasis(document=draw(needed), article=draw(written)) for _ in range(draw(st.integers(0, 2)))
        ),
        "attachments": tuple(
            Attachment(title=title[:100].strip() or "表", url=f"https://example.com/{n}?a=1|2")
            for n, title in enumerate(draw(several))
        ),
        "visibility": draw(st.sampled_from(["public", "staff"])),
        "review_by": draw(st.one_of(st.none(), st.dates(date(1990, 1, 1)))),
        "effective_from": begins,
    }
    try:
        return Entry(**values, expires_on=ends)
    except ValueError:
        return Entry(**values)


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_loses_a_character(tmp_path_factory, kind):
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(an_entry(), min_size=1, max_size=3, unique_by=lambda entry: entry.slug))
    def round_trip(entries):
        path = tmp_path_factory.mktemp("round") / kind
        write_entries(entries, path)
        read = read_entries(path)
        assert sorted(read, key=lambda e: e.slug) == sorted(entries, key=lambda e: e.slug)

    round_trip()


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_content_comes_back_in_every_kind(tmp_path, kind):
    write_entries(sample_entries(), tmp_path / kind)

    assert read_entries(tmp_path / kind) == sample_entries()
    assert not list(tmp_path.glob("*.part"))


@settings(max_examples=150, deadline=None)
@given(st.lists(needed, min_size=1), written, needed)
def test_the_escapes_are_undone(values, article, document):
    assert split_cell(join_cell(values)) == values
    assert unguard_formula(guard_formula(article)) == article
    assert parse_citation(cite(document.strip(), article.strip()).strip()) == (document.strip(), article.strip())


def test_what_people_type_by_hand_means_what_it_says():
    assert split_cell("a| b ||c\\d") == ["a", " b ", "c\\d"]
    assert unguard_formula("'90年代") == "'90年代"
    assert parse_citation("道路交通安全法") == ("道路交通安全法", "")
    assert parse_citation("《关于印发《办法》的通知》第三条（见《规则》）") == (
        "关于印发《办法》的通知",
        "第三条（见《规则》）",
    )


def test_a_spreadsheet_runs_nothing_of_what_is_exported(tmp_path):
    entry = Entry(slug="007", question="=1+1", answer='=HYPERLINK("x")', keywords=("+86", "123456789012345678"))
    write_entries([entry], tmp_path / "kb.csv")
    write_entries([entry], tmp_path / "kb.xlsx")

    assert "'=HYPERLINK" in (tmp_path / "kb.csv").read_text("utf-8")
    cells = [
        cell for cell in list(openpyxl.load_workbook(tmp_path / "kb.xlsx").active.rows)[1] if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert cells[0].value == "007"


def test_what_does_not_fit_a_cell_is_not_cut(tmp_path):
    long = Entry(slug="long", question="甲", answer="1", similar_questions=tuple(f"{n:05}" * 1000 for n in range(8)))

    with pytest.raises(ImportRefused, match="条目 long 的相似问法超过表格一格"):
        write_entries([long], tmp_path / "kb.xlsx")
    assert list(tmp_path.iterdir()) == []
    write_entries([long], tmp_path / "kb.csv")
    assert read_entries(tmp_path / "kb.csv") == [long]


def test_minutes_and_days_stay_what_they_are(tmp_path):
    entry = Entry(slug="a", question="甲", answer="1", effective_from="2026-01-31", expires_on="2026-02-01 08:30")
    for kind in KINDS:
        write_entries([entry], tmp_path / kind)
        read = read_entries(tmp_path / kind)[0]
        assert (type(read.effective_from), read.expires_on - entry.expires_on) == (date, timedelta())


def test_a_folder_holds_any_slug_and_is_never_overwritten(tmp_path):
    entries = [Entry(slug=slug, question="甲", answer="1") for slug in ("../x", "A", "a", "一" * 100, "con/aux", ".")]
    write_entries(entries, tmp_path / "kb")

    assert {path.parent for path in tmp_path.rglob("*.yml")} == {tmp_path / "kb"}
    assert {entry.slug for entry in read_entries(tmp_path / "kb")} == {entry.slug for entry in entries}
    with pytest.raises(ImportRefused, match="不是空文件夹"):
        write_entries(entries, tmp_path / "kb")
