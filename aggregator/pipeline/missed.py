"""A feed that is missed (404, a dead host, a page in its place) is looked for on its site; what is found is proposed to
the operator, never taken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from sqlalchemy import Engine

from aggregator.collect import schedule
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Page, PollState, Reading, Request
from aggregator.pipeline.discover import candidates
from aggregator.pipeline.intake import overlaps
from aggregator.protocols import Fetcher, Finder, Reader
from aggregator.store import journal, sources
from aggregator.store.engine import reading as reading_from
from aggregator.store.engine import writing

MOST_TRIED = 6


@dataclass(frozen=True, slots=True)
class _Search:
    engine: Engine
    config: Config
    fetcher: Fetcher
    reader: Reader
    finder: Finder
    clock: Callable[[], datetime]


def propose(
    engine: Engine,
    config: Config,
    missed: Mapping[str, Source],
    *,
    fetcher: Fetcher,
    reader: Reader,
    finder: Finder,
    clock: Callable[[], datetime],
) -> int:
    """Look for the new addresses of these sources; how many were found. The old ones go on being asked."""
    if not missed:
        return 0
    search = _Search(engine, config, fetcher, reader, finder, clock)
    with reading_from(engine) as conn:
        states = sources.load(conn, missed)
    found = _best(search, missed, states, _candidates(search, missed, states))
    for name, url in found.items():
        _keep(search, states[name], url)
    return len(found)


def _candidates(
    search: _Search, missed: Mapping[str, Source], states: Mapping[str, PollState]
) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """What the home page of each offers."""
    homes = [schedule.request_to(source, _home(states[name])) for name, source in missed.items()]
    found = {}
    for request, answer in _asked(search, homes):
        if isinstance(answer, Page):
            found[request.source] = candidates(search.finder, answer, states[request.source].url)[:MOST_TRIED]
    return found


def _home(state: PollState) -> str:
    return state.home or urljoin(state.url, "/")


def _best(
    search: _Search,
    missed: Mapping[str, Source],
    states: Mapping[str, PollState],
    wanted: Mapping[str, tuple[str, ...]],
) -> dict[str, str]:
    """Of each, the first that has entries which we know; else the first with the feed's title; else the first that is a
    feed. All are asked together: one dead site after the other would hold up the next round.
    """
    ranked: dict[str, list[tuple[int, int, str]]] = {}
    requests = [schedule.request_to(missed[name], url) for name, urls in wanted.items() for url in urls]
    for request, answer in _asked(search, requests):
        name, url = request.source, request.url
        if isinstance(answer, FetchError):
            continue
        read = search.reader.read(missed[name], answer, search.clock())
        if not isinstance(read, ParseError) and read.entries:
            likeness = _likeness(search, states[name], read)
            ranked.setdefault(name, []).append((likeness, -wanted[name].index(url), url))
    return {name: max(found)[2] for name, found in ranked.items()}


def _likeness(search: _Search, state: PollState, read: Reading) -> int:
    with reading_from(search.engine) as conn:
        if overlaps(conn, read.entries):
            return 2
    return int(bool(read.title) and read.title == state.title)


def _asked(search: _Search, requests: Sequence[Request]) -> Iterator[tuple[Request, Page | FetchError]]:
    for batch in search.fetcher.batches(requests):
        yield from batch


def _keep(search: _Search, state: PollState, found: str) -> None:
    if found == state.proposed_url:
        return
    with writing(search.engine) as conn:
        sources.update_changed(conn, [(state, replace(state, proposed_url=found))])
        event = f"missed at its address; its site has a feed at {search.config.masked(found)}, which may be its new one"
        journal.write(conn, search.clock(), state.source, event)
