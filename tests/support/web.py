"""A publication with two readers, its web application at work on loopback, and a browser without opinions."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from aggregator.app import App
from aggregator.config import Config
from aggregator.send import tokens
from aggregator.store import deliveries, secrets, subscribers
from aggregator.store.engine import reading, writing
from aggregator.web.server import listen

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case; a header that came twice is joined by commas."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """`path` goes over the wire as it stands; header names are written with underscores."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Connection": "close", **named})
        answer = connection.getresponse()
        found: dict[str, str] = {}
        for name, value in answer.getheaders():
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


@dataclass
class Desk:
    app: App
    port: int = 0

    @property
    def out(self) -> Path:
        return self.app.config.output_folder

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        return ask(self.port, path, method, body, **headers)

    def post(self, path: str, body: bytes = b"confirm=yes", kind: str = "application/x-www-form-urlencoded") -> Answer:
        return self.ask(path, "POST", body, Content_Type=kind)

    def token(self, email: str, newsletter: str = "daily") -> str:
        with writing(self.app.engine) as conn:
            person = next(one for one in subscribers.load(conn) if one.email == email)
            wish = dict(subscribers.readers(conn, newsletter))[person.id]
            return tokens.make(secrets.key(conn, "tokens"), "reader", wish)

    def gets(self, email: str) -> tuple[str, ...]:
        with reading(self.app.engine) as conn:
            return next(one.newsletters for one in subscribers.load(conn) if one.email == email)

    def planned(self, newsletter: str, number: int) -> None:
        """An edition is on its way to all its readers."""
        with writing(self.app.engine) as conn:
            to = subscribers.readers(conn, newsletter)
            deliveries.plan(conn, newsletter, number, to, message_id=lambda one: f"<{one}.{number}@x>", now=NOW)

    def states(self) -> dict[str, str]:
        """newsletter/number to whom -> state."""
        with reading(self.app.engine) as conn:
            return {f"{one.edition} {one.email}": one.state for one in deliveries.listed(conn)}

    def put(self, path: str, data: bytes | str) -> Path:
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())
        return target


@contextmanager
def serving(app: App) -> Iterator[int]:
    with running(listen(app, "127.0.0.1", 0)) as port:
        yield port
    app.close()


@contextmanager
def running(server: Any) -> Iterator[int]:
    """A server at work in a thread of its own, until the block ends; its port."""
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        _end(server)
        thread.join(30)
        assert not thread.is_alive(), "the server did not end"


def _end(server: Any) -> None:
    """In the server's own thread, as it asks for, and its workers first: they write to the pipe that closing it closes.

    Ours is the same pipe. What we ask for may be done before we have written to it, where a worker's writing woke the
    server already; so it waits until we have.
    """
    written = threading.Event()

    def close() -> None:
        written.wait(30)
        server.task_dispatcher.shutdown()
        for channel in list(server.active_channels.values()):  # a browser holds its connections
            channel.handle_close()
        server.close()

    server.trigger.pull_trigger(close)
    written.set()


def configured(folder: Path, **more: Any) -> Config:
    said: dict[str, Any] = {
        "publication": {"title": "The China Desk", "link": "https://desk.example", "timezone": "Asia/Shanghai"},
        "database": f"sqlite:///{folder / 'state.db'}",
        "output": str(folder / "out"),
        "sources": [{"name": "wire", "url": "https://wire.example/feed"}],
        "newsletters": [
            {"name": "daily", "title": "Morning <Briefing>", "schedule": "07:00"},
            {"name": "weekly", "title": "The Week", "schedule": "08:00 sun"},
        ],
    }
    return Config.model_validate(said | more)
