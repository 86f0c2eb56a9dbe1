"""A real HTTP server on loopback that keeps a log of what it was asked, as witness."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    at: float


Answer = Callable[["Handler"], None]


@dataclass
class Site:
    """Answers by path; an unknown one is 404. `busiest` is how many requests were under way at once at most."""

    address: str = "127.0.0.1"
    answers: dict[str, Answer] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str | None = None) -> str:
        return f"http://{host or self.address}:{self.port}{path}"

    def gives(
        self, path: str, body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None, pause: float = 0
    ) -> str:
        """Answer this path so; gives its address."""

        def answer(handler: Handler) -> None:
            self.ended.wait(pause)
            handler.send_response(status)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            if "Content-Length" not in (headers or {}):
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer
        return self.url(path)

    def redirects(self, path: str, status: int, to: str) -> str:
        return self.gives(path, status=status, headers={"Location": to})

    def sends(self, path: str, *raw: bytes, pause: float = 0) -> str:
        """Send these very bytes, with a pause before each, and close."""

        def answer(handler: Handler) -> None:
            for piece in raw:
                self.ended.wait(pause)
                handler.wfile.write(piece)
                handler.wfile.flush()
            handler.close_connection = True

        self.answers[path] = answer
        return self.url(path)

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.log if asked.path == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        with self.site.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.site.log.append(Asked(self.path, headers, time.monotonic()))
            self.site.busy += 1
            self.site.busiest = max(self.site.busiest, self.site.busy)
        answer = self.site.answers.get(self.path, _not_found)
        try:
            with suppress(ConnectionError):  # the caller may have had enough
                answer(self)
        finally:
            with self.site.lock:
                self.site.busy -= 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it overrides
        pass


def _not_found(handler: Handler) -> None:
    handler.send_error(404)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that the caller broke off is what several tests are about."""


@contextmanager
def serving(address: str) -> Iterator[Site]:
    """A site on an address of 127.0.0.0/8, each one a host of its own."""
    site = Site(address)
    server = Server((address, 0), type("SiteHandler", (Handler,), {"site": site}))
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
