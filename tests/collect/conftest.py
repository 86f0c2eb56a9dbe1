"""Sites to ask, settings and a moment."""

from datetime import UTC, datetime

import pytest

from aggregator.config import PollSettings, Source


@pytest.fixture
def settings() -> PollSettings:
    return PollSettings(allow_private_networks=True)


@pytest.fixture
def source() -> Source:
    return Source(name="sample", url="https://news.example/feed.xml")


@pytest.fixture
def now() -> datetime:
    return datetime(2020, 5, 14, 12, tzinfo=UTC)
