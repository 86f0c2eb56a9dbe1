"""Strangers' bytes are read in a child process that can be killed.

feedparser, nh3 and expat all have inputs of a few hundred kilobytes that take them minutes or gigabytes, and nothing
inside a process can stop them. The child has a memory limit and ends itself a little after the deadline, also when we
are gone by then. It speaks JSON over a socket: what a taken-over parser says must not become code here.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Entry, Page, Reading

_LENGTH = struct.Struct("!Q")
_GIB = 1024**3
PATIENCE = 20.0
"""Seconds for a page: three times what the largest feed of ten thousand items takes on a small machine."""
_START = 20.0
"""Seconds for a child to come up: Python's own imports, on a machine that is busy."""
_GRACE = 2
_KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""All that the child gets of the environment: no password reaches the process that reads strangers' bytes."""


class InProcess:
    """The same reading without walls, for tests."""

    def read(self, source: Source, page: Page, now: datetime) -> Reading | ParseError:
        try:
            return _read(source, page, now)
        except ParseError as error:
            return error


class Cage:
    """A Reader whose work is bounded: `seconds` a page, `memory` bytes of address space. Use it in a `with`."""

    def __init__(self, seconds: float = PATIENCE, memory: int = _GIB) -> None:
        self._seconds = seconds
        self._memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int | None:
        """The child's, None while there is none."""
        return self._child.pid if self._child is not None else None

    def read(self, source: Source, page: Page, now: datetime) -> Reading | ParseError:
        question = json.dumps({"source": source.model_dump(mode="json"), "now": now.isoformat(), "page": _told(page)})
        line = self._started()
        try:
            deadline = time.monotonic() + self._seconds
            _send(line, question.encode(), deadline)
            _send(line, page.body, deadline)
            answer = json.loads(_receive(line, deadline))
        except TimeoutError:
            self._end(patience=0)
            return ParseError(f"the page takes more than {self._seconds:g} s to read")
        except (OSError, EOFError, ValueError):
            return ParseError(self._death())
        return _reading(answer)

    def _started(self) -> socket.socket:
        """The line to a living child, a new one if need be."""
        if self._line is None or self._child is None or self._child.poll() is not None:
            self._end()
            self._line, theirs = socket.socketpair()
            with theirs:
                self._child = _spawn(theirs, self._seconds, self._memory)
            try:
                _receive(self._line, time.monotonic() + _START)
            except (OSError, EOFError) as error:
                raise RuntimeError(f"the process that reads pages does not start (exit code {self._end()})") from error
        return self._line

    def _death(self) -> str:
        code = self._end()
        if code == os.EX_UNAVAILABLE:
            return f"the page takes more than {self._memory // 1024**2} MB to read"
        return f"the page ends the process that reads it (exit code {code})"

    def _end(self, patience: float = 0.5) -> int | None:
        """Close the line, on which the child ends by itself; kill it where it does not hear us."""
        if self._line is not None:
            self._line.close()
        code = None
        if self._child is not None:
            try:
                code = self._child.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                self._child.kill()
                code = self._child.wait()
        self._line = self._child = None
        return code


def _spawn(line: socket.socket, seconds: float, memory: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "aggregator.collect.cage", str(seconds), str(memory)]
    return subprocess.Popen(command, stdin=line.fileno(), stdout=subprocess.DEVNULL, env=environment)  # noqa: S603  ours


# --- what goes over the line -----------------------------------------------------------------------------


def _send(line: socket.socket, data: bytes, deadline: float | None = None) -> None:
    _set_time(line, deadline)
    line.sendall(_LENGTH.pack(len(data)) + data)


def _receive(line: socket.socket, deadline: float | None = None) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size, deadline))
    return bytes(_exactly(line, length, deadline))


def _exactly(line: socket.socket, length: int, deadline: float | None) -> bytearray:
    data = bytearray()
    while len(data) < length:
        _set_time(line, deadline)
        piece = line.recv(min(length - len(data), 1024 * 1024))
        if not piece:
            raise EOFError("the other end is gone")
        data += piece
    return data


def _set_time(line: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        line.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)


def _told(page: Page) -> dict[str, Any]:
    return {
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "headers": dict(page.headers),
        "permanent_url": page.permanent_url,
    }


def _reading(answer: dict[str, Any]) -> Reading | ParseError:
    """An answer of the child; one of the wrong shape is a fault of ours and raises."""
    if "error" in answer:
        return ParseError(str(answer["error"]), hint=answer.get("hint"))
    facts = dict(answer["reading"])
    entries = tuple(_entry(entry) for entry in facts.pop("entries"))
    return Reading(**facts, entries=entries)


def _entry(fields: dict[str, Any]) -> Entry:
    times = {name: _moment(fields.pop(name)) for name in ("published", "updated")}
    seen = datetime.fromisoformat(fields.pop("seen"))
    return Entry(**fields | {"tags": tuple(fields["tags"]), "seen": seen} | times)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


# --- the child -------------------------------------------------------------------------------------------


def _read(source: Source, page: Page, now: datetime) -> Reading:
    from aggregator.collect.normalise import normalise
    from aggregator.collect.parse import parse

    feed = parse(page.body, page.headers.get("content-type"), page.final_url)
    return normalise(source, feed, page.final_url, now)


def _serve(line: socket.socket, seconds: float, memory: int) -> None:
    """Answer until the other end is gone. A deadline by the kernel's own alarm: no loop in C holds it up."""
    import resource
    import signal

    import charset_normalizer  # noqa: F401  all that reading needs is loaded before there is anything to read

    from aggregator.collect import normalise, parse  # noqa: F401  likewise

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # a terminal's Ctrl-C is the parent's to judge
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(line, b"ready")
    while True:
        question = json.loads(_receive(line))
        body = _receive(line)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
        answer = _answer(question, body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(line, json.dumps(answer).encode())


def _answer(question: dict[str, Any], body: bytes) -> dict[str, Any]:
    """A fault of ours on a stranger's page is told as the page's: one source must not end the round of all."""
    source = Source.model_validate(question["source"])
    page = replace(Page(**question["page"]), body=body)
    try:
        return {"reading": _plain(_read(source, page, datetime.fromisoformat(question["now"])))}
    except ParseError as error:
        return {"error": error.message, "hint": error.hint}
    except MemoryError:
        os._exit(os.EX_UNAVAILABLE)
    except Exception as error:  # noqa: BLE001  the last wall: see above
        return {"error": f"the page cannot be read: {type(error).__name__}: {str(error)[:200]}"}


def _plain(reading: Reading) -> dict[str, Any]:
    fields = asdict(reading)
    for entry in fields["entries"]:
        for name in ("published", "updated", "seen"):
            entry[name] = entry[name].isoformat() if entry[name] is not None else None
    return fields


def main() -> None:
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    with socket.socket(fileno=os.dup(0)) as line:
        try:
            _serve(line, seconds, memory)
        except (EOFError, ConnectionError):
            return
        except MemoryError:
            os._exit(os.EX_UNAVAILABLE)


if __name__ == "__main__":
    main()
