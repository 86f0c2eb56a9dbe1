"""What an operator does with what came as a flood, by the command line."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from tests.support.site import serving
from tests.support.workspace import Workspace

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOLDS = 12
NAMES = ["Ada", "Bela", "Cleo", "Dora", "Egon", "Fina", "Gero", "Hugo", "Ines", "Jule", "Karl", "Lena"]


def rss(*days: int) -> bytes:
    items = "".join(
        f"<item><guid>g{day}</guid><title>{NAMES[day % len(NAMES)]} writes letter {day} from the {day} islands</title>"
        f"<pubDate>{format_datetime(NOW - day * DAY)}</pubDate></item>"
        for day in days
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()


@pytest.fixture
def flooded(call: Any, tmp_path: Path) -> Iterator[Any]:
    """`call` where a source has brought two entries, and then twelve that are long past."""
    with serving("127.0.0.1") as site:
        site.gives("/feed", rss(0, 1))
        space = Workspace(tmp_path, {"wire": site.url("/feed")}, "smtp://127.0.0.1:9")
        app = App(space.config, clock=lambda: NOW)
        app.poll()
        site.gives("/feed", rss(0, 1, *range(30, 30 + HOLDS)))
        app.poll(["wire"])
        app.curate()
        app.close()
        yield call


def test_what_is_held_is_listed_apart_and_counted(flooded: Any) -> None:
    assert len(flooded("entries", "--json").rows) == 2
    assert f"{HOLDS} more are held for review: `entries --held` lists them" in flooded("entries").out
    held = flooded("entries", "--held", "--json").rows
    assert len(held) == HOLDS
    assert {row["held"] for row in held} == {
        "12 entries at once, more than 7 days older than the newest before (2020-05-14)"
    }
    assert len(flooded("entries", "--held", "--search", "letter 31", "--json").rows) == 1
    assert "12 entries at once" in flooded("entries", "--held", "--source", "wire").out
    (source,) = flooded("sources", "--json").rows
    assert source["held"] == HOLDS
    assert "12 entries are held for review" in " ".join(flooded("sources").out.split())
    (status,) = flooded("status", "--json").rows
    assert (status["held_for_review"], status["entries"], status["to_be_curated"]) == (HOLDS, 2, 0)


def test_one_is_released_as_news_and_the_rest_dropped(flooded: Any) -> None:
    first, *_ = flooded("entries", "--held", "--json").rows
    said = flooded("entries", "release", first["id"], "--as-news")
    assert (said.code, said.out) == (0, "1 entries released as news\n")
    rows = {row["id"]: row for row in flooded("entries", "--json").rows}
    assert len(rows) == 3
    assert (rows[first["id"]]["news"], rows[first["id"]]["held"]) == (True, None)
    assert rows[first["id"]]["story"], "it is curated at once"
    said = flooded("entries", "drop", "--source", "wire")
    assert (said.code, said.out) == (0, "11 entries dropped\n")
    assert flooded("entries", "--held").out == "no entries are held\n"
    assert len(flooded("entries", "--json").rows) == 3
    assert flooded("entries", "drop", "--source", "wire").out == "0 entries dropped\n"


def test_what_is_not_held_is_neither_released_nor_dropped(flooded: Any) -> None:
    first, *_ = flooded("entries", "--json").rows
    for decision in ("release", "drop"):
        said = flooded("entries", decision, first["id"])
        assert (said.code, said.err.splitlines()[0]) == (2, f"error: {first['id']} is not held")
