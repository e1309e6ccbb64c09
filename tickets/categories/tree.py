"""The tree of categories (诉求分类): two levels, data a city edits.

A category's code is its path, 旅游/景区服务, as time rules and dispatch rules write it. It begins with
`categories.yml` or the installation's own file; what is set over it (`category_kind`) has a part for each leaf.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.misconfigured import Misconfigured
from service.own_file import read_own

SEED = Path(__file__).with_name("categories.yml")
_CODE_LIMIT = 60
_FORBIDDEN = "/-,|"


class CategoriesRefused(Misconfigured):
    """The file is no tree of categories; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    Attributes:
        parent: code of the category it belongs to; None at the top.
        keywords: words people use for it.
        retired: nothing new is put into it; tickets that are in it stay.
        now: the code of the category that took the place of a retired one.
    """

    code: str
    name: str
    parent: str | None = None
    keywords: tuple[str, ...] = ()
    retired: bool = False
    now: str | None = None


class Categories:
    """The categories of an installation, in the order they were written; the one of a process follows changes."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_code = {category.code: category for category in categories}

    @classmethod
    def load(cls, own: Path | None = None) -> "Categories":
        """The installation's own file if it is there, else the tree that comes with the product.

        Raises:
            CategoriesRefused: see there.
        """
        return cls(_read(read_own(own, SEED, CategoriesRefused)))

    def use(self, others: "Categories") -> None:
        """Have the categories of another tree from now on."""
        self._by_code = others._by_code

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Category | None:
        """A category by its code; a retired one, too."""
        return self._by_code.get(code)

    def current(self, code: str) -> Category | None:
        """The category a request that names this code is put into: where it was retired, what took its place."""
        found, seen = self._by_code.get(code), set[str]()
        while found is not None and found.retired:
            seen.add(found.code)
            found = self._by_code.get(found.now) if found.now and found.now not in seen else None
        return found

    @property
    def leaves(self) -> list[Category]:
        """The categories a request is put into: those below another that are not retired."""
        return [category for category in self if category.parent is not None and not category.retired]

    def suggested_for(self, text: str) -> Category | None:
        """The category whose words a text uses, the longest counted most; None where it uses none."""
        words = {leaf.code: {leaf.name, *leaf.keywords} for leaf in self.leaves}
        told = {code: sum(len(word) for word in of if word in text) for code, of in words.items()}
        code = max(told, key=lambda each: told[each], default="")
        return self._by_code[code] if told.get(code) else None


def code_of(top: str, leaf: str) -> str:
    """The code of a leaf.

    Raises:
        CategoriesRefused: a name cannot be, or both together are too long.
    """
    code = f"{_name(top, '大类')}/{_name(leaf, f'“{top}”的小类')}"
    if len(code) > _CODE_LIMIT:
        raise CategoriesRefused(f"“{code}”太长了，大类和小类的名称加起来最多 {_CODE_LIMIT - 1} 个字。")
    return code


def _read(content: Any) -> Iterator[Category]:
    if not isinstance(content, Mapping) or not content:
        raise CategoriesRefused("分类文件应是“大类: {小类: [常用说法]}”这样的两级结构，不能是空的。")
    for name, below in content.items():
        top = _name(name, "大类")
        if not isinstance(below, Mapping) or not below:
            raise CategoriesRefused(f"大类“{top}”下面至少要有一个小类，写成 小类: [常用说法]。")
        yield Category(top, top)
        for part, keywords in below.items():
            code = code_of(top, part)
            yield Category(code, code.partition("/")[2], top, keywords_of(code, keywords))


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not name.strip() or any(character in name for character in _FORBIDDEN):
        raise CategoriesRefused(f"{what}的名称“{name}”不对：要是文字，不能有 {' '.join(_FORBIDDEN)}。")
    return name.strip()


def keywords_of(code: str, keywords: Any) -> tuple[str, ...]:
    """The words people use for a category.

    Raises:
        CategoriesRefused: it is no list of words.
    """
    listed = [] if keywords is None else keywords
    if not isinstance(listed, list) or not all(isinstance(word, str) and word.strip() for word in listed):
        raise CategoriesRefused(f"“{code}”的常用说法应是一个列表，例如 [停水, 没水]；没有就写 []。")
    return tuple(word.strip() for word in listed)
