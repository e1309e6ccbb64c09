"""Whether the links in entries can be opened. Asked for by an operator, never by itself: it goes out to other sites.

Staff write the addresses, so none may lead a request into the network this runs in: names are resolved here and inner
addresses refused, at every redirect anew.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from knowledge_base.check import Finding, Problem
from knowledge_base.entry import FILES, Entry

TIMEOUT_SECONDS = 10.0
AT_ONCE = 8
AT_ONCE_PER_HOST = 2
REDIRECTS = 5

_ATTEMPTS = 2
_LINK = re.compile(r"https?://[\w\-.~:/?#@!$&'*+,;=%\[\]]+", re.ASCII)
_AFTER_A_LINK = ".,;:!?'"  # ends the sentence, not the address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_MOVED = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_WORTH_ANOTHER_TRY = frozenset({429, 500, 502, 503, 504})


class LinkState(StrEnum):
    """What became of opening a link."""

    REACHABLE = "reachable"
    GONE = "gone"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    INNER = "inner"

    @property
    def advice(self) -> str:
        """What staff should do about it."""
        return _ADVICE[self]


_ADVICE = {
    LinkState.REACHABLE: "",
    LinkState.GONE: "网页已经没有了，换成新的网址，或者删掉。",
    LinkState.REFUSED: "打不开，对方网站不应答或者拒绝访问。用浏览器打开核对一下。",
    LinkState.TIMEOUT: f"{TIMEOUT_SECONDS:.0f} 秒没有应答，稍后再查；一直这样就换网址。",
    LinkState.CERTIFICATE: "证书有问题，市民的浏览器会拦住，请联系网站单位。",
    LinkState.INNER: "是内部地址，没有去查；市民打不开，请换成公开的网址。",
}


class _InnerAddress(OSError):
    """The name stands for an address inside."""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """How links are opened.

    Attributes:
        files: the folder behind /files/; None leaves our own files unchecked.
        inner_allowed: whether addresses of this network may be opened, too.
    """

    files: Path | None = None
    inner_allowed: bool = False

    async def findings(
        self, entries: Sequence[Entry], progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> list[Finding]:
        """The links of these entries that cannot be opened.

        Args:
            progress: told how many addresses have been looked at, of how many.
        """
        states = await self.states({link for entry in entries for link in links_of(entry)}, progress)
        return [
            Finding(Problem.UNREACHABLE, entry.slug, f"{link} {states[link].advice}")
            for entry in entries
            for link in links_of(entry)
            if states[link] is not LinkState.REACHABLE
        ]

    async def states(
        self, links: Iterable[str], progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> dict[str, LinkState]:
        """What becomes of opening each of these addresses."""
        wanted = sorted(set(links))
        states: dict[str, LinkState] = {}
        connector = aiohttp.TCPConnector(limit=0, resolver=_Resolver(self.inner_allowed), force_close=True)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            headers={"User-Agent": "Liaotianban link check"},
        ) as session:
            visits = _Visits(session, self.inner_allowed)

            async def look(link: str) -> None:
                states[link] = self._file(link) if link.startswith(FILES) else await visits.state(link)
                progress(len(states), len(wanted))

            async with asyncio.TaskGroup() as looking:
                for link in wanted:
                    looking.create_task(look(link))
        return states

    def _file(self, link: str) -> LinkState:
        return LinkState.REACHABLE if self.files is None or is_kept(self.files, link) else LinkState.GONE


def is_kept(files: Path, link: str) -> bool:
    """Whether a link to one of our own files leads to one.

    Args:
        files: the folder behind /files/.
    """
    return (files / unquote(link.removeprefix(FILES))).is_file()


def links_of(entry: Entry) -> list[str]:
    """The addresses an entry gives to citizens, each once."""
    texts = (entry.answer, *entry.facets.model_dump().values())
    written = (found.rstrip(_AFTER_A_LINK) for text in texts for found in _LINK.findall(text))
    return list(dict.fromkeys([*written, *(attachment.url for attachment in entry.attachments)]))


def is_inner(address: str) -> bool:
    """Whether an IP address belongs to this machine, this network, or to no public place."""
    parsed = ipaddress.ip_address(address.split("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        elif parsed in _NAT64 or parsed.sixtofour or parsed.teredo:
            return True  # an inner address may hide in it
    return not parsed.is_global or parsed.is_multicast


class _Resolver(AbstractResolver):
    """The system's names, without those that lead inside: what was checked is what is connected to."""

    def __init__(self, inner_allowed: bool) -> None:
        self._inner_allowed = inner_allowed
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if not self._inner_allowed and any(is_inner(result["host"]) for result in found):
            raise _InnerAddress(host)
        return found

    async def close(self) -> None:
        await self._names.close()


class _Visits:
    """Opens addresses, a few at once and fewer at one site."""

    def __init__(self, session: aiohttp.ClientSession, inner_allowed: bool) -> None:
        self._session = session
        self._inner_allowed = inner_allowed
        self._all = asyncio.Semaphore(AT_ONCE)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))

    async def state(self, link: str) -> LinkState:
        """What becomes of opening an address; what may be a passing trouble is tried once more."""
        for attempt in range(1, _ATTEMPTS + 1):
            state, passing = await self._open(link)
            if not passing or attempt == _ATTEMPTS:
                break
        return state

    async def _open(self, link: str) -> tuple[LinkState, bool]:
        try:
            status = await self._status("HEAD", link)
            if status >= 400:  # some sites know only GET
                status = await self._status("GET", link)
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            return LinkState.CERTIFICATE, False
        except TimeoutError:
            return LinkState.TIMEOUT, True
        except aiohttp.ClientConnectorDNSError as error:
            inner = isinstance(error.os_error, _InnerAddress)
            return (LinkState.INNER, False) if inner else (LinkState.REFUSED, True)
        except _InnerAddress:
            return LinkState.INNER, False
        except (aiohttp.TooManyRedirects, aiohttp.InvalidURL, ValueError):
            return LinkState.REFUSED, False
        except (aiohttp.ClientError, OSError):
            return LinkState.REFUSED, True
        if status in _GONE:
            return LinkState.GONE, False
        return (LinkState.REACHABLE, False) if status < 400 else (LinkState.REFUSED, status in _WORTH_ANOTHER_TRY)

    async def _status(self, method: str, link: str) -> int:
        """The status behind all redirects."""
        history: tuple[aiohttp.ClientResponse, ...] = ()
        for _ in range(REDIRECTS + 1):
            self._refuse_inner(link)
            async with self._turn(link), self._session.request(method, link, allow_redirects=False) as response:
                moved = response.headers.get("Location") if response.status in _MOVED else None
                if moved is None:
                    return response.status
                history = (*history, response)
                link = urljoin(link, moved)
        raise aiohttp.TooManyRedirects(response.request_info, history)

    def _refuse_inner(self, link: str) -> None:
        """Refuse what the resolver never sees: other schemes, and hosts that are addresses already."""
        parts = urlsplit(link)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise aiohttp.InvalidURL(link)
        try:
            inner = is_inner(parts.hostname)
        except ValueError:
            inner = parts.hostname.replace(".", "").isdigit()  # an address in disguise, as 127.1; else a name
        if inner and not self._inner_allowed:
            raise _InnerAddress(parts.hostname)

    @asynccontextmanager
    async def _turn(self, link: str) -> AsyncIterator[None]:
        """Wait for one's turn: at the site first, so that a slow site keeps no place that others could use."""
        async with self._hosts[urlsplit(link).hostname or ""], self._all:
            yield
