"""What each published file was made from, so that only what changed is rendered again, and that it is ours."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select

from aggregator.store.dialects import slices, upsert
from aggregator.store.tables import published


@dataclass(frozen=True, slots=True)
class Printed:
    """`made_from` is a digest; `size` in bytes tells a file that somebody emptied or cut."""

    made_from: str
    size: int


def sizes(conn: Connection) -> dict[str, int]:
    """Of all files, by path."""
    rows = conn.execute(select(published.c.path, published.c.size)).all()
    return {path: size for path, size in rows}  # noqa: C416  a row is no pair to the type checker


def load(conn: Connection, paths: Iterable[str]) -> dict[str, Printed]:
    """By path."""
    found: dict[str, Printed] = {}
    for some in slices(paths):
        query = select(published).where(published.c.path.in_(some))
        found |= {row.path: Printed(row.made_from, row.size) for row in conn.execute(query)}
    return found


def record(conn: Connection, printed: Mapping[str, Printed]) -> None:
    """By path."""
    upsert(conn, published, [{"path": path, **asdict(one)} for path, one in printed.items()], key=["path"])


def forget(conn: Connection, paths: Iterable[str]) -> None:
    for some in slices(paths):
        conn.execute(delete(published).where(published.c.path.in_(some)))
