"""A real little server on loopback that speaks as OpenAI-compatible ones do, and fails as they do. It keeps what it was asked."""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Model = Callable[[dict[str, Any]], str]
"""What it answers to what it is asked: the `data` of the question, decoded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, as it came."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def task(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.body["messages"][1]["content"]))

    @property
    def form(self) -> str:
        return str(self.body.get("response_format", {}).get("type", "text"))


@dataclass(frozen=True, slots=True)
class Says:
    """One answer out of the ordinary. `raw`: these bytes on the connection instead of an answer; `drip`: a byte every so
    many seconds; `silent`: nothing at all; `cut`: as many bytes of the body, of those that were promised.
    """

    status: int = 200
    body: bytes | str | Mapping[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drip: float | None = None
    silent: bool = False
    cut: int | None = None


def completion(content: str | None, *, finish: str = "stop", usage: Any = (100, 50), **message: Any) -> dict[str, Any]:
    """As the protocol has it."""
    said: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
        ],
    }
    if usage is not None:
        said["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return said


def sentences(*told: str, sources: tuple[int, ...] = (1,)) -> str:
    """A briefing as it is asked for."""
    return json.dumps({"sentences": [{"text": one, "sources": list(sources)} for one in told]}, ensure_ascii=False)


@dataclass
class WriterServer:
    """Use as a context manager: `writer_server()`. `script`: answers, each taken once; then `model` answers."""

    model: Model = lambda _: sentences("The sources tell of an event.", "Nothing more is known of it.")
    script: deque[Says] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    takes: frozenset[str] = frozenset(("json_schema", "json_object", "text"))
    """The forms of an answer that it knows."""
    key: str | None = None
    """Without it, 401."""
    models: frozenset[str] | None = None
    port: int = 0
    before: Callable[[], object] = lambda: None
    """Called when a question has come, before it is answered."""
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def says(self, *answers: Says) -> None:
        self.script.extend(answers)

    def answers(self, asked: Asked) -> Says:
        if self.script:
            return self.script.popleft()
        if self.key is not None and asked.headers.get("authorization") != f"Bearer {self.key}":
            given = asked.headers.get("authorization", "").removeprefix("Bearer ")
            return Says(401, {"error": {"message": f"Incorrect API key provided: {given}.", "code": "invalid_api_key"}})
        if self.models is not None and asked.body["model"] not in self.models:
            return Says(404, {"error": {"message": f"The model `{asked.body['model']}` does not exist"}})
        if asked.form not in self.takes:
            return Says(400, {"error": {"message": f"'response_format' of type {asked.form} is not supported"}})
        return Says(body=completion(self.model(asked.data)))

    def wait(self, seconds: float) -> bool:
        """Whether it has ended meanwhile."""
        return self._ended.wait(seconds)

    def end(self) -> None:
        self._ended.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_is: WriterServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server_is.asked.append(asked)
        self.server_is.before()
        with suppress(ConnectionError):
            self._say(self.server_is.answers(asked))

    def do_GET(self) -> None:
        """Nobody asks so, but who followed a redirect."""
        self.server_is.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, {}))
        self._say(Says(404))

    def _say(self, says: Says) -> None:
        self.close_connection = True
        if says.silent:
            self.server_is.wait(30)
            return
        if says.raw is not None:
            self.wfile.write(says.raw)
            return
        data = json.dumps(says.body).encode() if isinstance(says.body, Mapping) else says.body
        data = data.encode() if isinstance(data, str) else data
        lines = {"Content-Type": "application/json", "Content-Length": str(len(data)), **says.headers}
        head = f"HTTP/1.1 {says.status} So\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        whole = head.encode() + b"\r\n" + (data if says.cut is None else data[: says.cut])
        if says.drip is None:
            self.wfile.write(whole)
        else:
            for byte in whole:
                self.wfile.write(bytes((byte,)))
                if self.server_is.wait(says.drip):
                    return
        if says.cut is not None:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it overrides
        pass


@contextmanager
def writer_server(**values: Any) -> Iterator[WriterServer]:
    made = WriterServer(**values)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("WriterHandler", (_Handler,), {"server_is": made}))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.end()
        server.shutdown()
        server.server_close()
        thread.join()
