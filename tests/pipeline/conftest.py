from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.app import App
from tests.support.databases import database, postgres_folder
from tests.support.newsroom import BARLEY, MORNING, ROCKET, SAMPLES, Newsroom, opened

__all__ = ["database", "postgres_folder"]


@pytest.fixture
def room(tmp_path: Path, database: str) -> Iterator[Newsroom]:
    with opened(tmp_path, database) as made:
        yield made


@pytest.fixture
def app(room: Newsroom) -> App:
    """Two sources that share a story, three readers; polled, curated and met by its newsletters at five."""
    room.has_source("gazette", BARLEY, SAMPLES)
    copy = replace(BARLEY, guid="copy", link="https://gazette.example/barley?utm_source=c", published=MORNING)
    room.has_source("courier", copy, ROCKET)
    made = room.app()
    room.subscribe("a@example.org", "b@example.org", "c@example.org")
    made.poll()
    made.curate()
    made.compose()
    return made
