"""Waitress around the application: threads, limits, and where it listens."""

import resource
import socket
from typing import Any

from waitress.server import create_server

from aggregator.app import App
from aggregator.errors import UsageError
from aggregator.web.application import LARGEST_BODY, create

_THREADS = 8
_IDLE_SECONDS = 10
_CONNECTIONS = 1000
_OWN_FILES = 100
"""What the process has open beside them: the database, pages, libraries."""


def listen(app: App, host: str, port: int) -> Any:
    """A server that holds its port already; `run()` serves until it is ended, `close()` lets the port go.

    Raises UsageError where there is no listening, StoreError where there is no database.
    """
    app.engine  # noqa: B018  opens it now, or says why not
    return create_server(
        create(app),
        sockets=_bound(host, port),
        threads=_THREADS,
        ident=None,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=max(1, _IDLE_SECONDS // 2),
        connection_limit=_connections(),
        asyncore_use_poll=True,  # select knows no file beyond number 1023
        max_request_body_size=16 * LARGEST_BODY,  # what is beyond ours, but not absurd, gets a page that says so
        max_request_header_size=16 * 1024,
    )


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
