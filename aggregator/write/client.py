"""One question to an OpenAI-compatible server, and its answer: the only module of the writer that knows the network.

Everything is bounded: the whole exchange in time (names looked up, headers and all), the answer in bytes, redirects to none.
The key goes to the configured address only, and into no sentence. What a server does not take is asked for in a simpler way:
a schema, then any JSON object, then words alone.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Event
from typing import Any, Literal

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.config import Writer
from aggregator.errors import WriterError, WriterProblem
from aggregator.model import Prompt, Reply
from aggregator.write.prompt import SCHEMA

_MOST_BYTES = 1_000_000
_LONGEST_SENTENCE = 200
"""Of a server's own words on what went wrong."""
_LOOK = 0.2
"""Seconds between two looks at whether we are to end."""
_SIMPLER = 5
"""Ways in which one question is asked before it is given up."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """What of the protocol the server takes: servers differ, and say so by 400."""

    form: Literal["json_schema", "json_object", "text"] = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True


class ChatClient:
    """Remembers in which manner its server is to be asked."""

    def __init__(self, settings: Writer, user_agent: str, *, stop: Event | None = None) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._stop = stop
        self._manner = _Manner()

    def answer(self, prompt: Prompt) -> Reply | WriterError:
        for _ in range(_SIMPLER):
            got = asyncio.run(self._exchange(_body(self._settings.model, prompt, self._manner)))
            if isinstance(got, WriterError):
                return got
            simpler = _simpler(self._manner, got) if got.status in _UNPROCESSED else None
            if simpler is None:
                return self._read(got)
            self._manner = simpler
        return self._error("request", "does not take the question in any manner that we know", status=got.status)

    # --- the exchange -----------------------------------------------------------------------------------

    async def _exchange(self, body: dict[str, Any]) -> "_Answer | WriterError":
        """Bounded by `timeout` as a whole, and ended early where the program ends."""
        task = asyncio.ensure_future(self._post(body))
        deadline = time.monotonic() + self._settings.timeout.total_seconds()
        while not task.done():
            left = deadline - time.monotonic()
            if left <= 0 or (self._stop is not None and self._stop.is_set()):
                task.cancel()
                await asyncio.wait([task])
                ended = left > 0
                return self._error(
                    "timeout", "was not waited for: the program ends" if ended else "did not answer in time", paid=True
                )
            await asyncio.wait([task], timeout=min(left, _LOOK))
        return task.result()

    async def _post(self, body: dict[str, Any]) -> "_Answer | WriterError":
        sent = False
        try:
            async with self._session() as session:
                asked = session.post(self._settings.chat_url, json=body, headers=self._headers(), allow_redirects=False)
                async with asked as response:
                    sent = True
                    data = await _bounded(response)
                    return _Answer(response.status, response.headers, data)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return self._error("connection", _connection(error), paid=sent)

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=1, force_close=True, resolver=_Resolver())
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # neither a proxy nor a .netrc that nobody configured for this
            proxy=self._settings.proxy_url,
            timeout=aiohttp.ClientTimeout(total=None),  # ours holds for names and threads as well
        )

    def _headers(self) -> dict[str, str]:
        said = {"User-Agent": self._user_agent, "Accept": "application/json", "Accept-Encoding": "identity"}
        key = self._settings.secret
        return said if key is None else {**said, "Authorization": f"Bearer {key}"}

    # --- what it says -----------------------------------------------------------------------------------

    def _read(self, got: "_Answer") -> Reply | WriterError:
        if got.status != HTTPStatus.OK:
            return self._refused(got)
        if got.data is None:
            return self._error("size", f"answers with more than {_MOST_BYTES:,} bytes", status=got.status, paid=True)
        kind = got.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "text/event-stream":
            return self._error("answer", "streams, though it was not asked to", status=got.status, paid=True)
        try:
            said = _COMPLETION.decode(got.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            hint = "see that writer.url ends where the interface begins, as in …/v1"
            return self._error(
                "answer", "gives no answer of this protocol", status=got.status, paid=True, hint=hint
            )  # fmt: skip
        return said.reply()

    def _refused(self, got: "_Answer") -> WriterError:
        problem, words, hint = _PROBLEMS.get(got.status) or _of_class(got.status)
        said = _said(got.data or b"")
        return self._error(
            problem,
            f"{words} ({got.status}{f': {said}' if said else ''})",
            status=got.status,
            wait=_retry_after(got.headers.get("Retry-After"), datetime.now(UTC)),
            hint=hint,
        )

    def _error(self, problem: WriterProblem, words: str, **more: Any) -> WriterError:
        """Servers repeat keys, and addresses may hold them."""
        said = f"{self._settings.url} {words}"
        key = self._settings.secret
        return WriterError(problem, said.replace(key, "***") if key else said, **more)


@dataclass(frozen=True, slots=True)
class _Answer:
    """`data`: None where there was more than we read."""

    status: int
    headers: Mapping[str, str]
    data: bytes | None


class _Resolver(AbstractResolver):
    """Names to addresses, in a thread that nobody waits for: a name server that does not answer must not hold us up."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        infos = await loop.run_in_executor(
            self._pool, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        )
        return [
            {"hostname": host, "host": str(address[0]), "port": port, "family": kind, "proto": 0, "flags": 0}
            for kind, _, _, _, address in infos
        ]

    async def close(self) -> None:
        self._pool.shutdown(wait=False)


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        data += chunk
        if len(data) > _MOST_BYTES:
            return None
    return bytes(data)


