"""A mail server on loopback that keeps every letter as a file and passes none on."""

import asyncio
import os
import re
import socket
from collections.abc import Awaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from aggregator.demo.ports import HOST, bind, port_of

_READY_SECONDS = 30.0
_UNSAFE = re.compile(r"[^a-z0-9@._+-]+")
_NUMBERED = re.compile(r"(\d+)-.*")


class SmtpSink:
    """Keeps each accepted letter as `NNN-recipient.eml`, one file a recipient, its bytes as they came over the wire.

    A letter is on disk, whole, before it is answered 250. Numbers go on where an earlier run in the folder ended.
    """

    def __init__(self, folder: Path, remembered: Path | None = None) -> None:
        """`remembered`: the file that keeps the port for the next run."""
        self.folder = folder
        self._remembered = remembered
        self._controller: _Controller | None = None
        self._shelf: _Shelf | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._shelf = _Shelf(self.folder)
        bound = bind(self._remembered)
        try:
            self._controller = _Controller(self._shelf, bound)
            self._controller.start()
        except BaseException:
            bound.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._controller is not None:
            self._controller.stop()

    @property
    def port(self) -> int:
        if self._controller is None:
            raise RuntimeError("the sink has no port before it is entered")
        return self._controller.bound_port

    @property
    def count(self) -> int:
        """Letters kept by this sink so far, not those of earlier runs."""
        return self._shelf.count if self._shelf is not None else 0


class _Shelf:
    """The handler of the mail server. It runs in the server's one thread, so letters are numbered one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._next = 1 + max((_number(path) for path in folder.iterdir()), default=0)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        try:
            for recipient in envelope.rcpt_tos:
                self._keep(recipient, _bytes(envelope.content))
        except OSError as error:
            return f"451 4.3.0 The letter could not be kept: {error.strerror}"
        return "250 2.0.0 Kept"

    def _keep(self, recipient: str, letter: bytes) -> None:
        """A letter gets its name only once it is whole; what a crash leaves behind ends in .part."""
        name = f"{self._next:03d}-{safe_name(recipient)}.eml"
        self._next += 1
        part = self.folder / f"{name}.part"
        with part.open("xb") as file:
            file.write(letter)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.folder / name)
        self.count += 1


class _Controller(Controller):
    """Takes a socket that listens already: aiosmtpd's own cannot start on port 0."""

    def __init__(self, handler: _Shelf, bound: socket.socket) -> None:
        self.bound = bound
        self.bound_port = port_of(bound)
        super().__init__(handler, hostname=HOST, port=self.bound_port, ready_timeout=_READY_SECONDS)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.bound)


def safe_name(address: str) -> str:
    """The address as part of a file name: lower case, no separators, no dot in front, not too long."""
    return _UNSAFE.sub("_", address.lower())[:80].strip("._") or "unknown"


def _number(path: Path) -> int:
    found = _NUMBERED.fullmatch(path.name)
    return int(found[1]) if found else 0


def _bytes(content: Any) -> bytes:
    """Text would come only where aiosmtpd was asked to decode, which it was not."""
    assert isinstance(content, bytes)
    return content
