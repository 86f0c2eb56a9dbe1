"""What an entry said before its publisher changed it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from aggregator.model import Entry
from aggregator.store.dialects import slices
from aggregator.store.tables import revisions

MOST = 50
"""Of one entry: the first, which is what it was when we met it, and the newest."""
_SHOWN = ("title", "summary", "url", "author", "published")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How an entry stood until `at`. `digest` and `length` (in characters) are of its content's text; `number` counts
    from 1 without a gap, unless some in between are no longer kept.
    """

    number: int
    at: datetime
    title: str
    summary: str
    url: str | None
    author: str | None
    published: datetime | None
    digest: str
    length: int


def keep(conn: Connection, replaced: Iterable[tuple[Row[Any], Entry, datetime]]) -> None:
    """Rows of `entries` with what takes their place, and when that was read; to be called before it does.

    Only where readers can see a change: new white space, another mark-up or other tags leave no revision.
    """
    seen = [(row, at) for row, after, at in replaced if _is_visible(row, after)]
    numbers = _numbers(conn, [row.id for row, _ in seen])
    rows = [_as_row(row, numbers[row.id] + 1, at) for row, at in seen]
    if rows:
        conn.execute(insert(revisions), rows)
    for row in rows:
        if row["number"] > MOST:
            between = revisions.c.number.between(2, row["number"] - MOST + 1)
            conn.execute(delete(revisions).where(revisions.c.entry == row["entry"], between))


def _is_visible(row: Row[Any], after: Entry) -> bool:
    said = (row.title, row.summary, row.url, row.author, row.at)
    return said != (after.title, after.summary, after.url, after.author, after.when) or (
        row.content != after.content and digest(row.content) != digest(after.content)
    )


def _numbers(conn: Connection, ids: Sequence[str]) -> Counter[str]:
    """The number of the last revision of each."""
    found: Counter[str] = Counter()
    for some in slices(ids):
        wanted = revisions.c.entry.in_(some)
        query = (
            select(revisions.c.entry, func.max(revisions.c.number).label("last"))
            .where(wanted)
            .group_by(revisions.c.entry)
        )
        found |= Counter({row.entry: row.last for row in conn.execute(query)})
    return found


def _as_row(row: Row[Any], number: int, at: datetime) -> dict[str, Any]:
    hashed, length = digest(row.content)
    said = {"entry": row.id, "number": number, "at": at, "digest": hashed, "length": length}
    return said | {name: getattr(row, name) for name in _SHOWN}


def of(conn: Connection, entry: str) -> list[Revision]:
    """Of an entry, the first one first; how it stands now is not among them."""
    columns = [revisions.c[field.name] for field in fields(Revision)]
    query = select(*columns).where(revisions.c.entry == entry).order_by(revisions.c.number)
    return [Revision(**row) for row in conn.execute(query).mappings()]


def digest(content: str) -> tuple[str, int]:
    """Of the text that readers see of this HTML, and how long that is."""
    text = " ".join(_TAG.sub(" ", content).split())
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(), len(text)
