"""Training in a process of its own: it takes a processor and some hundred megabytes for a while, and gives them back.

A plain child as the one that reads strangers' pages, with messages on its standard input and output: multiprocessing
would leave a helper of its own behind, for as long as we run.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Thread

import msgspec

from aggregator.errors import AggregatorError, BusyError, LearningError
from aggregator.model import Example

_LOOK = 0.2
"""Seconds between two looks at whether we are to end."""
NICE = 10
"""Whoever polls and curates goes first."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""All that a child gets of the environment: it needs no password."""


_Lesson = tuple[str, list[tuple[str, str, str]]]
"""What is read of a text; title, summary and label of each example."""


class _Answer(msgspec.Struct):
    """The model, or why there is none."""

    model: bytes | None = None
    failed: str = ""
    hint: str | None = None


def here(taught: Sequence[Example], sees: str) -> bytes:
    """In this process, which has nothing else to do. Raises LearningError."""
    from aggregator.curate.learn import train

    return train(taught, sees)


def in_a_child(taught: Sequence[Example], sees: str, *, stop: Event | None = None) -> bytes:
    """Raises LearningError where nothing was learned, BusyError where it was stopped."""
    said = _asked(msgspec.msgpack.encode((sees, [(one.title, one.summary, one.label) for one in taught])), stop)
    try:
        answer = msgspec.msgpack.decode(said, type=_Answer)
    except msgspec.DecodeError as error:
        raise LearningError(f"training said what cannot be understood: {error}") from error
    if answer.model is None:
        raise LearningError(answer.failed, hint=answer.hint)
    return answer.model


def _asked(question: bytes, stop: Event | None) -> bytes:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "aggregator.pipeline.training", str(NICE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:  # noqa: S603  ours
        said: list[bytes] = []
        listening = Thread(target=lambda: said.append(child.communicate(question)[0]), daemon=True)
        listening.start()
        while listening.is_alive():
            listening.join(_LOOK)
            if stop is not None and stop.is_set():
                child.kill()
                listening.join()
                raise BusyError("learning was ended before its end")
        if child.wait() or not said:
            raise LearningError(f"training ended by itself, with code {child.returncode}")
        return said[0]


def main() -> None:
    """In the child: a lesson is read, its answer is written."""
    with suppress(OSError):
        os.nice(int(sys.argv[1]))
    ours = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    sees, said = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Lesson)
    try:
        answer = _Answer(here([Example(*one) for one in said], sees))
    except AggregatorError as error:
        answer = _Answer(failed=error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001  a bug there must not be tried again at each step
        answer = _Answer(failed=f"training failed: {type(error).__name__}: {error}")
    with os.fdopen(ours, "wb") as out:
        out.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()
