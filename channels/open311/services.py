"""The services of GeoReport v2: the categories of the installation, and what can be said with a request."""

from collections.abc import Mapping
from typing import Any

from channels.open311.wording import Refused
from tickets.categories.tree import Categories, Category
from tickets.ticket import Kind

OTHER = "其他/其他诉求"
"""Where a ticket without a category stands."""

KIND, CONFIDENTIAL = "KIND", "CONFIDENTIAL"
_YES, _NO = "yes", "no"


def service_code(category: str) -> str:
    """A category's code without the slash, which has another meaning in addresses: 旅游-景区服务."""
    return category.replace("/", "-")


def category_code(code: str) -> str:
    """The category of a service."""
    return code.replace("-", "/")


def service_name(category: str) -> str:
    """A category's own name."""
    return category.rpartition("/")[2]


def services(categories: Categories) -> list[dict[str, Any]]:
    """What portals can offer, in the order of the tree."""
    return [_service(category) for category in categories.leaves]


def definition(category: Category) -> dict[str, Any]:
    """What else can be said with a request."""
    kinds = [{"key": kind.value, "name": kind.label} for kind in Kind]
    yes_no = [{"key": _NO, "name": "否"}, {"key": _YES, "name": "是"}]
    return {
        "service_code": service_code(category.code),
        "attributes": [
            _list(1, KIND, "诉求类型", "咨询、求助、投诉……不选就是求助", kinds),
            _list(2, CONFIDENTIAL, "对承办单位保密", "不让承办单位知道您是谁；举报总是保密的", yes_no),
        ],
    }


def leaf(categories: Categories, code: str) -> Category:
    """The category of a service.

    Raises:
        Refused: there is none.
    """
    category = categories.current(category_code(code))
    if category is None or category.parent is None:
        raise Refused(404, "没有这个 service_code，请从 services 里选。")
    return category


def kind_of(form: Mapping[str, str]) -> Kind:
    """The kind a request says it is of.

    Raises:
        Refused: it is none.
    """
    try:
        return Kind(form.get(f"attribute[{KIND}]") or Kind.HELP)
    except ValueError as error:
        raise Refused(400, f"attribute[{KIND}] 只能是 {'、'.join(Kind)}。") from error


def is_confidential(form: Mapping[str, str]) -> bool:
    """Whether a request asks to be confidential.

    Raises:
        Refused: it says neither yes nor no.
    """
    said = form.get(f"attribute[{CONFIDENTIAL}]") or _NO
    if said not in (_YES, _NO):
        raise Refused(400, f"attribute[{CONFIDENTIAL}] 只能是 yes 或 no。")
    return said == _YES


def _service(category: Category) -> dict[str, Any]:
    return {
        "service_code": service_code(category.code),
        "service_name": category.name,
        "description": f"{category.parent}：{category.name}",
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(category.keywords),
        "group": category.parent,
    }


def _list(order: int, code: str, title: str, hint: str, values: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "variable": True,
        "code": code,
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": hint,
        "order": order,
        "description": title,
        "values": values,
    }
