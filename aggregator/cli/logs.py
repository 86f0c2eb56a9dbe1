"""Structured log lines on standard error: text for people, JSON for machines. Values are escaped, never raw."""

import logging
import sys

import structlog


def configure(*, verbose: bool = False, quiet: bool = False, as_json: bool = False) -> None:
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    last: structlog.typing.Processor = structlog.processors.KeyValueRenderer(
        key_order=["timestamp", "level", "event"], drop_missing=True
    )
    if as_json:
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if as_json else structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _silence_libraries()


def _silence_libraries() -> None:
    """They talk of their own inner life; what matters of it, we say ourselves."""
    # A tick that finds its step still at work is no news, and would come between our own lines.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for name in ("mail.log", "cssutils", "CSSUTILS", "waitress", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
