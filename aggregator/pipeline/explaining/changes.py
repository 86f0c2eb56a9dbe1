"""What of an entry was changed by its publisher, and when: for `explain`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from aggregator.model import Entry
from aggregator.store import revisions
from aggregator.store.revisions import Revision

_LONGEST = 160

Line = tuple[str, str]


def change_lines(conn: Connection, entry: Entry) -> Iterator[Line]:
    """One for each change, the first one first."""
    kept = revisions.of(conn, entry.id)
    for before, after in pairwise([*kept, _present(entry, kept)]):
        lost = after.number - before.number - 1
        if lost:
            yield "changed", f"{lost} more times, of which no more is kept"
        yield "changed", f"{_time(before.at)}: {'; '.join(_differences(before, after)) or 'its text'}"


def _present(entry: Entry, kept: Sequence[Revision]) -> Revision:
    """How it stands, as one more of them."""
    digest, length = revisions.digest(entry.content)
    return Revision(
        number=kept[-1].number + 1 if kept else 1,
        at=entry.seen,
        title=entry.title,
        summary=entry.summary,
        url=entry.url,
        author=entry.author,
        published=entry.published,
        digest=digest,
        length=length,
    )


def _differences(before: Revision, after: Revision) -> Iterator[str]:
    if before.title != after.title:
        yield f"headline from “{_short(before.title)}” to “{_short(after.title)}”"
    if before.summary != after.summary:
        yield f"summary from “{_short(before.summary)}” to “{_short(after.summary)}”"
    if before.url != after.url:
        yield f"address from {before.url or 'none'} to {after.url or 'none'}"
    if before.author != after.author:
        yield f"author from {before.author or 'none'} to {after.author or 'none'}"
    if before.published != after.published:
        yield f"date from {_time(before.published)} to {_time(after.published)}"
    if before.digest != after.digest:
        yield f"text, of {before.length} characters before and {after.length} then"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "none"
