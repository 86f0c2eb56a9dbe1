"""due sources -> fetch -> parse -> normalise -> drop the known -> entries. What has come is written down together, each
source whole: its entries, its state, its line in the ledger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event
from typing import Literal

from sqlalchemy import Connection, Engine

from aggregator.collect import health, schedule, websub
from aggregator.collect.budget import Budgets
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Fetch, Incident, Page, PollState, Reading, Request
from aggregator.pipeline import push
from aggregator.pipeline.older import Gap, read_older
from aggregator.protocols import Fetcher, Reader
from aggregator.store import entries, journal, pushes, sources
from aggregator.store import health as known_health
from aggregator.store.engine import reading as reading_from
from aggregator.store.engine import writing
from aggregator.store.locks import exclusive

_READERS = 2
_AHEAD = 8
"""Pages that are given to be read before the oldest of them is done."""
_MOST_HELD, _MOST_READ = 500, 40
"""Answers, and pages that were read, that are held before they are written down."""
_DAY = timedelta(days=1)
_SOON = timedelta(seconds=0.5)

Outcome = Literal["read", "unchanged", "failed", "held"]


@dataclass(frozen=True, slots=True)
class PollResult:
    """`held`: not asked, as its domain asked for a pause. `alerts`: incidents that began with this answer, or ended."""

    source: str
    outcome: Outcome
    new: int = 0
    changed: int = 0
    reason: str = ""
    gap: bool = False
    older: str | None = None
    """Where the feed keeps its older entries."""
    missed: bool = False
    """It is to be looked for on its site."""
    alerts: tuple[Incident, ...] = ()


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
    configured: Mapping[str, Source]
    states: dict[str, PollState]
    incidents: dict[str, Incident]
    pushed: Mapping[str, str]
    """Source -> why it may wait longer: its hub pushes."""
    with_hub: frozenset[str]
    """Sources that were subscribed to, or are to be."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """A source's answer, and what became of it where it had to be read."""

    source: Source
    state: PollState
    answer: Page | FetchError
    reading: Reading | ParseError | None = None
    digest: str | None = None
    """Of its body, where that is new."""


@dataclass(slots=True)
class _Written:
    """What one transaction writes down, gathered source by source."""

    conn: Connection
    now: datetime
    states: list[tuple[PollState, PollState]] = field(default_factory=list)
    """Before and after."""
    lines: list[tuple[PollState, Fetch]] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    added: dict[str, entries.Added] = field(default_factory=dict)

    def journal(self, source: Source, event: str) -> None:
        self.events.append((source.name, event))


def poll(
    engine: Engine,
    config: Config,
    *,
    fetcher: Fetcher,
    reader: Reader,
    clock: Callable[[], datetime],
    budgets: Budgets | None = None,
    names: Sequence[str] = (),
    force: bool = False,
    most: int | None = None,
    wait: float = 0,
    stop: Event | None = None,
    on_result: Callable[[PollResult], None] = lambda _: None,
) -> Polled:
    """Poll what is due; with `names`, those, due or not; with `force`, all. A server's own wishes stand in any case.

    `most`: so many at once of those that were polled before, the longest overdue first: after an outage, a thousand are.
    `budgets`: what the fetcher knows of each domain; filled from the database, and what is learnt kept there.
    A failing source is a result, never an exception. `stop` ends the round after the answers at hand.
    Raises BusyError when another process polls.
    """
    budgets, stop = budgets if budgets is not None else Budgets(), stop or Event()
    with exclusive(engine, "poll", wait=wait):
        around = _round(engine, config, reader, clock, _Wanted(names, force=force, most=most))
        with reading_from(engine) as conn:
            budgets.know(known_health.load_budgets(conn))
        results: list[PollResult] = []
        try:
            for written in _written(around, fetcher, stop):
                results += written
                for result in written:
                    on_result(result)
                if stop.is_set():
                    break
            else:
                results += _filled(around, fetcher, results)
        finally:
            _keep(engine, budgets)
        return Polled(tuple(results))


def _filled(around: _Round, fetcher: Fetcher, results: Sequence[PollResult]) -> list[PollResult]:
    """After gaps, what the feeds' pages of older entries have."""
    gaps = [
        Gap(around.configured[result.source], result.older, around.states[result.source].last_polled)
        for result in results
        if result.gap and result.older is not None
    ]
    pages = read_older(
        around.engine, around.config, gaps, fetcher=fetcher, reader=around.reader, clock=around.clock
    )  # fmt: skip
    return [PollResult(page.source, "read", page.new, reason="a page of older entries") for page in pages]


