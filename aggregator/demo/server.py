"""The sample sources over real HTTP on loopback: HTTP/1.1, gzip when asked for, honest about validators."""

import gzip
import hashlib
import http.server
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aggregator.demo.ports import HOST, bind, port_of
from aggregator.demo.samples import MODIFIED, SAMPLES, Sample


@dataclass(frozen=True, slots=True)
class Seen:
    """One answered request. `conditional`: the client sent a validator."""

    path: str
    status: int
    conditional: bool


@dataclass(frozen=True, slots=True)
class SampleServer:
    base_url: str
    requests: list[Seen] = field(default_factory=list)
    """In the order of the answers; grows while the server runs."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@contextmanager
def serve(remembered: Path | None = None, samples: Sequence[Sample] = SAMPLES) -> Iterator[SampleServer]:
    """Serve until the block ends. `remembered`: the file that keeps the port for the next run."""
    bound = bind(remembered)
    shown = SampleServer(f"http://{HOST}:{port_of(bound)}")
    httpd = _Server(bound, {sample.path: sample for sample in samples}, shown.requests)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, name="sample-server")
    thread.start()
    try:
        yield shown
    finally:
        httpd.stop()
        thread.join()


def answer(sample: Sample | None, headers: Message) -> Answer:
    """What this sample answers to a GET with these headers."""
    if sample is None:
        return Answer(HTTPStatus.NOT_FOUND)
    if sample.moved_to:
        return Answer(HTTPStatus.MOVED_PERMANENTLY, (("Location", sample.moved_to),))
    if sample.status != HTTPStatus.OK:
        return Answer(sample.status)
    body = sample.body()
    zipped = _accepts_gzip(headers.get("Accept-Encoding", ""))
    sent = gzip.compress(body, mtime=0) if zipped else body
    validators = _validators(sample, sent)
    always = (("Vary", "Accept-Encoding"), ("Cache-Control", "max-age=0"), *validators.items())
    if _unchanged(headers, validators):
        return Answer(HTTPStatus.NOT_MODIFIED, always)
    coding = (("Content-Encoding", "gzip"),) if zipped else ()
    return Answer(HTTPStatus.OK, (("Content-Type", _content_type(sample)), *coding, *always), sent)


def _content_type(sample: Sample) -> str:
    # JSON is always UTF-8 and its media type knows no charset.
    return sample.media_type if sample.media_type.endswith("json") else f"{sample.media_type}; charset={sample.charset}"


def _validators(sample: Sample, sent: bytes) -> dict[str, str]:
    """The ETag is of the bytes as sent: packed and plain are two representations."""
    made = {
        "etag": ("ETag", f'"{hashlib.sha256(sent).hexdigest()[:20]}"'),
        "last-modified": ("Last-Modified", format_datetime(MODIFIED.astimezone(UTC), usegmt=True)),
    }
    return dict(made[kind] for kind in sample.validators)


def _unchanged(headers: Message, validators: dict[str, str]) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides where it is given, and If-Modified-Since only where it is not."""
    if (tags := headers.get("If-None-Match")) is not None:
        given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "ETag" in validators and ("*" in given or validators["ETag"] in given)
    if (since := headers.get("If-Modified-Since")) is not None and "Last-Modified" in validators:
        try:
            return parsedate_to_datetime(since).astimezone(UTC) >= MODIFIED
        except ValueError:
            return False
    return False


def _accepts_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


class _Server(http.server.ThreadingHTTPServer):
    """Its threads are joined at the end, so the connections that clients keep open are cut first."""

    daemon_threads = False

    def __init__(self, bound: socket.socket, samples: dict[str, Sample], log: list[Seen]) -> None:
        super().__init__((HOST, port_of(bound)), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = bound
        self.samples = samples
        self.log = log
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that hangs up is no error of ours
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.ending.set()
        self.shutdown()
        with self._lock:
            for request in self._open:
                _cut(request)
        self.server_close()


def _cut(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        sample = self.server.samples.get(path)
        if sample is not None and sample.delay:
            self.server.ending.wait(sample.delay)
        given = answer(sample, self.headers)
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        self.server.log.append(Seen(path, int(given.status), conditional))
        self._write(given)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _write(self, given: Answer) -> None:
        self.send_response(given.status)
        for name, value in given.headers:
            self.send_header(name, value)
        if given.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(given.body)

    def version_string(self) -> str:
        return "samples"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing on standard error: `requests` is the log."""
