"""What an operator decides on entries that are held: let them in, or let nobody see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.errors import UsageError
from aggregator.pipeline import alerts
from aggregator.store import entries, health, journal
from aggregator.store import held as held_entries
from aggregator.store.engine import writing
from aggregator.store.entries import Stored


@dataclass(frozen=True, slots=True)
class Reviewed:
    ids: tuple[str, ...]
    over: tuple[str, ...] = ()
    """Sources of which nothing is held any more."""


def release(
    engine: Engine, config: Config, ids: Sequence[str], *, source: str | None, as_news: bool, now: datetime
) -> Reviewed:
    """These entries, or all that are held of a source, wait to be curated: as what was there before, or as news. Also what
    was dropped comes back by its id.

    Raises UsageError where one of them is not held.
    """

    def let_in(conn: Connection, found: Sequence[str]) -> str:
        held_entries.release(conn, found, news=as_news)
        return f"released, {'as news' if as_news else 'into the archive: no news'}"

    return _review(engine, config, let_in, ids, source, now)


def drop(engine: Engine, config: Config, ids: Sequence[str], *, source: str | None, now: datetime) -> Reviewed:
    """Nobody sees them, and as they stay known, no poll brings them back. Raises UsageError as `release` does."""

    def let_go(conn: Connection, found: Sequence[str]) -> str:
        held_entries.drop(conn, found, now)
        return "dropped: it stays known, and nobody sees it"

    return _review(engine, config, let_go, ids, source, now)


def _review(  # noqa: PLR0917  what is decided is made of just these
    engine: Engine,
    config: Config,
    decide: Callable[[Connection, Sequence[str]], str],
    ids: Sequence[str],
    source: str | None,
    now: datetime,
) -> Reviewed:
    with writing(engine) as conn:
        held = [_held(conn, id_) for id_ in dict.fromkeys(ids)]
        wanted = [stored.entry.id for stored in held] if source is None else held_entries.of_source(conn, source)
        event = decide(conn, wanted)
        sources = {stored.entry.source for stored in held} if source is None else {source}
        journal.write_all(conn, now, [(id_, event) for id_ in wanted])
        journal.write_all(
            conn, now, [(name, f"{len(wanted)} held entries {event}") for name in sorted(sources) if wanted]
        )
        over = _over(conn, sources, now)
    if over:
        alerts.write_feed(engine, config)
    return Reviewed(tuple(wanted), over)


def _held(conn: Connection, id_: str) -> Stored:
    stored = entries.get(conn, id_)
    if stored is None:
        raise UsageError(f"there is no entry {id_!r}", hint="`entries --held` lists what is held")
    if stored.held is None:
        raise UsageError(f"{id_} is not held", hint="`entries --held` lists what is")
    return stored


def _over(conn: Connection, sources: set[str], now: datetime) -> tuple[str, ...]:
    """The floods of which nothing is held any more are over."""
    left = held_entries.by_source(conn)
    over = [flood for name, flood in health.open_floods(conn).items() if name in sources and name not in left]
    health.write(conn, [replace(flood, closed=now) for flood in over])
    return tuple(flood.subject for flood in over)
