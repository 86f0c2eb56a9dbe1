"""Waitress around the application: threads, limits, and where it listens."""

import resource
import socket
from collections.abc import Callable
from copy import copy
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server

from aggregator.app import App
from aggregator.errors import UsageError
from aggregator.web.application import HUBS, LARGEST_BODY, create

_THREADS = 8
_IDLE_SECONDS = 10
_CONNECTIONS = 1000
_LARGEST_REFUSED = 16 * LARGEST_BODY
"""What is beyond ours, but not absurd, gets a page that says so."""
_OWN_FILES = 100
"""What the process has open beside them: the database, pages, libraries."""


def listen(app: App, host: str, port: int) -> Any:
    """A server that holds its port already; `run()` serves until it is ended, `close()` lets the port go.

    Raises UsageError where there is no listening, StoreError where there is no database.
    """
    app.engine  # noqa: B018  opens it now, or says why not
    return serve_wsgi(create(app), host, port, largest_body=max(_LARGEST_REFUSED, app.config.poll.max_bytes + 1))


def serve_wsgi(application: Callable[..., Any], host: str, port: int, *, largest_body: int = _LARGEST_REFUSED) -> Any:
    """The same for any application, without a database."""
    listening: dict[int, Any] = {}
    server = create_server(
        application,
        map=listening,
        sockets=_bound(host, port),
        threads=_THREADS,
        ident=None,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=max(1, _IDLE_SECONDS // 2),
        connection_limit=_connections(),
        asyncore_use_poll=True,  # select knows no file beyond number 1023
        max_request_body_size=largest_body,
        max_request_header_size=16 * 1024,
    )
    for each in listening.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = _Channel
    return server


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Bodies as large as feeds are taken only where hubs send them: a body is on our disk before anybody looks at it."""

    adj: Any
    """The server's settings; of a request's own where they differ."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if not self.path.startswith(HUBS):
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = _LARGEST_REFUSED


class _Channel(HTTPChannel):  # type: ignore[misc]  # likewise
    parser_class = _Parser


def _connections() -> int:
    """At most so many at once. Who holds one and says nothing keeps nobody out, nor uses up the files we may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _CONNECTIONS if files == resource.RLIM_INFINITY else max(1, min(_CONNECTIONS, files - _OWN_FILES))


def _bound(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address that the name stands for. (Waitress leaves its own open where one fails.)"""
    found: list[socket.socket] = []
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, address in dict.fromkeys((family, address) for family, *_, address in known):
            found.append(socket.create_server(address[:2], family=family))
    except (OSError, UnicodeError) as error:
        for each in found:
            each.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}", hint="name another with --host and --port, or web.listen"
        ) from error
    return found


def addresses(server: Any) -> list[str]:
    """Where it listens, as a browser takes it: a host name may stand for several."""
    pairs = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    return [f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/" for host, port in pairs]
