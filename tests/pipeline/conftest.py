from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database, postgres_folder
from tests.support.newsroom import Newsroom, opened

__all__ = ["database", "postgres_folder"]


@pytest.fixture
def room(tmp_path: Path, database: str) -> Iterator[Newsroom]:
    with opened(tmp_path, database) as made:
        yield made
