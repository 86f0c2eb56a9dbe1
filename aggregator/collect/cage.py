"""Strangers' bytes are read in child processes that can be killed.

feedparser, nh3 and expat all have inputs of a few hundred kilobytes that take them minutes or gigabytes, and nothing
inside a process can stop them. A child has a memory limit and ends itself a little after the deadline, also when we
are gone by then. It speaks JSON over a socket: what a taken-over parser says must not become code here.
"""

import os
import queue
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from aggregator.errors import ParseError
from aggregator.model import FeedLink, Page, Reading

if TYPE_CHECKING:  # what reads loads in the child
    from aggregator.collect.normalise import Labelled

_LENGTH = struct.Struct("!Q")
_GIB = 1024**3
_LARGEST = _GIB // 2
"""Bytes of a message: more comes from a child that somebody has taken over."""
PATIENCE = 20.0
"""Seconds for a page: three times what the largest feed of ten thousand items takes on a small machine."""
_START = 20.0
"""Seconds for a child to come up: Python's own imports, on a machine that is busy."""
_HELD_UP = 1.0
"""Seconds that one page may hold up all others."""
_LOOK = 0.2
"""Seconds between two looks at whether it does."""
_GRACE = 2
_GARBAGE = 20_000
"""Objects between two looks for garbage in a child: a page makes some thousands, and leaves none in a circle."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""All that a child gets of the environment: no password reaches the process that reads strangers' bytes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a child is asked to do with a page, whose body follows."""

    name: str
    page: Page
    source: str = ""
    title: str | None = None
    language: str | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """What was wrong with the page."""

    fault: str
    hint: str | None = None


class InProcess:
    """The same reading without walls, for tests."""

    def read(self, source: "Labelled", page: Page, now: datetime) -> Reading | ParseError:
        return _or_error(_read, _question("read", source, page, now))

    def links(self, page: Page) -> tuple[FeedLink, ...] | ParseError:
        return _or_error(_links, _Task(name="links", page=page))

    def article(self, page: Page) -> str | ParseError:
        return _or_error(_article, _Task(name="article", page=page))


class Cage:
    """A Reader whose work is bounded: `seconds` a page, `memory` bytes of address space. Use it in a `with`.

    One child reads page after page, whichever thread asks; it starts when it is needed first, and stays. Where a page
    holds it for longer than `_HELD_UP`, a spare one takes the others on: two at work all the time were a quarter
    faster by the clock, and cost half as much memory again.
    """

    def __init__(self, seconds: float = PATIENCE, memory: int = _GIB) -> None:
        self._children = [_Child(seconds, memory) for _ in range(2)]
        self._first: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._spare: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._first.put(self._children[0])
        self._spare.put(self._children[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; a later page starts them anew."""
        for child in self._children:
            child.end()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the children that are alive."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    def read(self, source: "Labelled", page: Page, now: datetime) -> Reading | ParseError:
        return self._ask(_question("read", source, page, now), Reading)

    def links(self, page: Page) -> tuple[FeedLink, ...] | ParseError:
        """The feeds that a page offers."""
        return self._ask(_Task(name="links", page=page), tuple[FeedLink, ...])

    def article(self, page: Page) -> str | ParseError:
        """The main text of an article's page, as clean HTML; empty where there is none."""
        return self._ask(_Task(name="article", page=page), str)

    def _ask(self, task: _Task, answer: type[T]) -> T | ParseError:
        home, child = self._free()
        try:
            return child.ask(task, answer)
        finally:
            home.put(child)

    def _free(self) -> "tuple[queue.SimpleQueue[_Child], _Child]":
        """A child that is free, and where it belongs."""
        while True:
            with suppress(queue.Empty):
                return self._first, self._first.get(timeout=_LOOK)
            if self._children[0].busy_for() > _HELD_UP:
                with suppress(queue.Empty):
                    return self._spare, self._spare.get_nowait()


def _or_error(work: Callable[[_Task], T], task: _Task) -> T | ParseError:
    try:
        return work(task)
    except ParseError as error:
        return error


def _question(name: str, source: "Labelled", page: Page, now: datetime) -> _Task:
    return _Task(name=name, page=page, source=source.name, title=source.title, language=source.language, now=now)


class _Child:
    """One process at most at a time, replaced when it dies. Used by one thread at a time."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._began: float | None = None

    def busy_for(self) -> float:
        """Seconds on the page at hand."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def ask(self, task: _Task, answer: type[T]) -> T | ParseError:
        line = self._started()
        self._began = time.monotonic()
        try:
            deadline = self._began + self._seconds
            _send(line, msgspec.json.encode(replace(task, page=replace(task.page, body=b""))), deadline)
            _send(line, task.page.body, deadline)
            said = _receive(line, deadline)
        except TimeoutError:
            self.end(patience=0)
            return ParseError(f"the page takes more than {self._seconds:g} s to read")
        except (OSError, EOFError):
            return ParseError(self._death())
        finally:
            self._began = None
        return _understood(said, answer)

    def _started(self) -> socket.socket:
        """The line to a living child, a new one if need be."""
        if self._line is None or self._process is None or self._process.poll() is not None:
            self.end()
            self._line, theirs = socket.socketpair()
            with theirs:
                self._process = _spawn(theirs, self._seconds, self._memory)
            try:
                _receive(self._line, time.monotonic() + _START)
            except (OSError, EOFError) as error:
                raise RuntimeError(f"the process that reads pages does not start (exit code {self.end()})") from error
        return self._line

    def _death(self) -> str:
        code = self.end()
        if code == os.EX_UNAVAILABLE:
            return f"the page takes more than {self._memory // 1024**2} MB to read"
        return f"the page ends the process that reads it (exit code {code})"

    def end(self, patience: float = 0.5) -> int | None:
        """Close the line, on which the child ends by itself; kill it where it does not hear us."""
        if self._line is not None:
            self._line.close()
        code = None
        if self._process is not None:
            try:
                code = self._process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                code = self._process.wait()
        self._line = self._process = None
        return code


def _spawn(line: socket.socket, seconds: float, memory: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "aggregator.collect.cage", str(seconds), str(memory)]
    return subprocess.Popen(command, stdin=line.fileno(), stdout=subprocess.DEVNULL, env=environment)  # noqa: S603  ours


# --- what goes over the line -----------------------------------------------------------------------------


def _send(line: socket.socket, data: bytes, deadline: float | None = None) -> None:
    _set_time(line, deadline)
    line.sendall(_LENGTH.pack(len(data)))
    line.sendall(data)


def _receive(line: socket.socket, deadline: float | None = None) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size, deadline))
    if length > _LARGEST:
        raise EOFError("the other end says what cannot be")
    return bytes(_exactly(line, length, deadline))


