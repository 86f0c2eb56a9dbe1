"""What is asked for at every step is looked up by the index that is meant, however few rows SQLite believes there are."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from aggregator.store import again, entries, held, retractions, schema, sorting, stories
from aggregator.store.engine import open_engine, reading
from aggregator.store.entries import Stored
from tests.support.entries import NOW, entry


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = open_engine(f"sqlite:///{tmp_path}/plans.db")
    schema.ensure(made)
    return made


def plans(engine: Engine, ask: Callable[[Connection], object]) -> list[str]:
    """How SQLite would go about what is asked, step by step."""
    asked: list[tuple[str, Any]] = []
    with reading(engine) as conn:

        def note(*said: Any) -> None:
            asked.append((said[2], said[3]))

        event.listen(conn, "before_cursor_execute", note)
        ask(conn)
        event.remove(conn, "before_cursor_execute", note)
        return [
            row[3] for sql, values in asked for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]  # fmt: skip


READ = Stored(entry=entry(), news=True, curated=NOW, judgement=None)
TIMES = {(source, NOW + timedelta(hours=hour)) for source in ("wire", "post") for hour in range(3)}


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        pytest.param(lambda conn: entries.originals(conn, ["s1", "s2"]), "ix_entries_story", id="originals"),
        pytest.param(lambda conn: stories.reports(conn, ["s1", "s2"], {}), "ix_entries_story", id="reports"),
        pytest.param(lambda conn: entries.copies(conn, "e1"), "ix_entries_duplicate_of", id="copies"),
        pytest.param(lambda conn: entries.waiting(conn, limit=500), "ix_entries_waiting", id="what waits"),
        pytest.param(lambda conn: entries.listed(conn, limit=50), "ix_entries_at", id="the newest"),
        pytest.param(lambda conn: held.of_source(conn, "wire"), "ix_entries_waiting", id="what is held of a source"),
        pytest.param(lambda conn: sorting.newest(conn, since=NOW, after=None, limit=9), "ix_entries_at", id="a slice"),
        pytest.param(
            lambda conn: sorting.newest(conn, since=NOW, after=READ, limit=9),
            "ix_entries_at (at>? AND at<?)",
            id="the next slice",
        ),
        pytest.param(lambda conn: sorting.of_stories(conn, ["s1"], since=NOW), "ix_entries_story", id="of stories"),
        pytest.param(held.by_source, "ix_entries_waiting", id="what is held"),
        pytest.param(lambda conn: again.at_times(conn, TIMES), "ix_entries_source (source=? AND at=?)", id="a time"),
        pytest.param(lambda conn: again.newest_time(conn, "wire"), "ix_entries_source", id="the newest time"),
        pytest.param(
            lambda conn: again.times_of(conn, "wire", NOW), "ix_entries_source (source=? AND at>?)", id="times"
        ),
        pytest.param(lambda conn: again.brought_before(conn, entry()), "ix_entries_source", id="others before it"),
        pytest.param(retractions.withdrawn, "ix_entries_retracted_at", id="what was withdrawn"),
        pytest.param(retractions.last, "ix_entries_retracted_at", id="what was taken back last"),
        pytest.param(lambda conn: stories.hot(conn, {}), "ix_stories_heat", id="hot topics"),
        pytest.param(lambda conn: stories.briefed(conn, {}, unless="en"), "ix_stories_written", id="what was written"),
    ],
)
def test_a_question_goes_by_its_index(engine: Engine, ask: Callable[[Connection], object], index: str) -> None:
    (step,) = [step for step in plans(engine, ask) if "entries" in step or "stories" in step]
    assert index in step
