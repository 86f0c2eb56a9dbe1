"""What each published file was made from, so that only what changed is rendered again."""

from sqlalchemy import Connection, select

from aggregator.store.tables import published, upsert


def load(conn: Connection) -> dict[str, str]:
    """Path -> digest of what it was made from."""
    return {row.path: row.made_from for row in conn.execute(select(published))}


def record(conn: Connection, path: str, made_from: str) -> None:
    upsert(conn, published, {"path": path, "made_from": made_from}, key=["path"])
