"""The routes of the knowledge pages, and where they show."""

from console.area import Area, Finder, Need, RailItem, Route
from console.knowledge import editor, entry_page, gate_page, life, listing, review, trying
from console.knowledge.verbs import KEEPERS, READERS, WRITERS
from console.rights import Rights, only
from knowledge_base.versions import MOVES

_ENTRY = "/knowledge/entries/{slug}"
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
        Route("POST", f"{_ENTRY}/preview", WRITERS, editor.show_preview, "预览", watches=True),
        Route("POST", f"{_VERSION}/submit", _may("submit"), life.submit, "送审"),
        Route("POST", f"{_VERSION}/approve", _may("approve"), life.approve, "审核通过"),
        Route("POST", f"{_VERSION}/send-back", _may("send_back"), life.send_back, "退回修改"),
        Route("POST", f"{_VERSION}/withdraw", _may("withdraw"), life.withdraw, "撤下条目"),
        Route("POST", f"{_VERSION}/archive", _may("archive"), life.archive, "归档一版"),
        Route("POST", f"{_VERSION}/restore", WRITERS, life.restore, "取回旧版"),
        Route("POST", f"{_VERSION}/try", KEEPERS, gate_page.try_version, "发布前试问"),
        Route("GET", f"{_VERSION}/gate", KEEPERS, gate_page.show_gate, "试问的结果"),
        Route("POST", f"{_VERSION}/publish", _may("publish"), gate_page.publish, "发布条目"),
    ),
    rail=(RailItem("知识库", "book", "/knowledge", need="to_review"),),
    needs=(
        Need("to_review", "条知识待审核", "/knowledge/review", review.count_to_review),
        Need("review_overdue", "条知识过了复核日期", "/knowledge?look=due", listing.count_due),
    ),
    finders=(Finder("知识条目", READERS, listing.find),),
)