def _keep(engine: Engine, budgets: Budgets) -> None:
    changed = budgets.changes()
    if changed:
        with writing(engine) as conn:
            known_health.save_budgets(conn, changed)


# --- what is due -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    names: Sequence[str]
    force: bool
    most: int | None


def _round(
    engine: Engine, config: Config, reader: Reader, clock: Callable[[], datetime], wanted: _Wanted
) -> _Round:  # fmt: skip
    configured = {source.name: source for source in config.sources if not source.paused}
    now = clock()
    _meet(engine, config, now)
    with reading_from(engine) as conn:
        states = _due(conn, configured, now, wanted)
        incidents = known_health.open_incidents(conn, states)
        pushed = {name: websub.why(known, now) for name, known in pushes.active(conn, now).items()}
        with_hub = pushes.with_one(conn)
    return _Round(engine, config, reader, clock, configured, states, incidents, pushed, with_hub)


def _meet(engine: Engine, config: Config, now: datetime) -> None:
    """Every configured source has a state; one whose address was edited starts anew, or goes on where it was led to."""
    with reading_from(engine) as conn:
        known = sources.addresses(conn)
    fresh = [schedule.first_state(source, now) for source in config.sources if source.name not in known]
    edited = [source for source in config.sources if known.get(source.name, source.url) != source.url]
    if fresh or edited:
        with writing(engine) as conn:
            sources.remember(conn, fresh)
            before = sources.load(conn, [source.name for source in edited])
            sources.save(conn, *(schedule.readdressed(source, before[source.name], now) for source in edited))


def _due(
    conn: Connection, configured: Mapping[str, Source], now: datetime, wanted: _Wanted
) -> dict[str, PollState]:  # fmt: skip
    """The longest overdue first."""
    if wanted.names:
        states = sources.load(conn, wanted.names)
    elif wanted.force:
        states = sources.load(conn)
    else:
        states = sources.due(conn, now) | sources.ahead(conn, now + _DAY)
    force = wanted.force or bool(wanted.names)
    due = [
        state
        for state in sorted(states.values(), key=lambda state: state.due)
        if state.source in configured and schedule.is_due(state, now, force=force)
    ]
    if wanted.most is not None:
        new = [state for state in due if state.last_polled is None]
        due = new + [state for state in due if state.last_polled is not None][: wanted.most]
    return {state.source: state for state in due}


# --- what comes ------------------------------------------------------------------------------------------


def _written(around: _Round, fetcher: Fetcher, stop: Event) -> Iterator[list[PollResult]]:
    requests = [schedule.request_for(around.configured[name], state) for name, state in around.states.items()]
    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        try:
            for answered in _in_good_time(_answers(around, fetcher.batches(requests), pool), around.clock, stop):
                yield _write(around, answered)
        finally:
            pool.shutdown(cancel_futures=True)


def _answers(
    around: _Round, batches: Iterator[Sequence[tuple[Request, Page | FetchError]]], pool: ThreadPoolExecutor
) -> Iterator[list[_Answered]]:
    """What can be written down. Pages are read beside: one that takes its reader's whole patience holds up no other."""
    pending: dict[Future[_Answered], None] = {}
    for batch in batches:
        ready = []
        for request, answer in batch:
            one = _looked_at(around, request, answer)
            if one.digest is not None:
                pending[pool.submit(_read, around, one)] = None
            else:
                ready.append(one)
        ready += _done(pending, at_most=_AHEAD)
        if ready:
            yield ready
        while len(pending) > _AHEAD:
            yield _done(pending, at_most=_AHEAD)
    while pending:
        yield _done(pending, at_most=0)


def _in_good_time(
    answered: Iterator[list[_Answered]], clock: Callable[[], datetime], stop: Event
) -> Iterator[list[_Answered]]:
    """What came within half a second, together: nothing is lost with it, as it would be asked for again.

    A transaction for every few of them costs more than asking does: each statement has its price, and each row that is
    written while answers come in hands the interpreter from one thread to the other.
    """
    held: list[_Answered] = []
    read, since = 0, clock()
    for some in answered:
        held += some
        read += sum(one.reading is not None for one in some)
        full = len(held) >= _MOST_HELD or read >= _MOST_READ or stop.is_set()
        if full or not timedelta(0) <= clock() - since < _SOON:
            yield held
            held, read, since = [], 0, clock()
    if held:
        yield held


