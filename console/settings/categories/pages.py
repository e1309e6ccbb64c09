"""The tree of categories: added to, renamed, moved, retired, each for a day and with a reason."""

from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from console.area import Route
from console.forms import Form
from console.office import Office
from console.refusal import not_there
from console.rights import ADMINISTRATORS
from console.settings.kept import keep
from console.settings.overview import history_path
from console.settings.section import Entry, Section
from console.settings.when import read_begins, read_note
from console.visit import Visit
from service.kept.store import KeptSettings
from tickets.categories import CategoriesRefused, Category, code_of
from tickets.category_kind import CATEGORIES, Leaf, leaf_of, renamed, top_renamed
from tickets.category_ties import COUNTED, ties_of
from tickets.exchange.categories import words_in

PATH = "/settings/categories"
_NAME_LIMIT = 40
_WORDS_LIMIT = 2_000


async def list_categories(visit: Visit) -> web.Response:
    """The tree."""
    return await _list_page(visit, Form())


async def add(visit: Visit) -> web.Response:
    """Add a category."""
    form = await visit.form()
    top, name = _names(form)
    words = words_in(form.text("keywords", limit=_WORDS_LIMIT))

    def changes() -> Mapping[str, Leaf]:
        code = code_of(top, name)
        if code in visit.office.categories:
            raise CategoriesRefused(f"已经有“{code}”了；停用的可以打开它恢复。")
        return {code: leaf_of(Category(code, name, top, tuple(words)))}

    if await _changed(visit, form, changes):
        return visit.go(PATH, f"加上了“{top} / {name}”。")
    return await _list_page(visit, form, status=422)


async def show_category(visit: Visit) -> web.Response:
    """One category, with what hangs on it."""
    category = _category(visit, visit.query.get("code", ""))
    return await _category_page(visit, category, _form_of(category))


async def change(visit: Visit) -> web.Response:
    """Change its words, its name or its place."""
    form = await visit.form()
    category = _category(visit, form.raw("code"))
    top, name = _names(form)
    words = words_in(form.text("keywords", limit=_WORDS_LIMIT))

    def changes() -> Mapping[str, Leaf]:
        code = code_of(top, name)
        leaf = leaf_of(category) | {"keywords": words}
        if code == category.code:
            return {code: leaf}
        if visit.office.categories.current(code) is not None:
            raise CategoriesRefused(f"已经有“{code}”了；要并过去，请停用这个分类，改用那一个。")
        return renamed(category, code) | {code: leaf}

    if await _changed(visit, form, changes):
        return visit.go(PATH, "已保存。改了名称的，以前的工单仍记着原来的名称。")
    return await _category_page(visit, category, form, status=422)


async def retire(visit: Visit) -> web.Response:
    """Put nothing new into a category; what took its place may be named."""
    form = await visit.form()
    category = _category(visit, form.raw("code"))
    leaf = leaf_of(category) | {"retired": True, "now": form.text("now") or None}
    if await _changed(visit, form, lambda: {category.code: leaf}):
        return visit.go(PATH, f"“{category.code}”已停用，以前的工单照样查得到。")
    return await _category_page(visit, category, form, status=422)


async def restore(visit: Visit) -> web.Response:
    """Use a retired category again."""
    form = await visit.form()
    category = _category(visit, form.raw("code"))
    leaf = leaf_of(category) | {"retired": False, "now": None}
    if await _changed(visit, form, lambda: {category.code: leaf}):
        return visit.go(PATH, f"“{category.code}”恢复使用了。")
    return await _category_page(visit, category, form, status=422)


async def rename_top(visit: Visit) -> web.Response:
    """Give everything below a top another one."""
    form = await visit.form()
    top = form.text("old", missing="请选一个大类。")
    name = form.text("new", missing="请写新的名称。", limit=_NAME_LIMIT)
    if await _changed(visit, form, lambda: top_renamed(visit.office.categories, top, name)):
        return visit.go(PATH, f"“{top}”改叫“{name}”了。")
    return await _list_page(visit, form, status=422)


