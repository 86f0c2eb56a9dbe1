"""An SMTP server that does what it is told: it remembers what it accepted before it says so, and fails as scripted."""

import socket
import socketserver
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

Stage = Literal["connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot", "RSET", "QUIT"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`letter` is what came before the final dot, dot-stuffing undone; `stuffed` as it came."""

    mail: str
    rcpt: str
    letter: bytes
    stuffed: bytes

    @property
    def recipient(self) -> str:
        return self.rcpt.partition("<")[2].partition(">")[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer out of the ordinary: `say` it (nothing: say nothing), then `drop` the connection or go on.

    At "dot", `accept` keeps the letter first. `wait` holds the answer back until the sink ends or the client leaves.
    """

    say: str = ""
    drop: bool = False
    accept: bool = False
    wait: bool = False


class _Hangup(Exception):  # noqa: N818  no error: the script says so
    pass


@dataclass
class Sink:
    """Use as a context manager. `faults` are taken one at a time, each at its stage; then all goes well again."""

    extensions: tuple[str, ...] = ("SIZE 50000000", "8BITMIME", "SMTPUTF8")
    accepted: list[Accepted] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    open: list[socket.socket] = field(default_factory=list)
    watch: Callable[[Stage], object] = lambda _stage: None
    """Called at each stage, before the answer."""

    def __post_init__(self) -> None:
        self._faults: dict[Stage, deque[Fault]] = defaultdict(deque)
        self._ended = threading.Event()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink.connections += 1
                sink.open.append(self.connection)
                try:
                    _Dialogue(sink, self).run()
                finally:
                    sink.open.remove(self.connection)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def fail(
        self, stage: Stage, say: str = "", *, drop: bool = False, accept: bool = False, wait: bool = False
    ) -> None:
        self._faults[stage].append(Fault(say, drop, accept, wait))

    def fault(self, stage: Stage) -> Fault | None:
        self.watch(stage)
        return self._faults[stage].popleft() if self._faults[stage] else None

    def mend(self) -> None:
        """Forget the faults that nobody has met yet."""
        self._faults.clear()

    def hold(self) -> None:
        self._ended.wait(30)

    def cut(self) -> None:
        """Hang up on everybody."""
        for connection in self.open:
            connection.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let every held answer go."""
        self._ended.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()  # waits for the dialogues


class _Dialogue:
    def __init__(self, sink: Sink, handler: socketserver.StreamRequestHandler) -> None:
        self._sink, self._handler = sink, handler
        self._mail = self._rcpt = ""

    def run(self) -> None:
        try:
            self._answer("connect", "220 sink.example ESMTP")
            for line in iter(self._line, b""):
                self._take(line.decode("utf-8").rstrip("\r\n"))
        except (_Hangup, OSError):
            pass

    def _take(self, command: str) -> None:
        self._sink.commands.append(command)
        verb = command[:4].upper()
        match verb:
            case "EHLO":
                lines = ["sink.example", *self._sink.extensions]
                self._answer("EHLO", "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines))
            case "MAIL":
                self._mail = command
                self._answer("MAIL", "250 2.1.0 fine")
            case "RCPT":
                self._rcpt = command
                self._answer("RCPT", "250 2.1.5 fine")
            case "DATA":
                self._data()
            case "RSET":
                self._answer("RSET", "250 2.0.0 forgotten")
            case "QUIT":
                self._answer("QUIT", "221 2.0.0 bye")
                raise _Hangup
            case _:
                self._say("502 5.5.1 unknown")

    def _data(self) -> None:
        if not self._answer("DATA", "354 go on"):
            return
        stuffed = b""
        fault = self._sink.fault("body")
        while (line := self._line()) != b".\r\n":
            if not line:
                raise _Hangup
            stuffed += line
            if fault is not None and len(stuffed) > 100:
                self._act(fault)
        self._dot(stuffed)

    def _dot(self, stuffed: bytes) -> None:
        fault = self._sink.fault("dot")
        if fault is None or fault.accept:
            letter = b"".join(line.removeprefix(b".") for line in stuffed.splitlines(keepends=True))
            self._sink.accepted.append(Accepted(self._mail, self._rcpt, letter, stuffed))
        if fault is not None:
            self._act(fault)
        else:
            self._say("250 2.0.0 taken")

    def _answer(self, stage: Stage, usual: str) -> bool:
        """Whether all went the usual way."""
        fault = self._sink.fault(stage)
        if fault is None:
            self._say(usual)
            return True
        self._act(fault)
        return False

    def _act(self, fault: Fault) -> None:
        if fault.wait:
            self._sink.hold()
        if fault.say:
            self._say(fault.say)
        if fault.drop:
            raise _Hangup

    def _line(self) -> bytes:
        return self._handler.rfile.readline()

    def _say(self, text: str) -> None:
        self._handler.wfile.write(text.encode() + b"\r\n")


@contextmanager
def sink(*extensions: str) -> Iterator[Sink]:
    with Sink(extensions) if extensions else Sink() as running:
        yield running
