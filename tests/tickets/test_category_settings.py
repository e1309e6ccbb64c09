import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.roles import Actor, Role
from service.kept.store import KeptSettings
from service.sheets.refusal import ImportRefused
from tickets.categories.kind import category_kind, leaf_of, renamed, top_renamed, tree_of
from tickets.categories.tree import Categories, CategoriesRefused
from tickets.exchange.categories import read_categories, write_categories

ANNA = Actor("anna", frozenset({Role.ADMINISTRATOR}))
TREE = Categories.load()
SHIPPED = category_kind(TREE).shipped()


def changed(changes):
    contents = {**SHIPPED, **changes}
    category_kind(TREE).check(SHIPPED, contents)
    return tree_of(contents)


def test_the_kept_tree_of_the_product_is_the_products():
    assert list(tree_of(SHIPPED)) == list(TREE)


def test_a_renamed_category_is_the_new_one_and_the_old_leads_there():
    tree = changed(renamed(TREE.get("供水/停水"), "供水/停水和水压"))
    assert tree.current("供水/停水").code == "供水/停水和水压"
    assert tree.get("供水/停水").retired
    assert "供水/停水" not in [leaf.code for leaf in tree.leaves]
    assert tree.suggested_for("家里没水了").code == "供水/停水和水压"


def test_what_was_renamed_twice_leads_to_the_last():
    once = renamed(TREE.get("供水/停水"), "供水/停水二")
    twice = renamed(tree_of({**SHIPPED, **once}).get("供水/停水二"), "水务/停水")
    assert changed({**once, **twice}).current("供水/停水").code == "水务/停水"


def test_a_retired_category_without_successor_takes_nothing():
    tree = changed({"供水/停水": leaf_of(TREE.get("供水/停水")) | {"retired": True}})
    assert tree.current("供水/停水") is None
    assert "供水/停水" in tree, "tickets that are in it still have a name"


def test_a_top_is_renamed_with_all_below_it():
    tree = changed(top_renamed(TREE, "供水", "水务"))
    assert tree.get("供水").retired
    assert {leaf.name for leaf in tree.leaves if leaf.parent == "水务"} == {"停水", "水质", "水费和报装"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"供水/停水": {"keywords": [], "retired": True, "now": "供水/没有的"}}, "不在用"),
        ({"供水/停水": {"keywords": [], "retired": True, "now": "供水/停水"}}, "绕回了它自己|不在用"),
        ({"供水/停/水": {"keywords": []}}, "不能有"),
        ({"供水/": {"keywords": []}}, "名称“”不对"),
        ({"供水/停水": {"keywords": "停水"}}, "应是一个列表"),
        ({code: leaf | {"retired": True} for code, leaf in SHIPPED.items()}, "至少要留一个"),
    ],
)
def test_a_tree_that_cannot_be_is_refused(changes, why):
    with pytest.raises(CategoriesRefused, match=why):
        changed(changes)


def test_categories_that_lead_in_a_circle_end():
    tree = tree_of({"a/b": {"retired": True, "now": "a/c"}, "a/c": {"retired": True, "now": "a/b"}, "a/d": {}})
    assert tree.current("a/b") is None


NAMES = st.text("供水电气热甲乙丙", min_size=1, max_size=6)


@given(st.dictionaries(st.tuples(NAMES, NAMES), st.lists(NAMES, max_size=3, unique=True), min_size=1, max_size=8))
def test_a_sheet_gives_back_what_was_written(tmp_path_factory, leaves):
    tree = tree_of({"/".join(names): {"keywords": words} for names, words in leaves.items()})
    path = tmp_path_factory.mktemp("sheet") / "tree.csv"
    write_categories(tree, path)
    assert tree_of(read_categories(path)).leaves == tree.leaves


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("大类,小类\n供水,停水\n供水,停水\n", "第 3 行：“供水/停水”出现了两次"),
        ("大类,小类,在用\n供水,停水,也许\n", "第 2 行：“在用”只能写 是 或 否"),
        ("大类,小类\n供-水,停水\n", "第 2 行：大类的名称“供-水”不对"),
        ("大类,小类\n", "没有分类"),
    ],
)
def test_a_sheet_that_cannot_be_taken_says_where(tmp_path, text, why):
    path = tmp_path / "tree.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ImportRefused, match=why):
        read_categories(path)


async def test_a_planned_name_keeps_what_is_changed_elsewhere_meanwhile(database, clock):
    from datetime import timedelta

    store = KeptSettings(database, category_kind(TREE), clock)
    await store.change(
        ANNA, renamed(TREE.get("供水/停水"), "供水/断水"), note="明天", effective_from=clock() + timedelta(days=1)
    )
    await store.change(ANNA, {"供水/水质": {"keywords": ["铁锈"]}}, note="今天")
    clock.forward(days=1)
    tree = tree_of(await store.contents())
    assert (tree.current("供水/停水").code, tree.get("供水/水质").keywords) == ("供水/断水", ("铁锈",))
