"""After a gap: the pages of older entries that a feed has (RFC 5005), read back to where we were."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.collect import schedule
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Incident, Page, PollState, Reading, Request
from aggregator.pipeline.intake import Came, take
from aggregator.protocols import Fetcher, Reader
from aggregator.store import entries, journal
from aggregator.store.engine import writing

MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Gap:
    """`older`: where the entries before those that came are. `state`: of the source before they came. `since`: when the round
    that found the gap began.
    """

    source: Source
    older: str
    state: PollState
    since: datetime
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    source: str
    new: int
    for_review: int
    page: str
    alerts: tuple[Incident, ...] = ()


def read_older(
    engine: Engine,
    config: Config,
    gaps: Sequence[Gap],
    *,
    fetcher: Fetcher,
    reader: Reader,
    clock: Callable[[], datetime],
) -> Iterator[Filled]:
    """Page by page, each gap until an entry is known, no older page is named, or `MOST_PAGES` were read."""
    open_ = {gap.source.name: gap for gap in gaps}
    for _ in range(MOST_PAGES):
        requests = [schedule.request_to(gap.source, gap.older) for gap in open_.values()]
        before, open_ = open_, {}
        for batch in fetcher.batches(requests):
            for request, answer in batch:
                gap = before[request.source]
                reading = _read(reader, gap, request, answer, clock())
                if isinstance(reading, Reading):
                    filled, overlap = _add(engine, config, gap, reading, clock())
                    yield filled
                    if (further := _further(gap, reading)) is not None and not overlap:
                        open_[request.source] = further
                else:
                    _tell(engine, gap, config.masked(reading.message), clock())
        if not open_:
            return


def _read(
    reader: Reader, gap: Gap, request: Request, answer: Page | FetchError, now: datetime
) -> Reading | FetchError | ParseError:
    assert request.source == gap.source.name, "an answer belongs to its gap"
    return answer if isinstance(answer, FetchError) else reader.read(gap.source, answer, now)


def _add(engine: Engine, config: Config, gap: Gap, reading: Reading, now: datetime) -> tuple[Filled, bool]:
    """What was published since we looked last is news; what is older fills the archive.

    An archive may hold what the feed itself still has: that came a moment ago, and does not say that we are back where we
    were.
    """
    with writing(engine) as conn:
        just_came = entries.known(conn, [entry.id for entry in reading.entries], since=gap.since)
        rest = tuple(entry for entry in reading.entries if entry.id not in just_came)
        came = Came(gap.source.name, rest, gap.state, part=True, older=True, deleted=reading.deleted)
        taken = take(conn, came, config.poll.backfill, now)
        _journal(conn, gap, f"gap: its page of older entries: {taken.words}", now)
    return Filled(gap.source.name, len(taken.new), len(taken.held), gap.older, taken.alerts), taken.overlap


def _further(gap: Gap, reading: Reading) -> Gap | None:
    seen = (*gap.seen, gap.older)
    older = reading.hints.older
    return None if older is None or older in seen or not reading.entries else replace(gap, older=older, seen=seen)


def _tell(engine: Engine, gap: Gap, message: str, now: datetime) -> None:
    with writing(engine) as conn:
        _journal(conn, gap, f"gap: its page of older entries cannot be read: {message}", now)


def _journal(conn: Connection, gap: Gap, event: str, now: datetime) -> None:
    journal.write(conn, now, gap.source.name, event)
