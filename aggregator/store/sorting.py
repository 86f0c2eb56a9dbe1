"""Entries that are sorted again: their categories and section change, and nothing else of what was judged of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, update

from aggregator.model import Choice, Scored
from aggregator.store.tables import entries


def write(conn: Connection, sorted_: Mapping[str, tuple[Sequence[Scored], Choice]]) -> None:
    """By entry: its categories, best first, and its section."""
    rows = [
        {
            "of": id_,
            "categories": [[scored.slug, scored.score, scored.reason] for scored in categories],
            "section": section.value,
            "section_reason": section.reason,
        }
        for id_, (categories, section) in sorted_.items()
    ]
    if rows:
        conn.execute(update(entries).where(entries.c.id == bindparam("of")), rows)
