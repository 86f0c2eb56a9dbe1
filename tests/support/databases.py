"""The same tests on SQLite and on PostgreSQL: fixtures for whoever needs a database."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from aggregator.store import schema
from aggregator.store.engine import open_engine
from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    if postgres.binaries() is None:
        missing = "PostgreSQL is not installed (Debian: postgresql)"
        if os.environ.get("AGGREGATOR_REQUIRE"):
            pytest.fail(missing)
        pytest.skip(missing)
    with postgres.cluster() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state' / 'aggregator.db'}"
        return
    folder = request.getfixturevalue("postgres_folder")
    name = f"t{uuid4().hex}"
    server = create_engine(f"postgresql+psycopg://postgres@/postgres?host={folder}", isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    yield f"postgresql+psycopg://postgres@/{name}?host={folder}"
    with server.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A database with the present schema."""
    made = open_engine(database)
    schema.ensure(made)
    yield made
    made.dispose()
