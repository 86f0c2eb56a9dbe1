"""What the configuration said when work was last done by it: one row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from aggregator.store.dialects import upsert
from aggregator.store.tables import taken


def load(conn: Connection) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = conn.execute(select(taken.c.facts)).scalar_one_or_none()
    return found


def digest(conn: Connection) -> str | None:
    return conn.execute(select(taken.c.digest)).scalar_one_or_none()


def save(conn: Connection, at: datetime, digest: str, facts: Mapping[str, Any]) -> None:
    upsert(conn, taken, [{"id": 1, "at": at, "digest": digest, "facts": facts}], key=["id"])
