"""The routes of the knowledge pages, and where they show."""

from console.area import Area, Finder, Need, RailItem, Route
from console.knowledge import (
    check_page,
    confirming,
    editor,
    entry_page,
    files,
    gap_pages,
    gate_page,
    import_pages,
    life,
    listing,
    question_pages,
    review,
    synonym_pages,
    trying,
)
from console.knowledge.verbs import KEEPERS, READERS, WRITERS
from console.rights import Rights, only
from knowledge_base.confirmations import CONFIRMERS
from knowledge_base.import_reviews import IMPORTERS
from knowledge_base.versions import AUTHORS, MOVES
from service.identity.roles import Role

_IMPORTERS = only(*IMPORTERS)
_UNDOERS = only(Role.REVIEWER)  # what they take back is no longer told at once
_FILERS = only(*AUTHORS, Role.REVIEWER)
_ENTRY = "/knowledge/entries/{slug}"
_IMPORT = "/knowledge/imports/{number}"
_VERSION = f"{_ENTRY}/{{number}}"


def _may(verb: str) -> Rights:
    return only(*MOVES[verb].by)


AREA = Area(
    routes=(
        Route("GET", "/knowledge", READERS, listing.list_entries, "知识条目"),
        Route("GET", "/knowledge/new", WRITERS, editor.show_new, "新建条目"),
        Route("GET", "/knowledge/review", KEEPERS, review.show_queue, "审核条目"),
        Route("GET", "/knowledge/try", READERS, trying.show_box, "试问"),
        Route("GET", _ENTRY, READERS, entry_page.show_entry, "一个条目"),
        Route("GET", f"{_ENTRY}/compare", READERS, entry_page.show_comparison, "对比版本"),
        Route("GET", f"{_ENTRY}/edit", WRITERS, editor.show_form, "写条目"),
        Route("POST", f"{_ENTRY}/edit", WRITERS, editor.save, "写条目"),
        Route("POST", f"{_ENTRY}/autosave", WRITERS, editor.autosave, "草稿自动保存"),
        Route("POST", f"{_ENTRY}/autosave/drop", WRITERS, editor.drop, "不要没保存的内容"),
        Route("POST", f"{_ENTRY}/preview", WRITERS, editor.show_preview, "预览", watches=True),
        Route("POST", f"{_ENTRY}/confirm", only(*CONFIRMERS), confirming.confirm, "仍然有效"),
        Route("POST", f"{_ENTRY}/confirm/undo", only(*CONFIRMERS), confirming.take_back, "撤销复核"),
        Route("POST", f"{_VERSION}/submit", _may("submit"), life.submit, "送审"),
        Route("POST", f"{_VERSION}/take-back", _may("take_back"), life.take_back, "收回送审"),
        Route("POST", f"{_VERSION}/approve", _may("approve"), life.approve, "审核通过"),
        Route("POST", f"{_VERSION}/send-back", _may("send_back"), life.send_back, "退回修改"),
        Route("POST", f"{_VERSION}/withdraw", _may("withdraw"), life.withdraw, "撤下条目"),
        Route("POST", f"{_VERSION}/put-back", _may("put_back"), life.put_back, "恢复刚撤下的"),
        Route("POST", f"{_VERSION}/archive", _may("archive"), life.archive, "归档一版"),
        Route("POST", f"{_VERSION}/restore", WRITERS, life.restore, "取回旧版"),
        Route("POST", f"{_VERSION}/try", KEEPERS, gate_page.try_version, "发布前试问"),
        Route("GET", f"{_VERSION}/gate", KEEPERS, gate_page.show_gate, "试问的结果"),
        Route("POST", f"{_VERSION}/publish", _may("publish"), gate_page.publish, "发布条目"),
        Route("GET", "/knowledge/gaps", READERS, gap_pages.show_gaps, "没答上的问题"),
        Route("POST", "/knowledge/gaps/{number}/draft", WRITERS, gap_pages.draft, "从问题起草"),
        Route("POST", "/knowledge/gaps/{number}/dismiss", WRITERS, gap_pages.dismiss, "问题不处理"),
        Route("POST", "/knowledge/gaps/{number}/reopen", WRITERS, gap_pages.reopen, "恢复不处理的问题"),
        Route("GET", "/knowledge/tasks", READERS, gap_pages.show_tasks, "编写和复核任务"),
        Route("GET", "/knowledge/synonyms", KEEPERS, synonym_pages.show_synonyms, "同义词"),
        Route("POST", "/knowledge/synonyms", KEEPERS, synonym_pages.put, "改同义词"),
        Route("POST", "/knowledge/synonyms/remove", KEEPERS, synonym_pages.remove, "删同义词"),
        Route("POST", "/knowledge/synonyms/{revision}/undo", KEEPERS, synonym_pages.undo, "撤销同义词的改动"),
        Route("GET", "/knowledge/questions", KEEPERS, question_pages.show_questions, "测试问题"),
        Route("POST", "/knowledge/questions", KEEPERS, question_pages.add, "加测试问题"),
        Route("POST", "/knowledge/questions/remove", KEEPERS, question_pages.remove, "删测试问题"),
        Route("POST", "/knowledge/questions/{question}/restore", KEEPERS, question_pages.restore, "放回测试问题"),
        Route("GET", "/knowledge/files", _FILERS, files.show_files, "导入导出"),
        Route("GET", "/knowledge/files/template", _FILERS, files.template, "导入模板"),
        Route("POST", "/knowledge/files/import", _IMPORTERS, files.preview_import, "导入预览", largest=files.LARGEST),
        Route("POST", "/knowledge/files/document", WRITERS, files.take_document, "文件起草", largest=files.LARGEST),
        Route("POST", "/knowledge/files/export", KEEPERS, files.export, "导出条目"),
        Route("GET", "/knowledge/files/{file}", _IMPORTERS, files.show_preview, "导入预览"),
        Route("GET", "/knowledge/files/{file}/download", KEEPERS, files.download, "下载导出的条目"),
        Route("POST", "/knowledge/files/{file}/submit", _IMPORTERS, import_pages.submit, "送审导入的条目"),
        Route("POST", "/knowledge/files/{batch}/undo", _UNDOERS, files.undo_import, "撤销导入"),
        Route("GET", _IMPORT, _IMPORTERS, import_pages.show_import, "这次导入"),
        Route("POST", f"{_IMPORT}/leave-out", _IMPORTERS, import_pages.leave_out, "留下几条不导入"),
        Route("POST", f"{_IMPORT}/leave-overtaken", _IMPORTERS, import_pages.leave_overtaken, "留下后来改过的"),
        Route("POST", f"{_IMPORT}/take-in", _IMPORTERS, import_pages.take_in, "放回一起导入"),
        Route("POST", f"{_IMPORT}/try", KEEPERS, import_pages.try_import, "导入前试问"),
        Route("POST", f"{_IMPORT}/approve", _may("approve"), import_pages.approve, "通过导入"),
        Route("POST", f"{_IMPORT}/reject", _may("send_back"), import_pages.reject, "退回导入"),
        Route("POST", f"{_IMPORT}/take-back", _IMPORTERS, import_pages.take_back, "收回导入"),
        Route("POST", f"{_IMPORT}/reopen", _IMPORTERS, import_pages.reopen, "改回待审核"),
        Route("GET", "/knowledge/check", KEEPERS, check_page.show_findings, "检查知识库"),
        Route("POST", "/knowledge/check", KEEPERS, check_page.begin, "检查知识库"),
    ),
    rail=(RailItem("知识库", "book", "/knowledge", need="to_review", about="市民问什么，怎么答"),),
    needs=(
        Need("to_review", "条知识待审核", "/knowledge/review", review.count_to_review),
        Need("imports_to_review", "次导入待审核", "/knowledge/review", review.count_imports),
        Need("open_gaps", "组问题几个人问了还没有答案", "/knowledge/gaps", gap_pages.count_open),
        Need("review_overdue", "条知识过了复核日期", "/knowledge?look=due", listing.count_due),
    ),
    finders=(Finder("知识条目", READERS, listing.find),),
)