async def _changed(visit: Visit, form: Form, changes: Callable[[], Mapping[str, Leaf]]) -> bool:
    """Make the changes a form asks for; what is refused is complained of there."""
    note, begins = read_note(form), read_begins(form, visit.now)
    if not form.ok:
        return False
    try:
        await keep(visit, CATEGORIES, changes(), note, begins)
    except CategoriesRefused as refused:
        form.complain("name", str(refused))
    return form.ok


def store_of(visit: Visit) -> KeptSettings:
    """The store of the tree."""
    return visit.office.changeable.stores[CATEGORIES]


async def _list_page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    words, state = visit.query.get("q", "").strip(), visit.query.get("state", "")
    fitting = [
        each
        for each in visit.office.categories
        if each.parent and each.retired == (state == "retired") and words in f"{each.code}{''.join(each.keywords)}"
    ]
    tops: dict[str, list[Category]] = {}
    for each in fitting:
        tops.setdefault(each.parent or "", []).append(each)
    return visit.page(
        "settings/categories.html",
        status=status,
        form=form,
        tops=tops,
        total=len(fitting),
        every_top=[each.code for each in visit.office.categories if each.parent is None and not each.retired],
        states=(("", "在用"), ("retired", "已停用")),
        coming=await store_of(visit).coming(),
        kind=store_of(visit).kind,
    )


async def _category_page(visit: Visit, category: Category, form: Form, status: int = 200) -> web.Response:
    leaves = visit.office.categories.leaves
    return visit.page(
        "settings/category.html",
        status=status,
        category=category,
        form=form,
        others=[("", "不指定"), *((each.code, each.code) for each in leaves if each.code != category.code)],
        every_top=[each.code for each in visit.office.categories if each.parent is None],
        ties=await visit.office.database.read(ties_of(category.code, visit.office.clock)),
        counted=COUNTED,
        coming=[each for each in await store_of(visit).coming() if each.part == category.code],
        kind=store_of(visit).kind,
        history=history_path(CATEGORIES, category.code),
    )


def _names(form: Form) -> tuple[str, str]:
    top = form.text("top", missing="请写大类。", limit=_NAME_LIMIT)
    return top, form.text("name", missing="请写小类。", limit=_NAME_LIMIT)


def _form_of(category: Category) -> Form:
    return Form.of({"top": category.parent, "name": category.name, "keywords": "、".join(category.keywords)})


def _category(visit: Visit, code: str) -> Category:
    found = visit.office.categories.get(code)
    if found is None or found.parent is None:
        raise not_there("没有这个分类")
    return found


def _entries(office: Office) -> Iterable[Entry]:
    return [
        Entry(f"诉求分类：{each.code}", f"{PATH}/one?code={each.code}", "".join(each.keywords))
        for each in office.categories
        if each.parent
    ]


SECTIONS = (
    Section(
        "诉求分类",
        "大类和小类，市民常用的说法；加、改名、停用。",
        PATH,
        ADMINISTRATORS,
        "list",
        (CATEGORIES,),
        entries=_entries,
    ),
)
ROUTES = (
    Route("GET", PATH, ADMINISTRATORS, list_categories, "诉求分类"),
    Route("POST", PATH, ADMINISTRATORS, add, "加分类"),
    Route("POST", f"{PATH}/top", ADMINISTRATORS, rename_top, "大类改名"),
    Route("GET", f"{PATH}/one", ADMINISTRATORS, show_category, "一个分类"),
    Route("POST", f"{PATH}/one", ADMINISTRATORS, change, "改分类"),
    Route("POST", f"{PATH}/retire", ADMINISTRATORS, retire, "停用分类"),
    Route("POST", f"{PATH}/restore", ADMINISTRATORS, restore, "恢复分类"),
)
