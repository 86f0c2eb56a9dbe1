"""Publish's memory of what stands where: what is put is what is found, and nothing is looked up by reading a whole table."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from aggregator.store import schema, shelves, stale
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.shelves import Listing, Place
from tests.support.entries import NOW

IDS = st.sampled_from(["s1", "s2", "s3", "s4"])
SHELVES = ("section:briefings", "category:trade", "source:wire")


@st.composite
def placed(draw: st.DrawFn, id_: str) -> Place:
    named = draw(st.frozensets(IDS, max_size=3))
    if not draw(st.booleans()):
        return Place(None, named=named or frozenset({"s9"}))
    days = draw(st.integers(0, 40))
    listing = Listing(id_, NOW, NOW + timedelta(days=days), NOW, {"title": draw(st.sampled_from(["one", "two"]))})
    return Place(listing, draw(st.frozensets(st.sampled_from(SHELVES))), named)


ALL = st.lists(IDS, unique=True).flatmap(lambda ids: st.fixed_dictionaries({id_: placed(id_) for id_ in ids}))


@settings(deadline=None, max_examples=40)
@given(st.lists(ALL, min_size=1, max_size=4))
def test_what_is_put_is_what_is_found(rounds: list[dict[str, Place]]) -> None:
    engine = open_engine("sqlite://")
    schema.ensure(engine)
    ids = [f"s{at}" for at in range(1, 5)]
    for after in rounds:
        with writing(engine) as conn:
            shelves.put(conn, shelves.places(conn, ids), after)
        with reading(engine) as conn:
            assert shelves.places(conn, ids) == after
            assert shelves.all_ids(conn) == after.keys()
            for shelf in SHELVES:
                on = {id_: place.listing for id_, place in after.items() if shelf in place.shelves and place.listing}
                newest = sorted(on, key=lambda id_, on=on: (-on[id_].last.timestamp(), id_))  # type: ignore[misc]
                assert shelves.newest(conn, shelf, limit=9) == newest
                assert shelves.count(conn, shelf) == shelves.counts(conn).get(shelf, 0) == len(on)
            naming = {id_ for id_, place in after.items() if "s1" in place.named}
            assert shelves.naming(conn, ["s1"]) == naming
    engine.dispose()


def test_word_that_comes_while_one_publishes_is_kept(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/stale.db")
    schema.ensure(engine)
    with writing(engine) as conn:
        stale.mark(conn, ["s1", "s2"])
    with reading(engine) as conn:
        rows = stale.load(conn, "story")
    with writing(engine) as conn:
        stale.mark(conn, ["s1"])
    with writing(engine) as conn:
        stale.clear(conn, [row for some in rows.values() for row in some])
    with reading(engine) as conn:
        assert list(stale.load(conn, "story")) == ["s1"]
    engine.dispose()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('plans')}/plans.db")
    schema.ensure(made)
    return made


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        pytest.param(lambda conn: shelves.newest(conn, None, limit=9), "ix_listings_last", id="the newest"),
        pytest.param(lambda conn: shelves.newest(conn, "source:x", limit=9), "ix_shelved_shelf", id="of a shelf"),
        pytest.param(lambda conn: shelves.count(conn, "source:x"), "ix_shelved_shelf", id="how many"),
        pytest.param(shelves.counts, "ix_shelved_shelf", id="how many of each"),
        pytest.param(lambda conn: shelves.between(conn, NOW, NOW), "ix_listings_first", id="how many in a drawer"),
        pytest.param(lambda conn: shelves.read(conn, NOW, NOW), "ix_listings_first", id="what is in a drawer"),
        pytest.param(lambda conn: shelves.updates(conn, NOW, NOW), "ix_listings_first", id="what is in a sitemap"),
        pytest.param(lambda conn: shelves.naming(conn, ["s1"]), "ix_named_other", id="who names it"),
    ],
)
def test_a_question_goes_by_its_index(engine: Engine, ask: Callable[[Connection], object], index: str) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    with reading(engine) as conn:
        event.listen(conn, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        ask(conn)
        plans = [
            row[3] for sql, values in list(asked) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]
    first, *more = plans
    assert index in first
    assert set(more) <= {"USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"}, (
        "those of one moment are put in order by themselves"
    )
