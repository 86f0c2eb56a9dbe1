"""What we remember of sources between polls, and the ledger of their last fetches."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from aggregator.model import Fetch, Hints, PollState
from aggregator.store.dialects import insert_new, upsert
from aggregator.store.tables import fetches, sources

LEDGER = 60
"""Lines that are kept of each source."""
_NAMES = tuple(field.name for field in fields(PollState))
_values = attrgetter(*_NAMES)
_LINE = tuple(field.name for field in fields(Fetch))
_MOST = 500


def remember(conn: Connection, states: Iterable[PollState]) -> int:
    """Add the sources that are not known yet; how many that were."""
    return insert_new(conn, sources, [_row(state) for state in states], key=["source"])


def save(conn: Connection, *states: PollState) -> None:
    upsert(conn, sources, [_row(state) for state in states], key=["source"])


def update_changed(conn: Connection, changes: Iterable[tuple[PollState, PollState]]) -> None:
    """Write what differs between the states before and after: mostly a few columns of many sources, the same of all."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for before, after in changes:
        pairs = zip(_NAMES, _values(before), _values(after), strict=True)
        row = {name: now for name, was, now in pairs if was is not now and was != now}
        names = tuple(row)
        if "hints" in row:
            row["hints"] = _told(after.hints)
        row["of"] = after.source
        by_columns.setdefault(names, []).append(row)
    for names, rows in by_columns.items():
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        if names:
            conn.execute(update(sources).where(sources.c.source == bindparam("of")).values(values), rows)


def forget(conn: Connection, name: str) -> None:
    """Drop what we remember of a source, as if it had never been polled; its entries stay."""
    conn.execute(delete(sources).where(sources.c.source == name))


def load(conn: Connection, names: Iterable[str] | None = None) -> dict[str, PollState]:
    """By name; without `names`, all."""
    query = select(sources).order_by(sources.c.source)
    if names is None:
        return {row.source: _state(row) for row in conn.execute(query)}
    wanted = list(names)
    found: dict[str, PollState] = {}
    for start in range(0, len(wanted), _MOST):
        some = query.where(sources.c.source.in_(wanted[start : start + _MOST]))
        found |= {row.source: _state(row) for row in conn.execute(some)}
    return found


def addresses(conn: Connection) -> dict[str, str]:
    """The configured address of every known source, as it was when it was met."""
    return {row.source: row.url for row in conn.execute(select(sources.c.source, sources.c.url))}


def due(conn: Connection, now: datetime) -> dict[str, PollState]:
    """Those whose time has come, the longest overdue first."""
    query = select(sources).where(sources.c.due <= now).order_by(sources.c.due, sources.c.source)
    return {row.source: _state(row) for row in conn.execute(query)}


def ahead(conn: Connection, moment: datetime) -> dict[str, PollState]:
    """Those that were polled later than that: by a clock that was wrong."""
    return {row.source: _state(row) for row in conn.execute(select(sources).where(sources.c.last_polled > moment))}


def titles(conn: Connection) -> dict[str, str | None]:
    """The title that each source's own feed gives itself."""
    return {row.source: row.title for row in conn.execute(select(sources.c.source, sources.c.title))}


def homes(conn: Connection) -> dict[str, str | None]:
    """The page that each source's own feed says it is of."""
    return {row.source: row.home for row in conn.execute(select(sources.c.source, sources.c.home))}


# --- the ledger ------------------------------------------------------------------------------------------


def note(conn: Connection, lines: Sequence[tuple[PollState, Fetch]]) -> None:
    """A line for each of these polls; `state` is the one after it. The oldest line of a source makes room."""
    rows = [
        {name: getattr(fetch, name) for name in _LINE} | {"source": state.source, "slot": state.polls % LEDGER}
        for state, fetch in lines
    ]
    upsert(conn, fetches, rows, key=["source", "slot"])


def ledger(conn: Connection, name: str, *, limit: int = LEDGER) -> list[Fetch]:
    """The newest first."""
    query = select(fetches).where(fetches.c.source == name).order_by(fetches.c.at.desc()).limit(limit)
    return [Fetch(**{name: getattr(row, name) for name in _LINE}) for row in conn.execute(query)]


# --- rows ------------------------------------------------------------------------------------------------


def _row(state: PollState) -> dict[str, Any]:
    row = dict(zip(_NAMES, _values(state), strict=True))
    row["hints"] = _told(state.hints)
    return row


def _told(hints: Hints) -> dict[str, Any]:
    """What it says; most feeds say nothing."""
    return {} if hints == _SILENT else {name: value for name, value in asdict(hints).items() if value not in {None, ()}}


_SILENT = Hints()


def _state(row: Row[Any]) -> PollState:
    values = dict(row._mapping)  # noqa: SLF001  the documented way to a row's names
    values["hints"] = _hints(values["hints"])
    values["rules"] = tuple(values["rules"])
    values["times"] = tuple(values["times"])
    values["other_validators"] = tuple(tuple(known) for known in values["other_validators"])
    return PollState(**values)


def _hints(said: dict[str, Any]) -> Hints:
    if not said:
        return _SILENT
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Hints(**values)