_BROKEN: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError), "has no certificate that can be trusted"),
    (aiohttp.ClientConnectorDNSError, "cannot be found: its name has no address"),
    ((aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError), "cannot be reached through writer.proxy"),
    (aiohttp.ClientConnectorError, "cannot be reached"),
    (aiohttp.ClientPayloadError, "broke off in the middle of its answer"),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError), "closed the connection without an answer"),
)


def _connection(error: Exception) -> str:
    """In our words: those of libraries hold addresses and headers."""
    said = (words for kinds, words in _BROKEN if isinstance(error, kinds))
    return next(said, f"gives no answer in HTTP ({type(error).__name__})")


# --- the question ----------------------------------------------------------------------------------------


def _body(model: str, prompt: Prompt, manner: _Manner) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": prompt.task}, {"role": "user", "content": prompt.data}],
        manner.limit: prompt.most_tokens,
        "stream": False,
    }
    if manner.temperature:
        asked["temperature"] = 0
    if manner.form == "json_schema":
        schema = {"name": "briefing", "strict": True, "schema": SCHEMA}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif manner.form == "json_object":
        asked["response_format"] = {"type": "json_object"}
    return asked


_UNPROCESSED = frozenset((HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY))


def _simpler(manner: _Manner, got: _Answer) -> _Manner | None:
    """How to ask again after a 400: without what it complains of, else in a form that more servers know."""
    said = (got.data or b"").decode("utf-8", "replace").lower()
    if "max_completion_tokens" in said and manner.limit == "max_tokens":
        return replace(manner, limit="max_completion_tokens")
    if "temperature" in said and manner.temperature:
        return replace(manner, temperature=False)
    match manner.form:
        case "json_schema":
            return replace(manner, form="json_object")
        case "json_object":
            return replace(manner, form="text")
        case "text":
            return None


# --- the answer ------------------------------------------------------------------------------------------


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None

    def reply(self) -> Reply:
        usage = self.usage or _Usage()
        counted: dict[str, Any] = {
            "input": _count(usage.prompt_tokens),
            "output": _count(usage.completion_tokens),
        }
        if not self.choices:
            return Reply(text=None, **counted)
        choice = self.choices[0]
        finish = "tool_calls" if choice.message.tool_calls else choice.finish_reason or "stop"
        return Reply(text=choice.message.content, finish=finish, refusal=choice.message.refusal, **counted)


_COMPLETION = msgspec.json.Decoder(_Completion)
_MOST_TOKENS = 100_000_000


def _count(tokens: int | None) -> int | None:
    """What a server counts cannot be less than nothing, nor more than a ledger holds."""
    return tokens if tokens is not None and 0 <= tokens <= _MOST_TOKENS else None


class _Complaint(msgspec.Struct):
    message: str = ""


class _Complaints(msgspec.Struct):
    error: _Complaint | str = ""


def _said(data: bytes) -> str:
    """The server's own sentence, on one line; nothing where it is none of the protocol."""
    try:
        error = msgspec.json.decode(data, type=_Complaints).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    words = " ".join((error if isinstance(error, str) else error.message).split())
    plain = "".join(sign for sign in words if sign.isprintable())
    return plain if len(plain) <= _LONGEST_SENTENCE else f"{plain[:_LONGEST_SENTENCE]}…"


_Told = tuple[WriterProblem, str, str | None]
_PROBLEMS: dict[int, _Told] = {
    401: ("key", "does not take the key", "see writer.key and the variable that it names"),
    403: ("key", "does not allow it", "see writer.key, and what it may do"),
    402: ("busy", "wants to be paid first", "see the account's credit"),
    404: ("model", "has no such model, or no interface at this address", "see writer.model and writer.url"),
    408: ("timeout", "did not get the question in time", None),
    429: ("busy", "asks for a pause", None),
}


def _of_class(status: int) -> _Told:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server", "failed", None
    if status >= HTTPStatus.BAD_REQUEST:
        return (
            "request",
            "does not take the question",
            "see writer.model, and whether the server knows chat completions",
        )
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return (
            "redirect",
            "leads elsewhere, where the key is not sent",
            "write the address that it leads to in writer.url",
        )
    return "answer", "answers without saying anything", None


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds, also of a date."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
