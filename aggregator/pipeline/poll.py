"""due sources -> fetch -> parse -> normalise -> drop the known -> entries. One transaction a source."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Literal

from sqlalchemy import Connection, Engine

from aggregator.collect import schedule
from aggregator.collect.urls import shown
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Page, PollState, Reading
from aggregator.protocols import Fetcher, Reader
from aggregator.store import entries, journal, sources
from aggregator.store.engine import writing
from aggregator.store.locks import exclusive

NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class PollResult:
    source: str
    outcome: Literal["read", "unchanged", "failed"]
    new: int = 0
    changed: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    results: tuple[PollResult, ...] = ()

    @property
    def new(self) -> int:
        return sum(result.new for result in self.results)

    @property
    def failed(self) -> tuple[PollResult, ...]:
        return tuple(result for result in self.results if result.outcome == "failed")


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of polling: what stays the same from source to source."""

    engine: Engine
    config: Config
    reader: Reader
    clock: Callable[[], datetime]
    states: dict[str, PollState]


def poll(
    engine: Engine,
    config: Config,
    *,
    fetcher: Fetcher,
    reader: Reader,
    clock: Callable[[], datetime],
    names: Sequence[str] = (),
    force: bool = False,
    wait: float = 0,
    stop: Event | None = None,
    on_result: Callable[[PollResult], None] = lambda _: None,
) -> Polled:
    """Poll what is due; with `names`, those, due or not; with `force`, all. A server's own wishes stand in any case.

    A failing source is a result, never an exception. `stop` ends the round after the answer at hand.
    Raises BusyError when another process polls.
    """
    with exclusive(engine, "poll", wait=wait):
        due = _due(engine, config, clock(), names, force=force)
        around = _Round(engine, config, reader, clock, due)
        results = []
        for result in _answers(around, fetcher):
            results.append(result)
            on_result(result)
            if stop is not None and stop.is_set():
                break
        return Polled(tuple(results))


def _due(engine: Engine, config: Config, now: datetime, names: Sequence[str], *, force: bool) -> dict[str, PollState]:
    wanted = {source.name for source in config.sources if not source.paused and (not names or source.name in names)}
    with writing(engine) as conn:
        states = _known(conn, config, now)
    return {
        name: state
        for name, state in sorted(states.items(), key=lambda pair: pair[1].due)
        if name in wanted and schedule.is_due(state, now, force=force or bool(names))
    }


def _known(conn: Connection, config: Config, now: datetime) -> dict[str, PollState]:
    """The state of every configured source; one whose address was edited starts anew."""
    states = sources.load(conn)
    new = [schedule.first_state(source, now) for source in config.sources if source.name not in states]
    sources.remember(conn, new)
    states |= {state.source: state for state in new}
    for source in config.sources:
        if states[source.name].url != source.url:
            states[source.name] = schedule.first_state(source, now)
            sources.save(conn, states[source.name])
    return states


def _answers(around: _Round, fetcher: Fetcher) -> Iterator[PollResult]:
    configured = {source.name: source for source in around.config.sources}
    requests = [schedule.request_for(configured[name], state) for name, state in around.states.items()]
    for request, answer in fetcher.fetch(requests):
        source, state = configured[request.source], around.states[request.source]
        if isinstance(answer, FetchError):
            yield _failed(around, source, state, answer)
        elif answer.status == NOT_MODIFIED or schedule.body_hash(answer.body) == state.body_hash:
            yield _unchanged(around, source, state, answer)
        else:
            yield _read(around, source, state, answer)


def _failed(around: _Round, source: Source, state: PollState, error: FetchError | ParseError) -> PollResult:
    now = around.clock()
    after = schedule.after_failure(source, state, error, around.config.poll, now)
    with writing(around.engine) as conn:
        sources.save(conn, after)
        if (after.state, after.error) != (state.state, state.error):
            journal.write(conn, now, source.name, f"{after.state}: {after.error}")
    return PollResult(source.name, "failed", reason=error.message)


def _unchanged(around: _Round, source: Source, state: PollState, page: Page) -> PollResult:
    now = around.clock()
    after = schedule.after_page(source, state, page, None, around.config.poll, now)
    with writing(around.engine) as conn:
        sources.save(conn, after)
        _note(conn, now, state, after, None)
    return PollResult(source.name, "unchanged", reason="not modified" if page.status == NOT_MODIFIED else "same bytes")


def _read(around: _Round, source: Source, state: PollState, page: Page) -> PollResult:
    now = around.clock()
    reading = around.reader.read(source, page, now)
    if isinstance(reading, ParseError):
        return _failed(around, source, state, reading)
    after = schedule.after_page(source, state, page, reading, around.config.poll, now)
    news = _news(reading, around.config, now, first=state.last_changed is None)
    with writing(around.engine) as conn:
        added = entries.add(conn, reading.entries, news=news)
        sources.save(conn, after)
        _note(conn, now, state, after, added)
    return PollResult(source.name, "read", len(added.new), len(added.changed), reading.dirt or "")


def _news(reading: Reading, config: Config, now: datetime, *, first: bool) -> dict[str, bool]:
    """Which entries are news. Of a first poll only what is dated, and recent: a date to come says no more than none."""
    oldest = now - config.poll.backfill
    return {
        entry.id: not first or (entry.published is not None and oldest <= entry.published <= now)
        for entry in reading.entries
    }


def _note(conn: Connection, now: datetime, before: PollState, after: PollState, added: entries.Added | None) -> None:
    """Journal what an operator would want to know later; a quiet poll leaves no line."""
    if before.state != after.state and before.state not in {"new", after.state}:
        journal.write(conn, now, after.source, f"{after.state} again, after {before.failures} failures")
    if before.adopted_url != after.adopted_url:
        journal.write(conn, now, after.source, f"address adopted: {shown(after.adopted_url or after.url)}")
    if added and (added.new or added.changed):
        journal.write(conn, now, after.source, f"{len(added.new)} new, {len(added.changed)} changed")