def _done(pending: dict[Future[_Answered], None], *, at_most: int) -> list[_Answered]:
    """Those that are read, and gone from `pending`; waits for one where more than `at_most` are not."""
    if not pending:
        return []
    done, _ = wait(pending, timeout=None if len(pending) > at_most else 0, return_when=FIRST_COMPLETED)
    for future in done:
        del pending[future]
    return [future.result() for future in done]


def _looked_at(around: _Round, request: Request, answer: Page | FetchError) -> _Answered:
    """With its digest where the body is new; without its body where it is not: hundreds of them wait to be noted."""
    one = _Answered(around.configured[request.source], around.states[request.source], answer)
    if isinstance(answer, FetchError) or answer.status == HTTPStatus.NOT_MODIFIED:
        return one
    digest = schedule.body_hash(answer.body)
    if digest == one.state.body_hash:
        return replace(one, answer=replace(answer, body=b""))
    return replace(one, digest=digest)


def _read(around: _Round, one: _Answered) -> _Answered:
    assert isinstance(one.answer, Page), "an error is not read"
    return replace(one, reading=around.reader.read(one.source, one.answer, around.clock()))


# --- what is written down --------------------------------------------------------------------------------


def _write(around: _Round, answered: Sequence[_Answered]) -> list[PollResult]:
    with writing(around.engine) as conn:
        written = _Written(conn, around.clock())
        known = [_unless_another_feed(conn, one) for one in answered]
        _add_entries(around, written, known)
        results = [_settle(around, written, one) for one in known]
        sources.update_changed(conn, written.states)
        sources.note(conn, written.lines)
        journal.write_all(conn, written.now, written.events)
        known_health.write(conn, written.incidents)
    return results


def _unless_another_feed(conn: Connection, one: _Answered) -> _Answered:
    """An adopted address that gives another feed now fails, as one that gives none does."""
    if one.state.adopted_url is None or not isinstance(one.reading, Reading):
        return one
    overlap = bool(entries.known(conn, [entry.id for entry in one.reading.entries]))
    if not schedule.is_another_feed(one.state, one.reading, overlap=overlap):
        return one
    return replace(one, reading=ParseError(f"another feed is there now: {one.reading.title or 'without a title'}"))


def _add_entries(around: _Round, written: _Written, answered: Sequence[_Answered]) -> None:
    """The entries of all that was read, together."""
    read = [(one, one.reading) for one in answered if isinstance(one.reading, Reading)]
    if not read:
        return
    news: dict[str, bool] = {}
    for one, reading in read:
        first = one.state.last_new is None
        news |= news_of(reading, around.config.poll.backfill, written.now, first=first)
    added = entries.add_each(written.conn, [reading.entries for _, reading in read], news=news)
    written.added = {one.source.name: found for (one, _), found in zip(read, added, strict=True)}


def _settle(around: _Round, written: _Written, one: _Answered) -> PollResult:
    if isinstance(one.answer, FetchError):
        return _failed(around, written, one, one.answer)
    if isinstance(one.reading, ParseError):
        return _failed(around, written, one, one.reading)
    if one.reading is None:
        return _unchanged(around, written, one, one.answer)
    return _news(around, written, one, one.answer, one.reading)


def _failed(
    around: _Round, written: _Written, one: _Answered, error: FetchError | ParseError
) -> PollResult:  # fmt: skip
    if isinstance(error, FetchError) and error.problem == "held":
        return _held(written, one, error)
    after = schedule.after_failure(one.source, one.state, error, around.config.poll, written.now)
    after = _masked(around.config, after)
    if (after.state, after.error) != (one.state.state, one.state.error):
        written.journal(one.source, f"{after.state}: {after.error}")
    _note_move(around.config, written, one, after)
    alerts = _note(around, written, one, after, f"failed: {after.error}", error=error)
    missed = health.is_missed(error, after.failures)
    return PollResult(one.source.name, "failed", reason=after.error or "", missed=missed, alerts=alerts)


def _held(written: _Written, one: _Answered, error: FetchError) -> PollResult:
    after = schedule.after_hold(one.source, one.state, error.message, error.until, written.now)
    written.states.append((one.state, after))
    return PollResult(one.source.name, "held", reason=error.message)


