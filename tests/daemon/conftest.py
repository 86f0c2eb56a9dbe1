from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemons import Daemons
from tests.support.databases import postgres_folder
from tests.support.newsroom import Newsroom, opened

__all__ = ["postgres_folder"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with opened(tmp_path, f"sqlite:///{tmp_path / 'state' / 'aggregator.db'}") as made:
        yield made


@pytest.fixture
def daemons(room: Newsroom) -> Iterator[Daemons]:
    with Daemons(room) as running:
        yield running
