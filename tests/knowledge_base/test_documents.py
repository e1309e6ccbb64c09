"""Policy documents as drafts: the document's own words, cut at its headings, each beside where it comes from."""

import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from policy_pdf import write_pdf
from published import publish as publish_untried

from knowledge_base.documents import DocumentRefused, candidates, read_document
from knowledge_base.documents.headings import Kind, numbering
from knowledge_base.documents.intake import take_in
from knowledge_base.documents.sections import Section
from knowledge_base.documents.wording import question_of
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.store import EntryStore
from knowledge_base.versions import NotAllowed, VersionState
from service.identity.roles import Actor, Role

LI = Actor("li.hua", frozenset({Role.CURATOR}))
WANG = Actor("wang.fang", frozenset({Role.REVIEWER}))

REGULATION = """示例区公园管理办法
目录
第一章 总则……1
第二章 游园……2
第一章 总则
第一条 为了管好公园，制定本办法。
第二条 本办法适用于本区的公园。
依照第一条规定的目的，由园林部门负责。
第二章 游园
第三条（开放时间） 公园每天开放：
（一）夏季六时至二十二时；
（二）冬季七时至二十一时。
第四条 携带犬只的，应当：
1. 系好绳子；
2. 清理粪便。
"""

GUIDE = """居住证办理指南
本指南供市民参考。
一、申请条件
在本区居住半年以上。
二、申请材料
（一）个人申请
1. 身份证；
2. 租房合同。
（二）单位集中申请
由单位盖章。
三、怎么查进度？
拨打 12345。
"""


def proposed(path):
    return {candidate.source.place: candidate for candidate in candidates(read_document(path))}


def text_file(tmp_path, text, name="办法.txt", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_regulation_is_cut_into_its_articles(tmp_path):
    found = proposed(text_file(tmp_path, REGULATION))

    assert [place.partition("（第 ")[0] for place in found] == [
        "第一章 总则 › 第一条",
        "第一章 总则 › 第二条",
        "第二章 游园 › 第三条 开放时间",
        "第二章 游园 › 第四条",
    ]
    first, second, third, fourth = (candidate.entry for candidate in found.values())
    assert (first.answer, first.matter) == ("为了管好公园，制定本办法。", "示例区公园管理办法 第一条")
    assert first.question == "《示例区公园管理办法》第一条说的是什么？"
    assert [basis.cited for basis in first.legal_basis] == ["《示例区公园管理办法》第一条"]
    assert second.answer == "本办法适用于本区的公园。\n依照第一条规定的目的，由园林部门负责。"
    assert third.question == "示例区公园的开放时间有什么规定？"
    assert third.answer.endswith("（一）夏季六时至二十二时；\n（二）冬季七时至二十一时。")
    assert fourth.answer == "携带犬只的，应当：\n1. 系好绳子；\n2. 清理粪便。"


def test_a_guide_is_cut_at_its_numbered_headings_and_lists_stay_whole(tmp_path):
    found = [candidate.entry for candidate in proposed(text_file(tmp_path, GUIDE)).values()]

    assert [(entry.matter, entry.answer) for entry in found] == [
        ("居住证办理指南", "本指南供市民参考。"),
        ("申请条件", "在本区居住半年以上。"),
        ("个人申请", "1. 身份证；\n2. 租房合同。"),
        ("单位集中申请", "由单位盖章。"),
        ("怎么查进度？", "拨打 12345。"),
    ]
    assert found[-1].question == "怎么查进度？"
    assert len({entry.slug for entry in found}) == 5
    assert found[1].slug.startswith("sqtj-")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("第十二条 甲", Kind.ARTICLE),
        ("第十二条之一 甲", Kind.ARTICLE),
        ("第12条　甲", Kind.ARTICLE),
        ("第三条规定的材料", None),
        ("第三条、第四条", None),
        ("（三）甲", Kind.SUBPOINT),
        ("(3) 甲", Kind.SUBITEM),
        ("3．甲", Kind.ITEM),
        ("3.5 平方米", None),
        ("一、甲", Kind.POINT),
        ("一些甲", None),
    ],
)
def test_numbers_are_told_from_sentences(text, kind):
    found = numbering(text)

    assert (found.kind if found else None) is kind


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_the_encodings_that_occur(tmp_path, encoding):
    assert len(proposed(text_file(tmp_path, GUIDE, encoding=encoding))) == 5


def test_text_broken_at_one_width_is_put_together(tmp_path):
    sentence = "居民委员会应当在三个工作日内把材料送到街道办事处由街道办事处核对以后发给申请人并告诉申请人以后怎么办"
    wrapped = "\n".join(sentence[start : start + 20] for start in range(0, len(sentence), 20))

    answers = [
        c.entry.answer for c in proposed(text_file(tmp_path, f"第一条 短。\n{wrapped}。\n{wrapped}。\n")).values()
    ]
    assert answers == [f"短。\n{sentence}。\n{sentence}。"]


