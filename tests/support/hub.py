"""A real little WebSub hub on loopback: takes subscriptions, verifies them afterwards, pushes, and keeps a log."""

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class Said:
    """How the subscriber answered."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Hub:
    port: int = 0
    lease: str | None = "864000"
    challenge: str = "c0ffee"
    denies: str | None = None
    status: int = 202
    moved_to: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    """Every form that came."""
    verified: list[Said] = field(default_factory=list)
    subscriptions: dict[str, dict[str, str]] = field(default_factory=dict)
    """callback -> the form that was verified."""
    fetches: bool = False
    """Whether it gets a feed that it is told of."""
    fetched: dict[str, str] = field(default_factory=dict)
    """topic -> what was there when it was told last."""
    _open: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    @property
    def modes(self) -> list[str]:
        return [form["hub.mode"] for form in self.asked]

    def counts(self, step: int) -> None:
        with self._changed:
            self._open += step
            self._changed.notify_all()

    def settled(self) -> None:
        """Until every verification that an answer promised is done."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._open == 0, timeout=30), "the hub does not come to an end"

    def verifies(self, form: dict[str, str]) -> None:
        try:
            self._verify(form)
        finally:
            self.counts(-1)

    def gets(self, topic: str) -> None:
        try:
            self.fetched[topic] = _ask("GET", topic).text
        finally:
            self.counts(-1)

    def _verify(self, form: dict[str, str]) -> None:
        if self.denies is not None:
            said = {"hub.mode": "denied", "hub.topic": form["hub.topic"], "hub.reason": self.denies}
            self.verified.append(self.calls(form["hub.callback"], said))
            return
        said = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": self.challenge}
        if self.lease is not None:
            said["hub.lease_seconds"] = self.lease
        answer = self.calls(form["hub.callback"], said)
        self.verified.append(answer)
        if answer.status == 200 and answer.text == self.challenge:
            if form["hub.mode"] == "subscribe":
                self.subscriptions[form["hub.callback"]] = form
            else:
                self.subscriptions.pop(form["hub.callback"], None)

    def calls(self, callback: str, said: dict[str, str]) -> Said:
        return _ask("GET", callback, query=urlencode(said))

    def pushes(
        self,
        body: bytes,
        *,
        algorithm: str = "sha256",
        signature: str | None = None,
        kind: str = "application/rss+xml",
        to: str | None = None,
    ) -> Said:
        """To its one subscriber; signed as agreed, unless another signature ("": none) is given."""
        callback, form = (
            next(iter(self.subscriptions.items()))
            if to is None
            else (to, self.subscriptions.get(to, {"hub.secret": "?"}))
        )
        if signature is None:
            signature = f"{algorithm}={hmac.new(form['hub.secret'].encode(), body, algorithm).hexdigest()}"
        headers = {"Content-Type": kind, "Link": f'<{self.url}>; rel="hub"'}
        if signature:
            headers["X-Hub-Signature"] = signature
        return _ask("POST", callback, body=body, headers=headers)


def _ask(
    method: str, url: str, *, query: str = "", body: bytes | None = None, headers: dict[str, str] | None = None
) -> Said:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        with suppress(ConnectionError):  # an answer may come before all of the body is read
            connection.request(
                method,
                f"{parts.path}?{query}" if query else parts.path,
                body,
                {"Connection": "close", **(headers or {})},
            )
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Said(answer.status, found, answer.read().decode())
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        moved = self.hub.moved_to if self.path == "/hub" else None
        taken = moved is None and self.hub.status == 202
        if moved is None:
            self.hub.asked.append(form)
        told = form.get("hub.mode") == "publish"
        taken = taken and (self.hub.fetches or not told)
        if taken:
            self.hub.counts(1)
        self.send_response(308 if moved else self.hub.status)
        if moved:
            self.send_header("Location", moved)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if taken:
            work = (self.hub.gets, form["hub.url"]) if told else (self.hub.verifies, form)
            threading.Thread(target=work[0], args=work[1:]).start()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it overrides
        pass


@contextmanager
def hub() -> Iterator[Hub]:
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (_Handler,), {"hub": made}))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.settled()
        server.shutdown()
        server.server_close()
        thread.join()


class _Prefix(BaseHTTPRequestHandler):
    """As a reverse proxy that serves an application below a folder."""

    prefix: str
    to: int

    def _pass(self) -> None:
        if not self.path.startswith(self.prefix):
            self.send_error(404)
            return
        length = int(self.headers.get("Content-Length", 0))
        connection = HTTPConnection("127.0.0.1", self.to, timeout=30)
        body = self.rfile.read(length) if length else None
        kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        connection.request(self.command, self.path.removeprefix(self.prefix), body, kept | {"Connection": "close"})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._pass()

    def do_POST(self) -> None:
        self._pass()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it overrides
        pass


@contextmanager
def behind(prefix: str, port: int) -> Iterator[str]:
    """A proxy before the server at `port`; the address below which it is found."""
    handler = type("PrefixHandler", (_Prefix,), {"prefix": prefix, "to": port})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
