"""Who may push reports and replies: the addresses a gateway calls from, and its signature, where they are set up."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from aiohttp import web

from channels.sms.gateways.gateway import Gateway
from channels.sms.gateways.generic_http import GenericHttp
from channels.widget.limits import address_of
from service.settings import Settings
from service.sms_settings import Network


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells gateways from others, beyond the secret in the path.

    Attributes:
        networks: where each gateway calls from; one that is not named may call from anywhere.
        trusted_proxies: addresses whose X-Forwarded-For is believed.
    """

    networks: Mapping[str, Sequence[Network]]
    trusted_proxies: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Callers":
        """As the settings have them."""
        networks = {str(name): known for name, known in settings.sms_callback_networks.items()}
        return cls(networks, settings.trusted_proxies)

    def come_from_it(self, request: web.Request, gateway: Gateway) -> bool:
        """Whether a request comes from an address of the gateway."""
        allowed = self.networks.get(gateway.name)
        if allowed is None:
            return True
        address = address_of(request, self.trusted_proxies)
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        return address is not None and any(address in network for network in allowed)


def is_signed(request: web.Request, body: bytes, gateway: Gateway) -> bool:
    """Whether a push bears the gateway's signature; neither cloud signs, so theirs have none to bear."""
    how = gateway.how.push_signature if isinstance(gateway, GenericHttp) else None
    if how is None:
        return True
    right = hmac.new(how.secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    given = request.headers.get(how.header, "").strip().lower().removeprefix("sha256=")
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
