"""The tree of categories as a kind of settings: a part for each leaf, so that none is ever lost.

Tickets keep the code they were registered with. So a category is never taken out: it is retired, and a new name or
place is a new category that the old one points to.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from service.kept.kind import Contents, Kind
from tickets.categories.tree import Categories, CategoriesRefused, Category, code_of, keywords_of

CATEGORIES = "categories"
"""The kind's name."""

Leaf = dict[str, Any]
"""What is kept of a leaf: `{"keywords": [...], "retired": false, "now": null}`."""


def category_kind(tree: Categories) -> Kind:
    """The kind over the tree of a file."""
    shipped = {category.code: leaf_of(category) for category in tree if category.parent}
    return Kind(
        CATEGORIES,
        "诉求分类",
        lambda: shipped,
        _check,
        refused=CategoriesRefused,
        names={"keywords": "常用说法", "retired": "停用", "now": "改用"},
        opens=lambda code: "/" in code,
    )


def tree_of(contents: Contents) -> Categories:
    """The tree that leaves make, each top where its first leaf is.

    Raises:
        CategoriesRefused: they make none.
    """
    return Categories(_categories(contents))


def leaf_of(category: Category) -> Leaf:
    """A category as it is kept."""
    return {"keywords": list(category.keywords), "retired": category.retired, "now": category.now}


def renamed(category: Category, code: str) -> dict[str, Leaf]:
    """What to change so that a category has another name or place.

    Args:
        code: its new one, of `code_of`.
    """
    return {category.code: leaf_of(category) | {"retired": True, "now": code}, code: leaf_of(category)}


def top_renamed(categories: Iterable[Category], top: str, name: str) -> dict[str, Leaf]:
    """What to change so that all in use below a top stand below another name.

    Raises:
        CategoriesRefused: the name cannot be.
    """
    changes: dict[str, Leaf] = {}
    for each in categories:
        if each.parent == top and not each.retired:
            changes |= renamed(each, code_of(name, each.name))
    return changes


def _check(_before: Contents, after: Contents) -> None:
    tree = tree_of(after)
    if not tree.leaves:
        raise CategoriesRefused("至少要留一个在用的小类。")
    for category in tree:
        if category.retired and category.now and tree.current(category.code) is None:
            message = f"“{category.code}”改用的“{category.now}”不在用，或者绕回了它自己，请另选一个。"
            raise CategoriesRefused(message)


def _categories(contents: Contents) -> Iterable[Category]:
    tops: dict[str, list[Category]] = {}
    for code, leaf in contents.items():
        top, _, name = code.partition("/")
        code_of(top, name)
        if not isinstance(leaf, Mapping):
            raise CategoriesRefused(f"“{code}”的内容不对。")
        words = keywords_of(code, leaf.get("keywords"))
        category = Category(code, name, top, words, bool(leaf.get("retired")), leaf.get("now"))
        tops.setdefault(top, []).append(category)
    for top, leaves in tops.items():
        yield Category(top, top, retired=all(leaf.retired for leaf in leaves))
        yield from leaves
