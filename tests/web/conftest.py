"""A publication with two readers, its web application at work on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.store import secrets, subscribers
from aggregator.store.engine import writing
from tests.support.databases import database, engine, postgres_folder
from tests.support.web import NOW, Desk, configured, serving

__all__ = ["database", "desk", "engine", "postgres_folder"]


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = Desk(App(configured(tmp_path, **getattr(request, "param", {})), clock=lambda: NOW))
    with writing(made.app.engine) as conn:
        for email, newsletters in (("ada@x.example", ("daily", "weekly")), ("ben@x.example", ("daily",))):
            subscribers.add(conn, email=email, key=email, name=None, newsletters=newsletters, now=NOW)
        secrets.key(conn, "tokens")
    with serving(made.app) as made.port:
        yield made
