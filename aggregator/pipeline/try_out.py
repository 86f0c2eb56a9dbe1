"""Asking sources once, without storing anything: whether an address gives a feed, and what is in it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.collect import schedule
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError, UsageError
from aggregator.model import Page, Reading
from aggregator.protocols import Fetcher, Reader


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
    wanted = [source for source in config.sources if not names or source.name in names]
    with Cage() as cage:
        for source, page, read in answers(HttpFetcher(config.poll, user_agent), cage, wanted, now):
            found, error = _outcome(page, read)
            yield Trial(source.name, config.shown_url(source), config.masked(found), config.masked(error))


def answers(
    fetcher: Fetcher, reader: Reader, sources: Iterable[Source], now: datetime
) -> Iterator[tuple[Source, Page | None, Reading | FetchError | ParseError]]:
    """Ask each once and read what comes, as it comes; the page is None where none came."""
    asked = {source.name: source for source in sources}
    requests = [schedule.request_to(source, source.url) for source in asked.values()]
    for request, answer in (one for batch in fetcher.batches(requests) for one in batch):
        source = asked[request.source]
        if isinstance(answer, FetchError):
            yield source, None, answer
        else:
            yield source, answer, reader.read(source, answer, now)


def newest(reading: Reading) -> datetime | None:
    return max((entry.published for entry in reading.entries if entry.published), default=None)


def _outcome(page: Page | None, read: Reading | FetchError | ParseError) -> tuple[str, str]:
    """What was found, and what was wrong: one of them."""
    if not isinstance(read, Reading):
        return "", read.message
    last = newest(read)
    said = f"{read.format}, {len(read.entries)} entries"
    said += f", newest {last:%Y-%m-%d}" if last else ""
    said += f", moved for good to {page.permanent_url}" if page and page.permanent_url else ""
    return said, ""
