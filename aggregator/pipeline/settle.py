"""What has come of a round is written down together, each source whole: its entries, its state, its line in the ledger,
what happened, and what operators have to hear.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from sqlalchemy import Connection, Engine

from aggregator.collect import health, schedule, websub
from aggregator.config import Config, Source
from aggregator.errors import FetchError, ParseError
from aggregator.model import Fetch, Incident, Page, PollState, Reading
from aggregator.pipeline import push
from aggregator.pipeline.intake import Came, Taken, overlaps, take_each
from aggregator.protocols import Reader
from aggregator.store import health as known_health
from aggregator.store import journal, sources
from aggregator.store.engine import writing

Outcome = Literal["read", "unchanged", "failed", "held"]


@dataclass(frozen=True, slots=True)
class PollResult:
    """`held`: not asked, as its domain asked for a pause. `alerts`: incidents that began with this answer, or ended."""

    source: str
    outcome: Outcome
    new: int = 0
    changed: int = 0
    for_review: int = 0
    """New entries that are held."""
    reason: str = ""
    gap: bool = False
    older: str | None = None
    """Where the feed keeps its older entries."""
    missed: bool = False
    """It is to be looked for on its site."""
    alerts: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
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
class Answered:
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
    taken: dict[str, Taken] = field(default_factory=dict)

    def journal(self, source: Source, event: str) -> None:
        self.events.append((source.name, event))


def write(around: Round, answered: Sequence[Answered]) -> list[PollResult]:
    with writing(around.engine) as conn:
        written = _Written(conn, around.clock())
        known = [_unless_another_feed(conn, one) for one in answered]
        _take_entries(around, written, known)
        results = [_settle(around, written, one) for one in known]
        sources.update_changed(conn, written.states)
        sources.note(conn, written.lines)
        journal.write_all(conn, written.now, written.events)
        known_health.write(conn, written.incidents)
    return results


def _unless_another_feed(conn: Connection, one: Answered) -> Answered:
    """An adopted address that gives another feed now fails, as one that gives none does."""
    if one.state.adopted_url is None or not isinstance(one.reading, Reading):
        return one
    overlap = overlaps(conn, one.reading.entries)
    if not schedule.is_another_feed(one.state, one.reading, overlap=overlap):
        return one
    return replace(one, reading=ParseError(f"another feed is there now: {one.reading.title or 'without a title'}"))


def _take_entries(around: Round, written: _Written, answered: Sequence[Answered]) -> None:
    """The entries of all that was read, together."""
    came = [
        Came(one.source.name, one.reading.entries, one.state, deleted=one.reading.deleted)
        for one in answered
        if isinstance(one.reading, Reading)
    ]  # fmt: skip
    if came:
        taken = take_each(written.conn, came, around.config.poll.backfill, written.now)
        written.taken = {one.source: found for one, found in zip(came, taken, strict=True)}


def _settle(around: Round, written: _Written, one: Answered) -> PollResult:
    if isinstance(one.answer, FetchError):
        return _failed(around, written, one, one.answer)
    if isinstance(one.reading, ParseError):
        return _failed(around, written, one, one.reading)
    if one.reading is None:
        return _unchanged(around, written, one, one.answer)
    return _news(around, written, one, one.answer, one.reading)


def _failed(
    around: Round, written: _Written, one: Answered, error: FetchError | ParseError
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


def _held(written: _Written, one: Answered, error: FetchError) -> PollResult:
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


def _unchanged(around: Round, written: _Written, one: Answered, page: Page) -> PollResult:
    pushed = around.pushed.get(one.source.name, "")
    after = schedule.after_page(one.source, one.state, page, None, around.config.poll, written.now, pushed=pushed)
    words = "not modified" if page.status == HTTPStatus.NOT_MODIFIED else "same bytes"
    return PollResult(one.source.name, "unchanged", reason=words, alerts=_well(around, written, one, after, words))


def _news(around: Round, written: _Written, one: Answered, page: Page, reading: Reading) -> PollResult:
    taken = written.taken[one.source.name]
    new = len(taken.new)
    # What is held for review says nothing of what was missed before it.
    gap = one.state.last_new is not None and bool(reading.entries) and not taken.overlap and not taken.held
    pushed = _pushed(around, written, one, page, reading, new=new)
    settings, now, digest = around.config.poll, written.now, one.digest
    after = schedule.after_page(
        one.source, one.state, page, reading, settings, now, new=new, gap=gap, pushed=pushed, digest=digest
    )  # fmt: skip
    if new or taken.changed or taken.held or taken.renamed:
        written.journal(one.source, taken.words)
    if gap:
        written.journal(one.source, _GAP)
    alerts = (*_well(around, written, one, after, taken.words, new=new), *taken.alerts)
    result = PollResult(one.source.name, "read", new, len(taken.changed), len(taken.held), reading.dirt or "")
    return replace(result, gap=gap, older=reading.hints.older, alerts=alerts)


def _pushed(around: Round, written: _Written, one: Answered, page: Page, reading: Reading, *, new: int) -> str:
    """Why it may wait longer. Most feeds name no hub, and are not looked up."""
    if one.source.name not in around.with_hub and websub.offer(reading.hints, page) is None:
        return ""
    return push.met(written.conn, around.config, one.source, reading, page, new=new, now=written.now)


_GAP = "gap: no entry in common with the last poll, so some may have been missed; it is asked more often for a while"


def _well(
    around: Round, written: _Written, one: Answered, after: PollState, words: str, *, new: int = 0
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


def _note_move(config: Config, written: _Written, one: Answered, after: PollState) -> None:
    if one.state.adopted_url != after.adopted_url:
        adopted = config.masked(after.adopted_url) if after.adopted_url else "none, back to the configured one"
        written.journal(one.source, f"address adopted: {adopted}")


def _note(
    around: Round,
    written: _Written,
    one: Answered,
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
