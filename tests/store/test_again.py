"""Other names of entries, the marks by which they are found, and what is held: on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from aggregator.model import Choice, Entry, Incident, Judgement, PollState
from aggregator.store import again, entries, fulltexts, health, held, keys, sources
from aggregator.store.again import MOST_ALIASES, MOST_MARKED, Alias
from aggregator.store.engine import reading, writing
from aggregator.store.tables import aliases, marks
from tests.support.entries import entry

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def put(engine: Engine, *found: Entry, held: dict[str, str] | None = None) -> None:
    with writing(engine) as conn:
        entries.add_each(conn, [found], news={one.id: True for one in found}, held=held or {})


def alias(number: int, known: Entry, **values: Any) -> Alias:
    said: dict[str, Any] = {"at": NOW + number * HOUR, "reason": "the same address"}
    return Alias(id=f"a{number}", source=known.source, guid=f"g{number}", entry=known.id, **said | values)


def test_an_entry_is_found_by_its_last_names_and_by_those_that_took_an_address_along(engine: Engine) -> None:
    one, other = entry(), entry()
    put(engine, one, other)
    with writing(engine) as conn:
        moved = alias(0, one, address="https://old.example/1")
        assert again.name(conn, [moved, alias(100, other)]) == {one.id, other.id}
        for number in range(1, 2 * MOST_ALIASES):
            assert again.name(conn, [alias(number, one)]) == frozenset()
        ids = [f"a{number}" for number in range(2 * MOST_ALIASES)]
        kept = {"a0", *ids[-MOST_ALIASES + 1 :]}
        assert again.by_alias(conn, [*ids, "a100", "nobody"]) == dict.fromkeys(kept, one.id) | {"a100": other.id}
        assert again.of_entry(conn, one.id)[0] == alias(2 * MOST_ALIASES - 1, one)
        assert again.of_entry(conn, one.id)[-1] == moved
        again.name(conn, [alias(100, one)])
        assert again.by_alias(conn, ["a100"]) == {"a100": one.id}, "a guid belongs to who had it last"


def test_of_a_mark_that_very_many_share_the_newest_are_found(engine: Engine) -> None:
    found = [entry(published=NOW - number * HOUR) for number in range(MOST_MARKED + 5)]
    rare = entry()
    put(engine, *found, rare)
    with writing(engine) as conn:
        again.mark(conn, [(one.id, (7, -(2**63))) for one in found])
        again.mark(conn, [(rare.id, (7, 2**63 - 1)), (rare.id, (7,))])
        assert again.marked(conn, {2**63 - 1, 5}) == {2**63 - 1: [rare.id]}
        newest = [one.id for one in found[: MOST_MARKED - 1]]
        assert set(again.marked(conn, [7])[7]) == {rare.id, *newest}
        count = select(func.count()).select_from(marks).where(marks.c.mark == 7)
        assert conn.execute(count).scalar_one() == MOST_MARKED, "the others have it no more"


def test_entries_of_a_very_time_are_those_of_that_source(engine: Engine) -> None:
    one, other, elsewhere = entry(published=NOW), entry(published=NOW - HOUR), entry(source="post", published=NOW)
    put(engine, one, other, elsewhere)
    with reading(engine) as conn:
        wanted = [("wire", NOW), ("post", NOW - HOUR), ("post", NOW)]
        assert again.at_times(conn, wanted) == {("wire", NOW): [one.id], ("post", NOW): [elsewhere.id]}
        assert again.newest_time(conn, "wire") == NOW
        assert again.newest_time(conn, "nobody") is None
        assert sorted(again.times_of(conn, "wire", NOW - HOUR)) == [(NOW - HOUR, NOW), (NOW, NOW)]
        assert again.times_of(conn, "wire", NOW) == [(NOW, NOW)]


def test_sources_that_brought_something_are_told_from_those_that_did_not(engine: Engine) -> None:
    put(engine, entry())
    with writing(engine) as conn:
        states = [PollState(source=name, url="https://x.example", due=NOW) for name in ("wire", "post")]
        sources.remember(conn, states)
        assert again.with_entries(conn, ["wire", "post", "nobody"]) == {"wire"}
        assert again.brought_before(conn, entry(seen=NOW + HOUR))
        assert not again.brought_before(conn, entry(seen=NOW))


def judged(read: entries.Stored, *keys: keys.Key) -> entries.Judged:
    id_ = read.entry.id
    section, story = Choice("briefings", "the default"), Choice(f"s{id_}", "the first to tell it")
    judgement = Judgement(
        entry=id_, language="en", categories=(), section=section, duplicate_of=None, story=story
    )  # fmt: skip
    return entries.Judged(read=read, judgement=judgement, keys=keys)


def test_the_address_before_a_move_still_finds_its_entry(engine: Engine) -> None:
    before, now, other = (("address", f"https://{name}.example/1") for name in ("old", "new", "other"))
    moved = entry(canonical_url=before[1])
    put(engine, moved)
    with writing(engine) as conn:
        (read,) = entries.waiting(conn, limit=9)
        entries.judge(conn, [judged(read, before, other, ("text", "x"))], NOW)
        again.name(conn, [alias(1, moved, address=before[1])])
        entries.add(conn, [replace(moved, canonical_url=now[1], title="Another")], news={})
        (read,) = entries.waiting(conn, limit=9)
        entries.judge(conn, [judged(read, now)], NOW)
        found = keys.holders(conn, [before, now, other, ("text", "x")])
    assert found == {before: [moved.id], now: [moved.id]}


def test_what_is_held_is_in_no_list_but_its_own_and_waits_for_nothing(engine: Engine) -> None:
    free, one, two = entry(words=3, url="https://x.example"), entry(words=3, url="https://x.example"), entry()
    put(engine, free, one, two, held={one.id: "too many", two.id: "too many"})

    def listed(*, held: bool) -> list[str]:
        with reading(engine) as conn:
            return [stored.entry.id for stored in entries.listed(conn, held=held)]

    with writing(engine) as conn:
        assert [stored.entry.id for stored in entries.waiting(conn, limit=9)] == [free.id]
        assert (entries.count(conn), entries.count(conn, waiting=True)) == (1, 1)
        assert held.by_source(conn) == {"wire": 2}
        assert held.of_source(conn, "wire") == [one.id, two.id]
        assert [each.id for each in fulltexts.untried(conn, ["wire"], since=NOW, shorter=9, most=9)] == [free.id]
    assert (listed(held=False), listed(held=True)) == ([free.id], [one.id, two.id])
    with writing(engine) as conn:
        held.drop(conn, [two.id], NOW)
        entries.add(conn, [replace(two, title="Another")], news={})
        held.release(conn, [one.id], news=False)
        dropped, released = entries.get(conn, two.id), entries.get(conn, one.id)
        assert dropped is not None
        assert (dropped.held, dropped.dropped, dropped.entry.title) == ("too many", NOW, "Another")
        assert released is not None
        assert (released.held, released.news, released.curated) == (None, False, None)
        assert {stored.entry.id for stored in entries.waiting(conn, limit=9)} == {free.id, one.id}
    assert (set(listed(held=False)), listed(held=True)) == ({free.id, one.id}, [])


def test_a_flood_is_an_incident_beside_others(engine: Engine) -> None:
    flood = Incident(subject="wire", kind="flood", opened=NOW, reason="too many")
    down = Incident(subject="wire", kind="down", opened=NOW, reason="503")
    with writing(engine) as conn:
        health.write(conn, [flood, down])
        assert [each.kind for each in health.open_incidents(conn).values()] == ["down"]
        assert [each.kind for each in health.open_floods(conn).values()] == ["flood"]
        health.write(conn, [replace(health.open_floods(conn)["wire"], closed=NOW)])
        assert health.open_floods(conn) == {}
        assert conn.execute(select(func.count()).select_from(aliases)).scalar_one() == 0
