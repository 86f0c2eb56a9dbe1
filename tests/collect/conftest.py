"""Sites to ask, settings and a moment; and where the corpora lie."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config import PollSettings, Source
from tests.support.site import Site, serving


@pytest.fixture
def open_site() -> Iterator[Callable[[str], Site]]:
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(serving(address))


@pytest.fixture
def site(open_site: Callable[[str], Site]) -> Site:
    return open_site("127.0.0.1")


@pytest.fixture
def other_site(open_site: Callable[[str], Site]) -> Site:
    return open_site("127.0.0.2")


@pytest.fixture
def settings() -> PollSettings:
    return PollSettings(allow_private_networks=True)


@pytest.fixture
def source() -> Source:
    return Source(name="sample", url="https://news.example/feed.xml")


@pytest.fixture
def now() -> datetime:
    return datetime(2020, 5, 14, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Real feeds and hostile input that lie beside the project, not in it; tests that need them skip without."""
    beside = Path(__file__).parents[2] / ".." / "shared" / "corpora"
    folder = Path(os.environ.get("AGGREGATOR_CORPORA", beside))
    if not folder.is_dir():
        pytest.skip("no corpora beside the project")
    return folder