def test_a_word_document_is_read_in_order_with_its_tables_and_reviewed_text(tmp_path):
    document = docx.Document()
    document.add_paragraph("示例区补贴办法", style="Title")
    document.add_heading("补贴标准", 1)
    inserted = document.add_paragraph("每人每月")
    mark = OxmlElement("w:ins")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "一百元。"
    run.append(text)
    mark.append(run)
    inserted._p.append(mark)
    table = document.add_table(2, 3)
    for place, words in enumerate(["类别", "标准", "期限", "老人", "200 元", "一年"]):
        table.cell(place // 3, place % 3).text = words
    table.cell(1, 1).merge(table.cell(1, 2))
    document.add_heading("申请", 2)
    document.add_paragraph("到社区。")
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.save(tmp_path / "补贴.docx")
    assert inserted._p.find(qn("w:ins")) is not None

    found = proposed(tmp_path / "补贴.docx")
    first, second = (candidate.entry for candidate in found.values())
    assert (first.matter, first.answer) == ("补贴标准", "每人每月一百元。\n类别 | 标准 | 期限\n老人 | 200 元 一年")
    assert (second.matter, second.answer) == ("申请", "到社区。")
    assert next(iter(found)).startswith("补贴标准（")
    assert second.legal_basis[0].document == "示例区补贴办法"


def test_a_web_page_is_read_without_its_menus(tmp_path):
    page = """<!doctype html><html><head><title>门户网站</title><style>p{}</style></head><body>
      <nav>首页 办事</nav><h1>垃圾分类指南</h1><!-- 注释 --><p>请大家<b>分类</b>投放。</p>
      <h2>怎么分</h2><ul><li>厨余垃圾</li><li>其他<br>垃圾</li></ul>
      <table><tr><th>颜色</th><th>类别</th></tr><tr><td><p>绿</p></td><td>厨余</td></tr></table>
      <h3>罚款</h3><div>五十元。<div>以上。</div></div><script>alert(1)</script><footer>版权</footer></body></html>"""
    found = [candidate.entry for candidate in proposed(text_file(tmp_path, page, "指南.html", "gb18030")).values()]

    assert [(entry.matter, entry.answer) for entry in found] == [
        ("垃圾分类指南", "请大家分类投放。"),
        ("怎么分", "厨余垃圾\n其他\n垃圾\n颜色 | 类别\n绿 | 厨余"),
        ("罚款", "五十元。\n以上。"),
    ]


def test_tags_nested_without_end_do_no_harm(tmp_path):
    assert len(proposed(text_file(tmp_path, "<div>" * 20_000 + "一句话", "深.html"))) == 1


def test_a_pdf_is_put_together_over_lines_and_pages_without_what_is_on_every_page(tmp_path):
    body = "居民委员会应当在三个工作日内把材料送到街道办事处，由街道办事处核对以后，发给申请人证件"
    pages = [
        ["示例区政府公报", "示例区居住证办法", "第一条 " + body[:26], body[26:] + "，并登记", "— 1 —"],
        ["示例区政府公报", "第二条 " + body[:26], body[26:] + "。", "短句。", "— 2 —"],
        ["示例区政府公报", "第三条 本办法自公布之日起施行。", "— 3 —"],
    ]
    found = proposed(write_pdf(tmp_path / "办法.pdf", pages))

    assert list(found) == ["第一条（第 1 页）", "第二条（第 2 页）", "第三条（第 3 页）"]
    answers = [candidate.entry.answer for candidate in found.values()]
    assert answers == [body + "，并登记", body + "。\n短句。", "本办法自公布之日起施行。"]
    assert found["第一条（第 1 页）"].entry.legal_basis[0].document == "示例区居住证办法"


def test_a_thousand_pages_are_read_with_progress(tmp_path):
    pages = [["公报", f"第{number}条 第 {number} 件事。", f"{number}"] for number in range(1, 1001)]
    told = []
    document = read_document(write_pdf(tmp_path / "长.pdf", pages), told.append)

    assert len(candidates(document)) == 1000
    assert (len(told), told[-1]) == (1000, 1.0)


def test_a_scan_is_told_and_so_is_a_page_without_text(tmp_path):
    with pytest.raises(DocumentRefused, match="像是扫描件"):
        read_document(write_pdf(tmp_path / "a.pdf", [[], []]))

    document = read_document(write_pdf(tmp_path / "b.pdf", [["第一条 甲。"], []]))
    assert document.notes == ("第 2 页没有文字，可能是扫描的图片，没有取到内容。",)


def test_broken_and_locked_files_are_told(tmp_path):
    whole = write_pdf(tmp_path / "a.pdf", [["第一条 甲。"]]).read_bytes()
    locked = whole.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4"
        b" /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>",
    )
    files = {
        "cut.pdf": (whole[:40], "打不开这个 PDF"),
        "locked.pdf": (locked, "PDF 加了密码"),
        "empty.pdf": (b"", "打不开这个 PDF"),
        "cut.docx": (b"PK\x03\x04xx", "打不开这个 DOCX"),
        "locked.docx": (b"\xd0\xcf\x11\xe0" + bytes(500), "加了密码，或者是旧版格式"),
        "empty.txt": (b"", "没有文字"),
        "odd.txt": (b"\x00\x01\x02", "空字符"),
        "empty.html": (b"<html></html>", "没有文字"),
        "old.doc": (b"x", "不认识 .doc 文件"),
    }
    for name, (content, complaint) in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DocumentRefused, match=complaint):
            read_document(tmp_path / name)

    with zipfile.ZipFile(tmp_path / "other.docx", "w") as archive:
        archive.writestr("a.xml", "<a/>")
    with pytest.raises(DocumentRefused, match="打不开这个 DOCX"):
        read_document(tmp_path / "other.docx")