def _masked(config: Config, state: PollState) -> PollState:
    """What is told of a failure may hold the address that was asked, or where a redirect led from it."""
    return replace(
        state,
        error=config.masked(state.error) if state.error else state.error,
        reason=config.masked(state.reason),
        health=config.masked(state.health),
        rules=tuple(map(config.masked, state.rules)),
    )


def _unchanged(around: _Round, written: _Written, one: _Answered, page: Page) -> PollResult:
    pushed = around.pushed.get(one.source.name, "")
    after = schedule.after_page(one.source, one.state, page, None, around.config.poll, written.now, pushed=pushed)
    words = "not modified" if page.status == HTTPStatus.NOT_MODIFIED else "same bytes"
    return PollResult(one.source.name, "unchanged", reason=words, alerts=_well(around, written, one, after, words))


def _news(around: _Round, written: _Written, one: _Answered, page: Page, reading: Reading) -> PollResult:
    added = written.added[one.source.name]
    new, changed = len(added.new), len(added.changed)
    gap = one.state.last_new is not None and bool(reading.entries) and new == len(reading.entries)
    pushed = _pushed(around, written, one, page, reading, new=new)
    settings, now, digest = around.config.poll, written.now, one.digest
    after = schedule.after_page(
        one.source, one.state, page, reading, settings, now, new=new, gap=gap, pushed=pushed, digest=digest
    )  # fmt: skip
    words = f"{new} new, {changed} changed"
    if new or changed:
        written.journal(one.source, words)
    if gap:
        written.journal(one.source, _GAP)
    alerts = _well(around, written, one, after, words, new=new)
    result = PollResult(one.source.name, "read", new, changed, reading.dirt or "")
    return replace(result, gap=gap, older=reading.hints.older, alerts=alerts)


def _pushed(around: _Round, written: _Written, one: _Answered, page: Page, reading: Reading, *, new: int) -> str:
    """Why it may wait longer. Most feeds name no hub, and are not looked up."""
    if one.source.name not in around.with_hub and websub.offer(reading.hints, page) is None:
        return ""
    return push.met(written.conn, around.config, one.source, reading, page, new=new, now=written.now)


_GAP = (
    "gap: no entry in common with the last poll, so some may have been missed (or their ids were changed); "
    "it is asked more often for a while"
)


def news_of(reading: Reading, backfill: timedelta, now: datetime, *, first: bool) -> dict[str, bool]:
    """Which entries are news. Of a first poll only what is dated, and recent: a date to come says no more than none."""
    oldest = now - backfill
    return {
        entry.id: not first or (entry.published is not None and oldest <= entry.published <= now)
        for entry in reading.entries
    }


def _well(
    around: _Round, written: _Written, one: _Answered, after: PollState, words: str, *, new: int = 0
) -> tuple[Incident, ...]:
    """Journal what an operator would want to know later; a quiet poll leaves no line."""
    if after.adopted_url is not None:
        after = _masked(around.config, after)
    if one.state.failures:
        written.journal(one.source, f"{after.state} again, after {one.state.failures} failures")
    elif one.state.state not in {after.state, "new"}:
        written.journal(one.source, f"{after.state}: {after.health}")
    _note_move(around.config, written, one, after)
    return _note(around, written, one, after, words, new=new)


def _note_move(config: Config, written: _Written, one: _Answered, after: PollState) -> None:
    if one.state.adopted_url != after.adopted_url:
        adopted = config.masked(after.adopted_url) if after.adopted_url else "none, back to the configured one"
        written.journal(one.source, f"address adopted: {adopted}")


def _note(
    around: _Round,
    written: _Written,
    one: _Answered,
    after: PollState,
    outcome: str,
    *,
    new: int = 0,
    error: FetchError | ParseError | None = None,
) -> tuple[Incident, ...]:
    """The state, a line in the ledger, and what operators have to hear."""
    answer = one.answer
    received = answer.received if isinstance(answer, Page) else 0
    line = Fetch(
        at=written.now, status=answer.status, received=received, new=new, took=round(answer.took, 3), outcome=outcome
    )
    alerts = health.incident(around.incidents.get(one.source.name), after, written.now, error)
    written.states.append((one.state, after))
    written.lines.append((after, line))
    written.incidents += alerts
    return alerts
