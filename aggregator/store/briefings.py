"""What the writer wrote, what did not hold and why, and its ledger of calls."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.store.dialects import slices, upsert
from aggregator.store.tables import briefings, writer_calls

Outcome = Literal["written", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What came of one question. `text`: where it holds. `sources`: the entries that its sentences name."""

    key: str
    story: str
    said: str
    at: datetime
    model: str
    language: str
    outcome: Outcome
    text: str | None = None
    sources: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A line of the ledger, as it is stored."""

    id: int
    at: datetime
    story: str
    outcome: str
    input: int
    output: int
    cost: float
    until: datetime | None
    reason: str


def keep(conn: Connection, briefing: Briefing) -> None:
    upsert(conn, briefings, [asdict(briefing) | {"sources": list(briefing.sources)}], key=["key"])


def load(conn: Connection, keys: Iterable[str]) -> dict[str, Briefing]:
    """By key."""
    found: dict[str, Briefing] = {}
    for some in slices(keys):
        for row in conn.execute(select(briefings).where(briefings.c.key.in_(some))):
            found[row.key] = _briefing(row)
    return found


def of_story(conn: Connection, story: str) -> list[Briefing]:
    """The newest first."""
    query = select(briefings).where(briefings.c.story == story)
    return [_briefing(row) for row in conn.execute(query.order_by(briefings.c.at.desc(), briefings.c.key))]


def forget(conn: Connection, keys: Iterable[str]) -> None:
    """So that they are asked again."""
    for some in slices(keys):
        conn.execute(delete(briefings).where(briefings.c.key.in_(some)))


def _briefing(row: Any) -> Briefing:
    return Briefing(**{**row._mapping, "sources": tuple(row.sources)})  # noqa: SLF001  the documented way


# --- the ledger ------------------------------------------------------------------------------------------


def ask(conn: Connection, *, at: datetime, story: str, input_: int, output: int, cost: float) -> int:
    """Before the question goes out, with what it may cost at most: who is killed in the middle has paid for it."""
    row = {"at": at, "story": story, "outcome": "asked", "input": input_, "output": output, "cost": cost, "reason": ""}
    number: int = conn.execute(insert(writer_calls).returning(writer_calls.c.id), row).scalar_one()
    return number


def answered(conn: Connection, call: int, outcome: str, **known: Any) -> None:
    """What is known of it now."""
    conn.execute(update(writer_calls).where(writer_calls.c.id == call).values(outcome=outcome, **known))


def spent(conn: Connection, since: datetime) -> Mapping[str, Any]:
    """`calls`, `tokens` and `cost` since then."""
    columns = (
        func.count().label("calls"),
        func.coalesce(func.sum(writer_calls.c.input + writer_calls.c.output), 0).label("tokens"),
        func.coalesce(func.sum(writer_calls.c.cost), 0.0).label("cost"),
    )
    row = conn.execute(select(*columns).where(writer_calls.c.at >= since)).one()
    return {"calls": int(row.calls), "tokens": int(row.tokens), "cost": float(row.cost)}


def last_calls(conn: Connection, limit: int) -> list[Called]:
    """The newest first."""
    query = select(writer_calls).order_by(writer_calls.c.id.desc()).limit(limit)
    return [Called(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001  the documented way


def forget_calls(conn: Connection, before: datetime) -> None:
    conn.execute(delete(writer_calls).where(writer_calls.c.at < before))
