"""Structured log lines on standard error: text for people, JSON for machines. Values are escaped, never raw."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_NAME = "aggregator"
_TRACEBACKS = ExceptionDictTransformer(show_locals=False)
"""Local variables stay out: passwords, tokens and readers' addresses are among them."""


class _Patient:
    """Standard error; a line that cannot be written (a full disk, a reader that has gone) is no reason to stop working."""

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure(*, verbose: bool = False, quiet: bool = False, as_json: bool = False) -> None:
    """From now on; what was configured before is undone."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    last: structlog.typing.Processor = structlog.processors.KeyValueRenderer(
        key_order=["timestamp", "level", "event"], drop_missing=True
    )
    if as_json:
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_TRACEBACKS) if as_json else structlog.processors.format_exc_info,
    ]
    reset()
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Patient())),
        cache_logger_on_first_use=False,
    )
    _silence_libraries()
    _adopt_libraries(shared, last)


def reset() -> None:
    """As if nothing had been configured."""
    structlog.reset_defaults()
    root = logging.getLogger()
    for handler in [each for each in root.handlers if each.name == _NAME]:
        root.removeHandler(handler)


def _silence_libraries() -> None:
    """They talk of their own inner life; what matters of it, we say ourselves."""
    # A tick that finds its step still at work is no news, nor is a request that waits for a thread.
    for name in ("apscheduler", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in ("mail.log", "cssutils", "CSSUTILS", "waitress", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _adopt_libraries(shared: list[structlog.typing.Processor], last: structlog.typing.Processor) -> None:
    """What they still have to say looks like our own lines, so that whoever reads these can read on."""
    handler = logging.StreamHandler(_Patient())
    handler.set_name(_NAME)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    logging.getLogger().addHandler(handler)
