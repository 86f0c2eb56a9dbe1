"""Entries for tests, with only what matters said."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from aggregator.model import Entry, Report

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
_numbers = count(1)


def entry(title: str = "A headline", summary: str = "", **values: Any) -> Entry:
    number = next(_numbers)
    said: dict[str, Any] = {
        "id": f"e{number:011}",
        "source": "wire",
        "guid": f"guid-{number}",
        "url": None,
        "canonical_url": None,
        "title": title,
        "summary": summary,
        "published": NOW,
        "seen": NOW,
    }
    return Entry(**said | values)


def report(source: str = "wire", **values: Any) -> Report:
    number = next(_numbers)
    said: dict[str, Any] = {
        "entry": f"e{number:011}",
        "source": source,
        "source_title": source.title(),
        "url": f"https://{source}.example/{number}",
        "title": f"{source} tells it",
        "summary": "What happened is told here at some length, with names.",
        "language": "en",
        "published": NOW,
        "seen": NOW,
    }
    return Report(**said | values)
