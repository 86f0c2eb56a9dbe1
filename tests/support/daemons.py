"""The daemon as what it is: a process that is watched through its log, its database and its outputs."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.newsroom import Newsroom

PATIENCE = 40.0


def until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for what must come; how long it takes is the machine's business."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"waited {patience:g} s in vain for: {what}"
        time.sleep(0.02)


class Daemon:
    def __init__(self, room: Newsroom, log: Path) -> None:
        self._log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "--config", str(room.write()),
                 "run", "--tick", "0.2", "--log-format", "json"],
                stderr=errors, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
            )  # fmt: skip

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """The lines of the log so far, or those of one event."""
        lines = self._log.read_text(encoding="utf-8").split("\n")[:-1]
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in found if event in {"", line["event"]}]

    def text(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def says(self, event: str, **having: object) -> None:
        """Wait for a line of this event in which each of these stands."""

        def said() -> bool:
            assert self.process.poll() is None or event == "ended", self.text()
            return any(all(str(text) in str(line.get(key)) for key, text in having.items()) for line in self.log(event))

        until(said, f"{event} {having} in the log")

    def end(self) -> tuple[int, float]:
        """SIGTERM; the exit code, and how long it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - begun


class Daemons:
    """Starts daemons on a newsroom, and leaves none behind."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._stack = ExitStack()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(self) -> Daemon:
        self._count += 1
        daemon = Daemon(self._room, self._room.folder / f"daemon-{self._count}.log")
        self._stack.callback(daemon.process.wait)
        self._stack.callback(daemon.process.kill)
        return daemon

    def working(self) -> Daemon:
        daemon = self.start()
        daemon.says("started")
        return daemon

    def newsletters_are_due(self) -> None:
        """As if nothing had run since the day before yesterday."""
        self._room.met_newsletters(datetime.now(UTC) - timedelta(days=2))
