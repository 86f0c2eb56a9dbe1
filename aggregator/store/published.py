"""What each published file was made from, so that only what changed is rendered again."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from aggregator.store.tables import published, upsert


def load(conn: Connection) -> dict[str, str]:
    """Path -> digest of what it was made from."""
    return {row.path: row.made_from for row in conn.execute(select(published))}


def record(conn: Connection, made_from: Mapping[str, str]) -> None:
    """Path -> digest."""
    upsert(conn, published, [{"path": path, "made_from": of} for path, of in made_from.items()], key=["path"])
