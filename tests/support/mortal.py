"""Steps of the pipeline in processes that die on demand.

Run as a program, this reads orders from standard input, one JSON object a line, and gives each to a child that it forks:
a fork of a process that has imported everything costs milliseconds, and is as real a process to kill as any other.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Mortal:
    """The orders' side. One step at a time; `kill` may be called by any thread while it runs."""

    def __init__(self, config: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._pid: int | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def run(self, step: str, *, at: int = 0, after: float | None = None) -> bool:
        """Whether the step came to its end; it dies by itself at its `at`-th point, or `after` so many seconds.

        A point is a statement to the database, a commit, or a file that gets its name. Raises AssertionError where the
        step failed in any other way.
        """
        self._say({"step": step, "at": at})
        pid = self._hear()
        with self._lock:
            self._pid = pid
        timer = threading.Timer(after, self.kill) if after is not None else None
        if timer is not None:
            timer.start()
        code = self._hear()
        with self._lock:
            self._pid = None
        if timer is not None:
            timer.cancel()
            timer.join()
        assert code in {0, -signal.SIGKILL}, f"{step} ended with {code}"
        return code == 0

    def kill(self) -> None:
        with self._lock:
            if self._pid is not None:
                os.kill(self._pid, signal.SIGKILL)

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)

    def _hear(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def _serve(config: Path) -> None:
    _warm()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_work(config, order))
        _answer(pid)
        # The number stays the child's until we have taken its end, so nobody else can be killed by it.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _, status = os.waitpid(pid, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _warm() -> None:
    """What the steps import when they are called."""
    import premailer  # noqa: F401
    import psycopg  # noqa: F401

    import aggregator.app
    import aggregator.collect.cage
    import aggregator.collect.fetch
    import aggregator.pipeline.writing
    import aggregator.send.smtp
    import aggregator.write.client  # noqa: F401


def _work(config: Path, order: dict[str, Any]) -> int:
    import traceback

    from aggregator.app import App
    from aggregator.config.load import load

    try:
        app = App(load(config, {}), wait=20)
        app.engine.connect().close()
        if order["at"]:
            _die_at(app, order["at"])
        match order["step"]:
            case "poll":
                app.poll(force=True)
            case "compose":
                app.compose(at_once=True)
            case step:
                getattr(app, step)()
    except BaseException:  # noqa: BLE001  the code says it; the text is for whoever reads the test's output
        traceback.print_exc()
        return 1
    return 0


def _die_at(app: Any, point: int) -> None:
    from itertools import count

    from sqlalchemy import event

    points = count(1)

    def pass_by(*_: object) -> None:
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(app.engine, "before_cursor_execute", pass_by)
    event.listen(app.engine, "commit", pass_by)
    sys.addaudithook(lambda name, _: pass_by() if name == "os.rename" else None)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
