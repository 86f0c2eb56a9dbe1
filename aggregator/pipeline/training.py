"""Training in a process of its own: it takes a processor and some hundred megabytes for a while, and gives them back."""

import os
from collections.abc import Sequence
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event

from aggregator.curate.learn import Example, train
from aggregator.errors import AggregatorError, BusyError, LearningError

_LOOK = 0.2
"""Seconds between two looks at whether we are to end."""
_NICE = 10
"""Whoever polls and curates goes first."""


def in_a_child(taught: Sequence[Example], *, now: datetime, stop: Event | None = None) -> bytes:
    """Raises AggregatorError where nothing was learned, BusyError where it was stopped."""
    context = get_context("spawn")  # a fork would take our threads' locks along
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, taught, now), name="aggregator train", daemon=True)
    child.start()
    theirs.close()
    try:
        while not ours.poll(_LOOK):
            if stop is not None and stop.is_set():
                child.terminate()
                raise BusyError("learning was ended before its end")
        said = ours.recv()
    except EOFError as error:
        child.join()
        raise LearningError(f"training ended by itself, with code {child.exitcode}") from error
    finally:
        ours.close()
        child.join()
    if isinstance(said, AggregatorError):
        raise said
    assert isinstance(said, bytes), "a child says nothing else"
    return said


def _child(theirs: "Connection[object, object]", taught: Sequence[Example], now: datetime) -> None:
    os.nice(_NICE)
    try:
        said: bytes | AggregatorError = train(taught, now=now)
    except AggregatorError as error:
        said = error
    except Exception as error:  # noqa: BLE001  a bug there must not be tried again at each step
        said = LearningError(f"training failed: {type(error).__name__}: {error}")
    theirs.send(said)
