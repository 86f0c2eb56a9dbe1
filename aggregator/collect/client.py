"""One page over HTTP: redirects by hand, validators only where they belong, limits on everything that a server sends."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from aggregator.collect import budget, inflate
from aggregator.collect.budget import Budgets
from aggregator.collect.guard import Guard
from aggregator.collect.turns import Line, Turns
from aggregator.config import PollSettings
from aggregator.errors import FetchError, FetchProblem
from aggregator.model import Page, Request

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
MOST_REDIRECTS = 5
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RESOLVER_THREADS = 16
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_session(guard: Guard, user_agent: str, proxy: str | None = None) -> aiohttp.ClientSession:
    def checked_socket(info: AddrInfoType) -> socket.socket:
        """The last wall: what is checked here is what is connected to, whatever a name server said before."""
        family, kind, protocol, _, address = info
        refusal = guard.address_refusal(str(address[0]))
        if refusal:
            raise _RefusedError(refusal)
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        limit=0, resolver=_Resolver(guard), ttl_dns_cache=300, keepalive_timeout=15, socket_factory=checked_socket
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        proxy=proxy,
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": inflate.ACCEPTED},
    )


class _RefusedError(OSError):
    """An address that the guard refuses; an OSError, so that the HTTP client treats it as one that cannot be reached."""


class _Resolver(AbstractResolver):
    """Names to addresses, with threads of its own: a name server that does not answer must not hold up the end."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._pool = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        infos = await loop.run_in_executor(
            self._pool, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        addresses = [(str(info[4][0]), info[0], info[2]) for info in infos]
        for address, _, _ in addresses:
            # One inside address among several is a trick (or a mistake): none of them is used.
            refusal = self._guard.address_refusal(address)
            if refusal:
                raise _RefusedError(f"{host} leads to {refusal}")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=protocol, flags=_NUMERIC)
            for address, kind, protocol in addresses
        ]

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class Sessions:
    """One for all that is asked directly, one for each proxy: what the guard checks there is the proxy's own address,
    which the operator chose. (Where names lead behind it is the proxy's to judge.)
    """

    def __init__(self, guard: Guard, user_agent: str) -> None:
        self._guard = guard
        self._user_agent = user_agent
        self._open: dict[str | None, aiohttp.ClientSession] = {}

    def through(self, proxy: str | None) -> aiohttp.ClientSession:
        session = self._open.get(proxy)
        if session is None:
            guard = self._guard if proxy is None else Guard(allow_private=True)
            session = self._open[proxy] = open_session(guard, self._user_agent, proxy)
        return session

    async def close(self) -> None:
        for session in self._open.values():
            await session.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One hop's answer; the body of redirects and errors is not read."""

    url: URL
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    received: int = 0
    took: float = 0.0

    def error(self, problem: FetchProblem, message: str) -> FetchError:
        return FetchError(problem, message, str(self.url), self.status, self.headers, self.took)


