"""A corpus of small feeds, each beside what it must become. A bug report becomes two more files here."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.collect.normalise import normalise
from aggregator.collect.parse import parse
from aggregator.config import Source
from aggregator.errors import ParseError

FEEDS = Path(__file__).parent / "feeds"
EXPECTATIONS = sorted(FEEDS.glob("*.expect.json"))
PAGE = "https://news.example/feed.xml"
NOW = datetime(2020, 5, 15, tzinfo=UTC)


def _feed(expectation: Path) -> Path:
    name = expectation.name.removesuffix(".expect.json")
    return next(path for path in (FEEDS / f"{name}.xml", FEEDS / f"{name}.json") if path.exists())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _differences(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        key: (_plain(found[key]), value)
        for key, value in expected.items()
        if _plain(found[key]) != value and not (key == "guid" and value == "text:" and found[key].startswith(value))
    }


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda path: path.name.removesuffix(".expect.json"))
def test_feed_becomes_what_stands_beside_it(expectation: Path) -> None:
    expected = json.loads(expectation.read_text())
    body = _feed(expectation).read_bytes()
    if "error" in expected:
        with pytest.raises(ParseError, match=re.escape(expected["error"])):
            parse(body, None, PAGE)
        return
    feed = parse(body, expected.get("content_type"), PAGE)
    reading = asdict(normalise(Source(name="sample", url=PAGE), feed, PAGE, NOW))
    reading |= reading.pop("hints")
    entries, expected_entries = reading.pop("entries"), expected["reading"].pop("entries")
    assert not _differences(reading, expected["reading"])
    assert len(entries) == len(expected_entries)
    assert not [found for pair in zip(entries, expected_entries, strict=True) if (found := _differences(*pair))]


def test_every_feed_has_its_expectation() -> None:
    feeds = {path for path in FEEDS.iterdir() if not path.name.endswith(".expect.json")}
    assert feeds == {_feed(expectation) for expectation in EXPECTATIONS}
