"""Settings of an SMS gateway that is plain HTTP: where to, with what, and how to read its answers (docs/sms.md)."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

PLACEHOLDERS = frozenset(
    {
        "phone",
        "phone_e164",
        "text",
        "signed_text",
        "sign",
        "template",
        "values_json",
        "reference",
        "provider_id",
        "day",
    }
)

_BRACED = re.compile(r"\{([^{}]*)\}")


def _known_placeholders(text: str) -> str:
    for name in _BRACED.findall(text):
        if name not in PLACEHOLDERS:
            raise ValueError(f"没有 {{{name}}} 这个占位符，可以用的有：{'、'.join(sorted(PLACEHOLDERS))}")
    return text


def _constant(text: str) -> str:
    if _BRACED.search(text) or not text.isprintable():
        raise ValueError("请求头只能是固定的文字。")
    return text


def _address(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("地址要以 https:// 或 http:// 开头。")
    return _known_placeholders(text)


def _network(value: Any) -> Any:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"“{value}”不是地址或网段，要像 203.0.113.7 或 203.0.113.0/24 这样写。") from error


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
"""One address, or a network of them, from which a gateway pushes."""

Template = Annotated[str, AfterValidator(_known_placeholders)]
Constant = Annotated[str, AfterValidator(_constant)]
Address = Annotated[str, AfterValidator(_address)]


class PushSignature(BaseModel):
    """How a gateway signs what it pushes: HMAC-SHA256 of the body, in hexadecimal, in a header.

    Attributes:
        header: its name; what stands there may begin with `sha256=`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
    secret: Annotated[SecretStr, Field(min_length=8)]


class SmsHttp(BaseModel):
    """A gateway that is plain HTTP. Paths lead into its JSON: data.list.0.id.

    Attributes:
        fields: what is sent, by name, as query, form or JSON; placeholders in braces.
        success: what an answer must say, by path, for the message to count as taken.
        id_path: where the gateway's id of the message stands.
        code_path: where the reason of a refusal stands.
        refusals: what to do about it, by code: retry, delay, permanent, alarm, another_way (all others).
        query_url: where to ask what became of a message; without it, a lost answer is told to staff after a day.
        query_fields: what is asked with, as `fields`; always in the address.
        state_path: where an answer to that says how the message stands.
        certain_minutes: after so long, an answer that knows of no message means that there is none.
        delivered, failed: what is said of messages that arrived, or never will; all else is on its way.
        report_list: where in a pushed report the list of reports stands; empty: it is the list, or the one report.
        acknowledged: what a push is answered.
        push_signature: pushes without it are refused; None where the gateway signs none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Address
    method: Literal["POST", "GET"] = "POST"
    body: Literal["json", "form"] = "json"
    headers: dict[str, Constant] = {}
    fields: dict[str, Template]
    success: Annotated[dict[str, str], Field(min_length=1)]
    id_path: str
    code_path: str = ""
    refusals: dict[str, Literal["retry", "delay", "permanent", "alarm", "another_way"]] = {}
    sign: str = ""
    templates: dict[str, str] = {}
    variable_length: Annotated[int, Field(ge=0)] = 35
    price_fen: Annotated[float, Field(ge=0)] = 4.5

    query_url: Annotated[str, AfterValidator(lambda text: _address(text) if text else text)] = ""
    query_fields: dict[str, Template] = {}
    query_id_path: str = ""
    state_path: str = ""
    certain_minutes: Annotated[int, Field(gt=0)] | None = None
    delivered: tuple[str, ...] = ("DELIVRD", "DELIVERED", "SUCCESS", "true")
    failed: tuple[str, ...] = ()

    report_list: str = ""
    report_id: str = "id"
    report_phone: str = "phone"
    report_state: str = "state"
    reply_list: str = ""
    reply_phone: str = "phone"
    reply_text: str = "text"
    reply_id: str = ""
    acknowledged: str = '{"code": 0}'
    push_signature: PushSignature | None = None

    @property
    def needs_template(self) -> bool:
        """Whether the gateway sends by templates of its own, or the text itself."""
        return any("{template}" in text for text in self.fields.values())
