"""The tree of categories (诉求分类): two levels, data a city edits.

A category's code is its path, 旅游/景区服务, as time rules and dispatch rules write it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.own_file import read_own

SEED = Path(__file__).with_name("categories.yml")
_CODE_LIMIT = 60
_FORBIDDEN = "/-,|"


class CategoriesRefused(Exception):
    """The file is no tree of categories; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Category:
    """One category.

    Attributes:
        parent: code of the category it belongs to; None at the top.
        keywords: words people use for it.
    """

    code: str
    name: str
    parent: str | None = None
    keywords: tuple[str, ...] = ()


class Categories:
    """The categories of an installation, in the order they were written."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_code = {category.code: category for category in categories}

    @classmethod
    def load(cls, own: Path | None = None) -> "Categories":
        """The installation's own file if it is there, else the tree that comes with the product.

        Raises:
            CategoriesRefused: see there.
        """
        return cls(_read(read_own(own, SEED, CategoriesRefused)))

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Category | None:
        """A category by its code."""
        return self._by_code.get(code)

    @property
    def leaves(self) -> list[Category]:
        """The categories a request is put into: those below another."""
        return [category for category in self if category.parent is not None]

    def suggested_for(self, text: str) -> Category | None:
        """The category whose words a text uses, the longest counted most; None where it uses none."""
        words = {leaf.code: {leaf.name, *leaf.keywords} for leaf in self.leaves}
        told = {code: sum(len(word) for word in of if word in text) for code, of in words.items()}
        code = max(told, key=lambda each: told[each], default="")
        return self._by_code[code] if told.get(code) else None


def _read(content: Any) -> Iterator[Category]:
    if not isinstance(content, Mapping) or not content:
        raise CategoriesRefused("分类文件应是“大类: {小类: [常用说法]}”这样的两级结构，不能是空的。")
    for name, below in content.items():
        top = _name(name, "大类")
        if not isinstance(below, Mapping) or not below:
            raise CategoriesRefused(f"大类“{top}”下面至少要有一个小类，写成 小类: [常用说法]。")
        yield Category(top, top)
        for part, keywords in below.items():
            leaf = _name(part, f"“{top}”的小类")
            code = f"{top}/{leaf}"
            if len(code) > _CODE_LIMIT:
                raise CategoriesRefused(f"“{code}”太长了，大类和小类的名称加起来最多 {_CODE_LIMIT - 1} 个字。")
            yield Category(code, leaf, top, _keywords(code, keywords))


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not name.strip() or any(character in name for character in _FORBIDDEN):
        raise CategoriesRefused(f"{what}的名称“{name}”不对：要是文字，不能有 {' '.join(_FORBIDDEN)}。")
    return name.strip()


def _keywords(code: str, keywords: Any) -> tuple[str, ...]:
    listed = [] if keywords is None else keywords
    if not isinstance(listed, list) or not all(isinstance(word, str) and word.strip() for word in listed):
        raise CategoriesRefused(f"“{code}”的常用说法应是一个列表，例如 [停水, 没水]；没有就写 []。")
    return tuple(word.strip() for word in listed)
