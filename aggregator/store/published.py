"""What each published file was made from, so that only what changed is rendered again, and that it is ours."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select

from aggregator.store.dialects import upsert
from aggregator.store.tables import published

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Printed:
    """`made_from` is a digest; `size` in bytes tells a file that somebody emptied or cut."""

    made_from: str
    size: int


def load(conn: Connection) -> dict[str, Printed]:
    """By path."""
    return {row.path: Printed(row.made_from, row.size) for row in conn.execute(select(published))}


def record(conn: Connection, printed: Mapping[str, Printed]) -> None:
    """By path."""
    upsert(conn, published, [{"path": path, **asdict(one)} for path, one in printed.items()], key=["path"])


def forget(conn: Connection, paths: Iterable[str]) -> None:
    gone = list(paths)
    for start in range(0, len(gone), _BATCH):
        conn.execute(delete(published).where(published.c.path.in_(gone[start : start + _BATCH])))
