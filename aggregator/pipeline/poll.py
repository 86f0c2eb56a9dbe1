"""due sources -> fetch -> parse -> normalise -> drop the known -> entries: who is asked, and how the answers come in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event

from sqlalchemy import Connection, Engine

from aggregator.collect import schedule, websub
from aggregator.collect.budget import Budgets
from aggregator.config import Config, Source
from aggregator.errors import FetchError
from aggregator.model import Page, PollState, Request
from aggregator.pipeline.older import Gap, read_older
from aggregator.pipeline.settle import Answered, PollResult, Round, write
from aggregator.protocols import Fetcher, Reader
from aggregator.store import health as known_health
from aggregator.store import pushes, sources
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


@dataclass(frozen=True, slots=True)
class Polled:
    results: tuple[PollResult, ...] = ()

    @property
    def new(self) -> int:
        return sum(result.new for result in self.results)

    @property
    def for_review(self) -> int:
        return sum(result.for_review for result in self.results)

    @property
    def failed(self) -> tuple[PollResult, ...]:
        return tuple(result for result in self.results if result.outcome == "failed")


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
        began = clock()
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
                results += _filled(around, fetcher, results, began)
        finally:
            _keep(engine, budgets)
        return Polled(tuple(results))


def _filled(around: Round, fetcher: Fetcher, results: Sequence[PollResult], began: datetime) -> list[PollResult]:
    """After gaps, what the feeds' pages of older entries have."""
    gaps = [
        Gap(around.configured[result.source], result.older, around.states[result.source], began)
        for result in results
        if result.gap and result.older is not None
    ]
    pages = read_older(
        around.engine, around.config, gaps, fetcher=fetcher, reader=around.reader, clock=around.clock
    )  # fmt: skip
    why = "a page of older entries"
    return [
        PollResult(page.source, "read", page.new, for_review=page.for_review, reason=why, alerts=page.alerts)
        for page in pages
    ]


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
) -> Round:  # fmt: skip
    configured = {source.name: source for source in config.sources if not source.paused}
    now = clock()
    _meet(engine, config, now)
    with reading_from(engine) as conn:
        states = _due(conn, configured, now, wanted)
        incidents = known_health.open_incidents(conn, states)
        pushed = {name: websub.why(known, now) for name, known in pushes.active(conn, now).items()}
        with_hub = pushes.with_one(conn)
    return Round(engine, config, reader, clock, configured, states, incidents, pushed, with_hub)


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


def _written(around: Round, fetcher: Fetcher, stop: Event) -> Iterator[list[PollResult]]:
    requests = [schedule.request_for(around.configured[name], state) for name, state in around.states.items()]
    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        try:
            for answered in _in_good_time(_answers(around, fetcher.batches(requests), pool), around.clock, stop):
                yield write(around, answered)
        finally:
            pool.shutdown(cancel_futures=True)


def _answers(
    around: Round, batches: Iterator[Sequence[tuple[Request, Page | FetchError]]], pool: ThreadPoolExecutor
) -> Iterator[list[Answered]]:
    """What can be written down. Pages are read beside: one that takes its reader's whole patience holds up no other."""
    pending: dict[Future[Answered], None] = {}
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
    answered: Iterator[list[Answered]], clock: Callable[[], datetime], stop: Event
) -> Iterator[list[Answered]]:
    """What came within half a second, together: nothing is lost with it, as it would be asked for again.

    A transaction for every few of them costs more than asking does: each statement has its price, and each row that is
    written while answers come in hands the interpreter from one thread to the other.
    """
    held: list[Answered] = []
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


def _done(pending: dict[Future[Answered], None], *, at_most: int) -> list[Answered]:
    """Those that are read, and gone from `pending`; waits for one where more than `at_most` are not."""
    if not pending:
        return []
    done, _ = wait(pending, timeout=None if len(pending) > at_most else 0, return_when=FIRST_COMPLETED)
    for future in done:
        del pending[future]
    return [future.result() for future in done]


def _looked_at(around: Round, request: Request, answer: Page | FetchError) -> Answered:
    """With its digest where the body is new; without its body where it is not: hundreds of them wait to be noted."""
    one = Answered(around.configured[request.source], around.states[request.source], answer)
    if isinstance(answer, FetchError) or answer.status == HTTPStatus.NOT_MODIFIED:
        return one
    digest = schedule.body_hash(answer.body)
    if digest == one.state.body_hash:
        return replace(one, answer=replace(answer, body=b""))
    return replace(one, digest=digest)


def _read(around: Round, one: Answered) -> Answered:
    assert isinstance(one.answer, Page), "an error is not read"
    return replace(one, reading=around.reader.read(one.source, one.answer, around.clock()))
