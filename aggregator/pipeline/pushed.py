"""What hubs pushed, read as a page of a poll is: in the same cage, to the same entries. Never in the web process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

from sqlalchemy import Connection, Engine

from aggregator.collect import websub
from aggregator.collect.urls import host
from aggregator.config import Config, Source
from aggregator.errors import ParseError
from aggregator.model import Pushed, Reading
from aggregator.pipeline.intake import Came, take
from aggregator.pipeline.settle import PollResult
from aggregator.protocols import Reader
from aggregator.store import journal, pushes, sources
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive


@dataclass(frozen=True, slots=True)
class _Round:
    engine: Engine
    config: Config
    reader: Reader
    clock: Callable[[], datetime]


def read_pushed(
    engine: Engine,
    config: Config,
    *,
    reader: Reader,
    clock: Callable[[], datetime],
    wait: float = 0,
    stop: Event | None = None,
    on_result: Callable[[PollResult], None] = lambda _: None,
) -> tuple[PollResult, ...]:
    """Read what hubs sent, in the order in which it came, one transaction a message.

    Raises BusyError when another process polls.
    """
    with reading(engine) as conn:
        waiting = pushes.waiting(conn)
    if not waiting:
        return ()
    around = _Round(engine, config, reader, clock)
    results = []
    with exclusive(engine, "poll", wait=wait):
        for id_ in waiting:
            for result in _taken(around, id_):
                results.append(result)
                on_result(result)
            if stop is not None and stop.is_set():
                break
    return tuple(results)


def _taken(around: _Round, id_: int) -> Iterator[PollResult]:
    with reading(around.engine) as conn:
        pushed = pushes.take(conn, id_)
    if pushed is None:
        return
    source = around.config.source(pushed.source)
    if source is None or source.paused:
        with writing(around.engine) as conn:
            pushes.done(conn, id_)
        return
    now = around.clock()
    answer = around.reader.read(source, websub.page(pushed), now)
    yield _kept(around, source, pushed, answer, now)


def _kept(around: _Round, source: Source, pushed: Pushed, answer: Reading | ParseError, now: datetime) -> PollResult:
    with writing(around.engine) as conn:
        pushes.done(conn, pushed.id)
        if isinstance(answer, ParseError):
            reason = around.config.masked(f"what the hub {host(pushed.hub)} pushed cannot be read: {answer.message}")
            journal.write(conn, now, source.name, f"{reason}; polled for instead")
            _hasten(conn, around.config, source, now)
            return PollResult(source.name, "failed", reason=reason)
        return _added(conn, around.config, source, pushed, answer, now)


def _added(  # noqa: PLR0917  what came is made of just these
    conn: Connection, config: Config, source: Source, pushed: Pushed, read: Reading, now: datetime
) -> PollResult:
    """As of a poll."""
    state = sources.load(conn, [source.name]).get(source.name)
    taken = take(
        conn, Came(source.name, read.entries, state, part=True, deleted=read.deleted), config.poll.backfill, now
    )
    new = frozenset(taken.new)
    if new and state is not None:
        sources.save(conn, websub.brought(state, [one for one in read.entries if one.id in new], now))
    if taken.new or taken.changed or taken.held or taken.renamed:
        journal.write(conn, now, source.name, f"{taken.words}, pushed by the hub {host(pushed.hub)}")
    result = PollResult(source.name, "read", len(taken.new), len(taken.changed), len(taken.held), read.dirt or "")
    return replace(result, alerts=taken.alerts)


def _hasten(conn: Connection, config: Config, source: Source, now: datetime) -> None:
    """Something changed there, and only polling will tell what."""
    state = sources.load(conn, [source.name]).get(source.name)
    if state is None or state.last_polled is None:
        return
    due = max(now, state.last_polled + config.poll.min)
    if due < state.due:
        reason = "its hub pushed what cannot be read"
        sources.save(conn, replace(state, due=due, reason=reason, rules=(reason,)))
