"""Sites to ask, settings and a moment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

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
