"""Asking sources once, without storing anything: whether an address gives a feed, and what is in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.collect.urls import shown
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError, UsageError
from aggregator.model import Page, Request
from aggregator.protocols import Reader


@dataclass(frozen=True, slots=True)
class Trial:
    source: str
    url: str
    found: str = ""
    error: str = ""


def try_out(config: Config, names: Sequence[str], *, user_agent: str, now: datetime) -> Iterator[Trial]:
    """As the answers come. Raises UsageError for a name that is not configured."""
    from aggregator.collect.cage import Cage
    from aggregator.collect.fetch import HttpFetcher

    for name in names:
        if config.source(name) is None:
            raise UsageError(f"there is no source {name!r}", hint="`aggregator sources` lists them")
    wanted = {source.name: source for source in config.sources if not names or source.name in names}
    requests = [Request(source=source.name, url=source.url, headers=source.headers) for source in wanted.values()]
    with Cage() as cage:
        for request, answer in HttpFetcher(config.poll, user_agent).fetch(requests):
            source = wanted[request.source]
            found, error = _trial(cage, source, answer, now)
            yield Trial(source.name, config.told_url(source), found, error)


def _trial(cage: Reader, source: Source, answer: Page | FetchError, now: datetime) -> tuple[str, str]:
    """What was found, or what was wrong."""
    if isinstance(answer, FetchError):
        return "", answer.message
    reading = cage.read(source, answer, now)
    if isinstance(reading, ParseError):
        return "", reading.message
    newest = max((entry.published for entry in reading.entries if entry.published), default=None)
    said = f"{reading.format}, {len(reading.entries)} entries"
    said += f", newest {newest:%Y-%m-%d}" if newest else ""
    said += f", moved for good to {shown(answer.permanent_url)}" if answer.permanent_url else ""
    return said, ""
