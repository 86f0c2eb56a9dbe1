"""Structured log lines on standard error: text for people, JSON for machines. Values are escaped, never raw."""

import logging
import sys

import structlog

from aggregator.cli.base import Shared, silence_libraries


def configure(shared: Shared) -> None:
    level = logging.DEBUG if shared.verbose else logging.WARNING if shared.quiet else logging.INFO
    last: structlog.typing.Processor = structlog.processors.KeyValueRenderer(
        key_order=["timestamp", "level", "event"], drop_missing=True
    )
    if shared.log_format == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if shared.log_format == "json"
            else structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    silence_libraries()