@pytest.fixture
def desk(database, clock):
    return EntryLifecycle(database, EntryStore(database, clock), clock)


async def test_what_was_taken_in_is_a_draft_beside_its_source_and_never_twice(desk, tmp_path):
    path = text_file(tmp_path, GUIDE)
    outcome = await take_in(desk, LI, candidates(read_document(path)))
    assert (len(outcome.saved), len(outcome.known)) == (5, 0)

    stored = await desk.version(outcome.saved[1].entry.slug, 1)
    assert (stored.state, stored.author) == (VersionState.DRAFT, "li.hua")
    assert stored.source.document == "办法.txt"
    assert (stored.source.place, stored.source.text) == (
        "一、申请条件（第 2 段）",
        "一、申请条件\n在本区居住半年以上。",
    )

    path.rename(tmp_path / "换个名字.txt")
    again = await take_in(desk, LI, candidates(read_document(tmp_path / "换个名字.txt")))
    assert (len(again.saved), len(again.known)) == (0, 5)


async def test_what_was_taken_in_is_submitted_only_once_edited(desk, tmp_path):
    outcome = await take_in(desk, LI, candidates(read_document(text_file(tmp_path, GUIDE))))
    draft = outcome.saved[0]
    slug = draft.entry.slug
    with pytest.raises(NotAllowed, match="还没有人编辑过"):
        await desk.submit(LI, slug, 1)

    edited = await desk.save_draft(LI, draft.entry.model_copy(update={"question": "居住证怎么办？"}))
    assert edited.source == draft.source
    await desk.submit(LI, slug, 1)
    await desk.approve(WANG, slug, 1)
    assert (await publish_untried(desk, WANG, slug, 1)).state is VersionState.PUBLISHED


async def test_no_way_leads_around_the_editor(desk, tmp_path):
    outcome = await take_in(desk, LI, candidates(read_document(text_file(tmp_path, GUIDE))))
    slug = outcome.saved[0].entry.slug
    await desk.archive(LI, slug, 1)

    restored = await desk.restore(LI, slug, 1)
    assert restored.source == outcome.saved[0].source
    with pytest.raises(NotAllowed, match="还没有人编辑过"):
        await desk.submit(LI, slug, restored.number)

    await desk.save_draft(LI, restored.entry)
    await desk.restore(LI, slug, 1)
    with pytest.raises(NotAllowed, match="还没有人编辑过"):
        await desk.submit(LI, slug, restored.number)


async def test_an_open_draft_is_not_overwritten_from_a_document(desk, tmp_path):
    found = candidates(read_document(text_file(tmp_path, GUIDE)))[0]
    await desk.save_draft(LI, found.entry)

    with pytest.raises(NotAllowed, match="没有用文件里的内容盖掉"):
        await desk.save_draft(LI, found.entry, source=found.source)
    with pytest.raises(NotAllowed, match="权限"):
        await take_in(desk, Actor("x"), candidates(read_document(text_file(tmp_path, REGULATION))))


@pytest.mark.parametrize(
    ("title", "heading", "asked"),
    [
        ("居住证办理指南", "申请条件", "居住证办理要符合什么条件？"),
        ("居住证办理指南", "申请材料", "居住证办理要准备什么材料？"),
        ("居住证办理指南", "怎么查进度？", "怎么查进度？"),
        ("示例区住房补贴实施细则（试行）", "补贴标准", "示例区住房补贴的补贴标准有什么规定？"),
        ("示例区人民政府关于印发《示例区养犬管理办法》的通知", "收费标准", "示例区养犬要多少钱？"),
        ("示例区养犬管理办法", "示例区养犬登记", "示例区养犬登记有什么规定？"),
        ("办法", "", "办法有哪些规定？"),
    ],
)
def test_a_draft_asks_as_a_citizen_would(title, heading, asked):
    assert question_of(title, Section(path=(), heading=heading, article="", body=("甲",), first=1, page=None)) == asked
