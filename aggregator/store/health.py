"""Incidents that operators hear of, and what each domain bears."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, insert, or_, select, update

from aggregator.model import Budget, Incident
from aggregator.store.dialects import upsert
from aggregator.store.tables import budgets, incidents

_OF_EDITIONS = ("plain", "held")
_BEGUN, _OVER = 1, 2
"""Letters about an incident: one when it began, one more when it was over."""


def open_incidents(conn: Connection, names: Iterable[str] | None = None) -> dict[str, Incident]:
    """By source; there is one at most of each: floods are apart, as a source may well be down after one."""
    query = select(incidents).where(incidents.c.closed.is_(None), incidents.c.kind.not_in(("flood", *_OF_EDITIONS)))
    found = {row.subject: _incident(row) for row in conn.execute(query)}
    return found if names is None else {name: found[name] for name in names if name in found}


def open_floods(conn: Connection) -> dict[str, Incident]:
    """By source: those whose entries wait for review."""
    query = select(incidents).where(incidents.c.closed.is_(None), incidents.c.kind == "flood")
    return {row.subject: _incident(row) for row in conn.execute(query)}


def open_of_newsletter(conn: Connection, newsletter: str) -> list[Incident]:
    """Those that began with one of its editions."""
    editions = incidents.c.subject.startswith(f"{newsletter}/", autoescape=True)
    query = select(incidents).where(incidents.c.closed.is_(None), incidents.c.kind.in_(_OF_EDITIONS), editions)
    return [_incident(row) for row in conn.execute(query.order_by(incidents.c.id))]


def write(conn: Connection, changes: Sequence[Incident]) -> None:
    """Those that were written before are closed, the others begin."""
    for each in changes:
        if each.id:
            conn.execute(update(incidents).where(incidents.c.id == each.id).values(closed=each.closed))
    fresh = [asdict(each) | {"mailed": 0} for each in changes if not each.id]
    for row in fresh:
        del row["id"]
    if fresh:
        conn.execute(insert(incidents), fresh)


def newest(conn: Connection, limit: int = 100) -> list[Incident]:
    """Those that began or ended last, first."""
    moved = case((incidents.c.closed.is_(None), incidents.c.opened), else_=incidents.c.closed)
    query = select(incidents).order_by(moved.desc(), incidents.c.id.desc()).limit(limit)
    return [_incident(row) for row in conn.execute(query)]


def unmailed(conn: Connection) -> list[Incident]:
    """Those about which no letter has gone out yet, or none of their end."""
    over = incidents.c.closed.is_not(None) & (incidents.c.mailed < _OVER)
    query = select(incidents).where(or_(incidents.c.mailed < _BEGUN, over)).order_by(incidents.c.id)
    return [_incident(row) for row in conn.execute(query)]


def mailed(conn: Connection, told: Sequence[Incident]) -> None:
    for each in told:
        letters = _OVER if each.closed is not None else _BEGUN
        conn.execute(update(incidents).where(incidents.c.id == each.id).values(mailed=letters))


def of_subject(conn: Connection, name: str, *, limit: int = 5) -> list[Incident]:
    """The newest first."""
    query = select(incidents).where(incidents.c.subject == name).order_by(incidents.c.id.desc()).limit(limit)
    return [_incident(row) for row in conn.execute(query)]


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id, subject=row.subject, kind=row.kind, opened=row.opened, reason=row.reason, closed=row.closed
    )  # fmt: skip


# --- what each domain bears ------------------------------------------------------------------------------


def load_budgets(conn: Connection) -> list[Budget]:
    return [Budget(**row._mapping) for row in conn.execute(select(budgets))]  # noqa: SLF001  the documented way


def save_budgets(conn: Connection, changed: Sequence[Budget]) -> None:
    upsert(conn, budgets, [asdict(budget) for budget in changed], key=["domain"])


def budget_of(conn: Connection, domain: str, now: datetime) -> Budget | None:
    """What is remembered of a domain and still counts; None where it is nothing."""
    row = conn.execute(select(budgets).where(budgets.c.domain == domain)).one_or_none()
    known = Budget(**row._mapping) if row is not None else None  # noqa: SLF001  the documented way
    if known is None or not (known.delay or (known.until is not None and known.until > now)):
        return None
    return known
