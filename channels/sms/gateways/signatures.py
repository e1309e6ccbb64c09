"""How requests to the two clouds are signed. Checked against the vendors' published examples.

ACS3-HMAC-SHA256: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
TC3-HMAC-SHA256: https://cloud.tencent.com/document/api/382/52071
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote


def query_text(parameters: Mapping[str, str]) -> str:
    """Parameters sorted and percent-encoded as RFC 3986 has it, as they are signed and sent."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(parameters.items()))


def acs3(key_id: str, secret: str, headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes = b"") -> str:
    """Aliyun's Authorization of a POST to `/` with its parameters in the address.

    Args:
        headers: all that are signed, with lower-case names.
    """
    block, names = _header_block(headers)
    canonical = "\n".join(["POST", "/", query_text(parameters), block, names, sha256(body).hexdigest()])
    to_sign = f"ACS3-HMAC-SHA256\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def tc3(key_id: str, secret: str, service: str, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """Tencent's Authorization of a POST to `/`.

    Args:
        headers: all that are signed, with lower-case names and values.
    """
    block, names = _header_block(headers)
    canonical = "\n".join(["POST", "/", "", block, names, sha256(body).hexdigest()])
    day = f"{at.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    digest = sha256(canonical.encode()).hexdigest()
    to_sign = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{digest}"
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), sha256).digest()
    signature = hmac.new(key, to_sign.encode(), sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def _header_block(headers: Mapping[str, str]) -> tuple[str, str]:
    names = sorted(headers)
    return "".join(f"{name}:{headers[name].strip()}\n" for name in names), ";".join(names)


def _quoted(text: str) -> str:
    return quote(text, safe="~")