class Client:
    def __init__(
        self,
        sessions: Sessions,
        settings: PollSettings,
        guard: Guard,
        budgets: Budgets,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._sessions = sessions
        self._settings = settings
        self._guard = guard
        self._budgets = budgets
        self._clock = clock
        self._lines: dict[str, Line] = {}
        self._delay = settings.per_host_delay.total_seconds()
        self._timeout = settings.timeout.total_seconds()
        self.turns = Turns(
            in_all=settings.concurrency,
            on_a_site=settings.per_host,
            delay=lambda domain: max(self._delay, budgets.of(domain).delay),
        )

    async def page(self, request: Request) -> Page | FetchError:
        try:
            return await self._follow(request)
        except FetchError as error:
            return error

    async def _follow(self, request: Request) -> Page:
        """Ask, and go where redirects lead. Time spent waiting for our own turn is not the server's."""
        first = url = self._address(request.url, request.url)
        seen = {url}
        permanent, unbroken = None, True
        left = self._timeout
        while True:
            headers = _headers(request, first, url)
            line = self._line(url)
            await self.turns.take(line)
            try:
                self._unless_held(line, url)
                began = time.monotonic()
                answer = await self._ask(request, url, headers, left)
                left -= time.monotonic() - began
            finally:
                self.turns.give(line)
            self._budgets.learn(
                line.domain, answer.status, answer.headers, self._clock(), longest=self._settings.max
            )  # fmt: skip
            if answer.status not in _REDIRECTS or request.form is not None:
                answer = replace(answer, took=self._timeout - left)
                return _page(request, headers, answer, final=url if len(seen) > 1 else None, permanent=permanent)
            url = self._target(answer, seen)
            unbroken = unbroken and answer.status in _PERMANENT
            permanent = url if unbroken else permanent
            seen.add(url)

    def _target(self, answer: _Answer, seen: set[URL]) -> URL:
        location = answer.headers.get("location", "").strip()
        if not location:
            raise answer.error("redirects", f"a redirect ({answer.status}) that says no address")
        try:
            joined = str(answer.url.join(URL(location)))
        except ValueError as error:
            raise answer.error("redirects", f"a redirect to what is no address: {location[:200]!r}") from error
        url = self._address(joined, str(answer.url))
        if url in seen:
            raise answer.error("redirects", f"the redirects lead in a circle, back to {url}")
        if len(seen) > MOST_REDIRECTS:
            raise answer.error("redirects", f"more than {MOST_REDIRECTS} redirects, the last to {url}")
        return url

    def _address(self, url: str, asked: str) -> URL:
        try:
            return self._guard.web_address(url)
        except ValueError as error:
            redirected = "" if url == asked else f" (a redirect led to {url[:200]})"
            raise FetchError("address", f"{error}{redirected}", asked) from error

    def _line(self, url: URL) -> Line:
        host = url.host or ""
        line = self._lines.get(host)
        if line is None:
            domain = budget.domain_of(host)
            line = self._lines.get(domain) or Line(domain)
            self._lines[domain] = self._lines[host] = line
        return line

    def _unless_held(self, line: Line, url: URL) -> None:
        held = self._budgets.held(line.domain, self._clock())
        if held is not None:
            message = f"{line.domain} asked for a pause until {held.until:%Y-%m-%dT%H:%M:%SZ}: {held.reason}"
            raise FetchError("held", message, str(url), until=held.until)

    async def _ask(self, request: Request, url: URL, headers: Mapping[str, str], seconds: float) -> _Answer:
        session, form = self._sessions.through(request.proxy), request.form
        method = "GET" if form is None else "POST"
        began = time.monotonic()
        try:
            async with (
                asyncio.timeout(max(0.0, seconds)),
                session.request(method, url, headers=headers, data=form, allow_redirects=False) as response,
            ):
                answer = _Answer(url=url, status=response.status, headers=_received(response.headers))
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    return answer
                wire = await self._wire(response, answer)
                return replace(answer, body=self._inflated(wire, answer), received=len(wire))
        # Names, certificates, headers: a server can make each layer fail in its own way, ValueError included.
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise replace(_failure(error, url, self._settings), took=self._timeout - seconds + _since(began)) from error

    async def _wire(self, response: aiohttp.ClientResponse, answer: _Answer) -> bytes:
        limit = self._settings.max_bytes
        wire = bytearray()
        if (response.content_length or 0) > limit:
            raise answer.error("size", f"{response.content_length} bytes are more than poll.max_bytes ({limit})")
        async for chunk in response.content.iter_any():
            wire += chunk
            if len(wire) > limit:
                raise answer.error("size", f"more than poll.max_bytes ({limit})")
        return bytes(wire)

    def _inflated(self, wire: bytes, answer: _Answer) -> bytes:
        try:
            return inflate.inflate(wire, answer.headers.get("content-encoding", ""), self._settings.max_bytes)
        except inflate.TooLargeError as error:
            raise answer.error("size", f"{error} (poll.max_bytes)") from error
        except inflate.UnknownCodingError as error:
            raise answer.error("coding", str(error)) from error


def _headers(request: Request, first: URL, url: URL) -> dict[str, str]:
    """The operator's headers go to the host they were written for, validators to the address that gave them."""
    headers = dict(request.headers) if request.headers and _same_place(first, url) else {}
    etag, modified = _validators(request, (str(url), request.url) if url == first else (str(url),))
    if etag is not None:
        headers["If-None-Match"] = etag
    if modified is not None:
        headers["If-Modified-Since"] = modified
    return headers


def _validators(request: Request, spellings: Sequence[str]) -> tuple[str | None, str | None]:
    """What this address gave last, in whichever of these spellings it was noted."""
    latest = {request.validators_url or request.url: (request.etag, request.last_modified)}
    known = {**request.others, **latest} if request.etag or request.last_modified else request.others
    return next((known[url] for url in spellings if url in known), (None, None))


def _since(began: float) -> float:
    return time.monotonic() - began


def _same_place(first: URL, url: URL) -> bool:
    upgraded = (first.scheme, first.port, url.scheme, url.port) == ("http", 80, "https", 443)
    return first.host == url.host and (upgraded or first.origin() == url.origin())


def _page(
    request: Request, headers: Mapping[str, str], answer: _Answer, *, final: URL | None, permanent: URL | None
) -> Page:
    status = answer.status
    asked = "If-None-Match" in headers or "If-Modified-Since" in headers
    if status == HTTPStatus.NOT_MODIFIED and not asked:
        raise answer.error("status", "304 Not Modified, though nothing was said of an earlier answer")
    if status == HTTPStatus.PARTIAL_CONTENT:
        raise answer.error("status", "206 Partial Content, though the whole was asked for")
    if status >= HTTPStatus.MULTIPLE_CHOICES and status != HTTPStatus.NOT_MODIFIED:
        raise answer.error("status", f"the server answered {_phrase(status)}")
    return Page(
        url=request.url,
        final_url=str(final) if final else request.url,
        status=status,
        headers=answer.headers,
        body=answer.body,
        permanent_url=str(permanent) if permanent else None,
        received=answer.received,
        took=answer.took,
    )


def _received(headers: Mapping[str, str]) -> dict[str, str]:
    """Names in lower case, the first of several; bytes that are not UTF-8 (surrogates here) are read as Latin-1."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        found.setdefault(
            name.lower(), value if _is_utf8(value) else value.encode("utf-8", "surrogateescape").decode("latin-1")
        )
    return found


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _failure(error: Exception, url: URL, settings: PollSettings) -> FetchError:
    host = url.host or ""
    problem: FetchProblem = "connection"
    message = f"the connection to {host} failed: {_first_line(error)}"
    refused = _refused(error)
    if refused is not None:
        problem, message = "address", str(refused)
    elif isinstance(error, TimeoutError):
        problem, message = "timeout", f"no whole answer within {settings.timeout.total_seconds():g} s"
    elif isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        problem, message = "name", f"the name {host} is not known"
    elif isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        problem, message = "tls", f"no secure connection to {host}: {_first_line(error)}"
    elif isinstance(error, aiohttp.InvalidURL | UnicodeError):
        problem, message = "address", f"{host or url} is no name that can be looked up"
    elif isinstance(error, aiohttp.ClientConnectorError):
        message = f"no connection to {host}: {_first_line(_cause(error.os_error))}"
    return FetchError(problem, message, str(url))


def _cause(error: OSError) -> OSError:
    """In the system's own words: the event loop's name function, host and port, of several tries perhaps."""
    return OSError(os.strerror(error.errno)) if error.errno else error


def _refused(error: BaseException | None) -> _RefusedError | None:
    while error is not None and not isinstance(error, _RefusedError):
        error = getattr(error, "os_error", None) or error.__cause__
    return error


def _first_line(error: Exception) -> str:
    # What is wrong with an answer is told with the address in it, and so with what is secret there.
    said = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return (said or type(error).__name__).splitlines()[0].rstrip(":")[:200]
