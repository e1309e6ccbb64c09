"""Answers in the two forms of GeoReport v2: JSON arrays, and XML with the elements the specification names."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

_ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What an element in a list is called, by what the list is called."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {"json": "application/json", "xml": "text/xml"}


class Refused(Exception):
    """A request that is answered with errors of the specification.

    Attributes:
        errors: status codes and what to do, in Chinese.
    """

    def __init__(self, status: int, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.headers = dict(headers or {})


def answer(
    form: str, root: str, content: Sequence[Any] | Mapping[str, Any], status: int = 200, *, headers: Any = None
) -> web.Response:
    """An answer.

    Args:
        form: json or xml.
        root: the name of the outermost element in XML; JSON has none.
    """
    if form == "xml":
        element = Element(root)
        _fill(element, content)
        text = '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(element, encoding="unicode")
    else:
        text = json.dumps(content, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type=_TYPES[form], charset="utf-8", headers=headers)


def errors(form: str, refused: Refused) -> web.Response:
    """An answer that tells what is wrong."""
    content = [{"code": refused.status, "description": str(refused)}]
    return answer(form, "errors", content, refused.status, headers=refused.headers)


def _fill(element: Element, content: Any) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(SubElement(element, name), value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            _fill(SubElement(element, _ITEMS[element.tag]), value)
    elif isinstance(content, bool):
        element.text = str(content).lower()
    elif content is not None:
        element.text = _NO_XML.sub("", str(content))