def _exactly(line: socket.socket, length: int, deadline: float | None) -> bytearray:
    data = bytearray(length)
    room, got = memoryview(data), 0
    while got < length:
        _set_time(line, deadline)
        count = line.recv_into(room[got:])
        if not count:
            raise EOFError("the other end is gone")
        got += count
    return data


def _set_time(line: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        line.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)


def _understood(said: bytes, answer: type[T]) -> T | ParseError:
    """An answer of the child; one of the wrong shape is a fault of ours and raises."""
    if said.startswith(b'{"fault"'):
        fault = msgspec.json.decode(said, type=_Fault)
        return ParseError(fault.fault, hint=fault.hint)
    return msgspec.json.decode(said, type=answer)


# --- the child -------------------------------------------------------------------------------------------


def _read(task: _Task) -> Reading:
    from aggregator.collect.normalise import Label, normalise
    from aggregator.collect.parse import parse

    assert task.now is not None, "reading needs the time"
    page = task.page
    feed = parse(page.body, page.headers.get("content-type"), page.final_url)
    return normalise(Label(task.source, task.title, task.language), feed, page.final_url, task.now)


def _links(task: _Task) -> tuple[FeedLink, ...]:
    from aggregator.collect.discover import links

    return links(task.page.body, task.page.headers.get("content-type"), task.page.final_url)


def _article(task: _Task) -> str:
    from aggregator.collect.fulltext import article  # its library is loaded by who asks for it alone

    return article(task.page.body, task.page.headers.get("content-type"), task.page.final_url)


_TASKS: dict[str, Callable[[_Task], Any]] = {"read": _read, "links": _links, "article": _article}


def _serve(line: socket.socket, seconds: float, memory: int) -> None:
    """Answer until the other end is gone. A deadline by the kernel's own alarm: no loop in C holds it up."""
    import gc
    import resource
    import signal

    from aggregator.collect import normalise, parse  # noqa: F401  loaded before there is anything to read

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # a terminal's Ctrl-C is the parent's to judge
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()  # what is loaded stays
    gc.set_threshold(_GARBAGE)
    _send(line, b"ready")
    while True:
        task = msgspec.json.decode(_receive(line), type=_Task)
        body = _receive(line)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
        answer = _answer(replace(task, page=replace(task.page, body=body)))
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(line, answer)


def _answer(task: _Task) -> bytes:
    """A fault of ours on a stranger's page is told as the page's: one source must not end the round of all."""
    try:
        return msgspec.json.encode(_TASKS[task.name](task))
    except ParseError as error:
        return msgspec.json.encode(_Fault(fault=error.message, hint=error.hint))
    except MemoryError:
        os._exit(os.EX_UNAVAILABLE)
    except Exception as error:  # noqa: BLE001  the last wall: see above
        fault = f"the page cannot be read: {type(error).__name__}: {str(error)[:200]}"
        return msgspec.json.encode(_Fault(fault=fault.encode("utf-8", "replace").decode()))


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
