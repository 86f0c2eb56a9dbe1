"""The store on both databases: what one step leaves there, the next one finds."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from aggregator import store
from aggregator.errors import BusyError, StoreError
from aggregator.model import Choice, Delivery, Entry, Judgement, PollState, Scored, Story, Verdict
from aggregator.store import (
    deliveries,
    editions,
    entries,
    journal,
    keys,
    locks,
    schema,
    secrets,
    sources,
    stories,
    subscribers,
)
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.tables import SCHEMA, metadata

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_entry(number: int, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": f"e{number}",
        "source": "wire",
        "guid": f"g{number}",
        "url": f"https://wire.example/{number}",
        "canonical_url": f"wire.example/{number}",
        "title": f"Story {number}",
        "summary": "芯片厂获得资金",
        "tags": ("news", "中国"),
        "published": NOW - HOUR,
        "seen": NOW,
        "words": 12,
    }
    return Entry(**values | changes)


def judged(entry: Entry, story: str, *, duplicate_of: str | None = None) -> Judgement:
    return Judgement(
        entry=entry.id,
        language="en",
        categories=(Scored("technology", 2.5, "title has “chip”"),),
        section=Choice("briefings", "the default"),
        duplicate_of=Choice(duplicate_of, "same address") if duplicate_of else None,
        story=Choice(story, "tells it first"),
    )


def a_story(id_: str, lead: Entry, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "title": lead.title,
        "summary": lead.summary,
        "language": "en",
        "url": lead.url,
        "section": "briefings",
        "categories": ("technology",),
        "first_published": lead.when,
        "last_published": lead.when,
        "updated": NOW,
    } | changes


def told_by(engine: Engine, *found: Entry, story: str = "s1") -> Story:
    """Put entries through the store as curating would, as one story."""
    with writing(engine) as conn:
        entries.add(conn, found, news={entry.id: True for entry in found})
        waiting = {stored.entry.id: stored for stored in entries.waiting(conn, limit=len(found))}
        decided = [
            entries.Judged(
                read=waiting[entry.id],
                judgement=judged(entry, story),
                keys=[("address", entry.canonical_url or "")],
            )
            for entry in found
        ]
        entries.judge(conn, decided, NOW)
        outlets = {"wire": stories.Outlet("The Wire", 1.5)}
        reports = stories.reports(conn, [story], outlets)[story]
        made = Story(**a_story(story, found[0]), reports=reports)
        stories.save(conn, [made])
    return made


def test_the_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_the_schema_version_is_the_newest_migration() -> None:
    folder = Path(store.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == SCHEMA


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        schema.ensure(engine)


def test_ensuring_twice_changes_nothing(engine: Engine) -> None:
    told_by(engine, an_entry(1))
    schema.ensure(engine)
    with reading(engine) as conn:
        assert entries.count(conn) == 1


def test_poll_states_come_back_as_they_went(engine: Engine) -> None:
    state = PollState(
        source="wire",
        url="https://wire.example/feed",
        due=NOW,
        etag='W/"odd, etag"',
        last_modified="yesterday",
        retry_after=NOW.astimezone(timezone(timedelta(hours=8))),
        moved_count=2,
    )
    with writing(engine) as conn:
        assert sources.remember(conn, [state]) == 1
        assert sources.remember(conn, [state]) == 0
        sources.save(conn, state)
    with reading(engine) as conn:
        assert sources.load(conn) == {"wire": state}
        assert list(sources.due(conn, NOW)) == ["wire"]
        assert sources.due(conn, NOW - HOUR) == {}


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    naive = PollState(source="wire", url="u", due=datetime(2020, 5, 14))  # noqa: DTZ001  this is what is refused
    with pytest.raises(Exception, match="without a zone"), writing(engine) as conn:
        sources.save(conn, naive)


def test_entries_are_kept_once_and_changes_taken_over(engine: Engine) -> None:
    first, second = an_entry(1), an_entry(2)
    told_by(engine, first)
    corrected = an_entry(1, title="Story one, corrected")
    with writing(engine) as conn:
        added = entries.add(conn, [corrected, second], news={"e1": True, "e2": False})
    assert (added.new, added.changed) == (("e2",), ("e1",))
    with reading(engine) as conn:
        waiting = entries.waiting(conn, limit=10)
        assert [(stored.entry.id, stored.news) for stored in waiting] == [("e1", True), ("e2", False)]
        assert waiting[0].entry.title == "Story one, corrected"
        assert waiting[0].judgement is not None
        assert waiting[0].judgement.story.value == "s1"


def test_the_same_page_again_adds_nothing(engine: Engine) -> None:
    with writing(engine) as conn:
        entries.add(conn, [an_entry(1)], news={"e1": True})
        again = entries.add(conn, [an_entry(1, seen=NOW + HOUR)], news={"e1": True})
    assert again == entries.Added((), ())


def test_entries_are_found_by_their_keys_those_that_came_last_first(engine: Engine) -> None:
    first, second = ("address", "wire.example/1"), ("address", "wire.example/2")
    told_by(engine, an_entry(1), an_entry(2))
    with reading(engine) as conn:
        assert keys.holders(conn, [second, ("text", "x")]) == {second: ["e2"]}
        assert keys.holders(conn, []) == {}
    told_by(engine, an_entry(3, canonical_url="wire.example/1", seen=NOW + HOUR), story="s2")
    with writing(engine) as conn:
        assert keys.holders(conn, [first]) == {first: ["e3", "e1"]}
        keys.forget(conn, [(first, "e1")])
        assert keys.holders(conn, [first, second]) == {first: ["e3"], second: ["e2"]}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, ["e2", "e1"], id="all, newest first"),
        pytest.param({"category": "technology", "limit": 1}, ["e2"], id="category and limit"),
        pytest.param({"category": "sport"}, [], id="another category"),
        pytest.param({"search": "芯片"}, ["e2", "e1"], id="Chinese text"),
        pytest.param({"search": "100%"}, ["e2"], id="a percent sign is itself"),
        pytest.param({"since": NOW}, ["e2"], id="since"),
        pytest.param({"duplicates": True}, [], id="duplicates"),
        pytest.param({"source": "wire", "section": "briefings", "story": "s1"}, ["e2", "e1"], id="together"),
    ],
)
def test_listing_entries(engine: Engine, filters: dict[str, Any], expected: list[str]) -> None:
    told_by(engine, an_entry(1), an_entry(2, title="Up by 100%", published=NOW))
    with reading(engine) as conn:
        assert [stored.entry.id for stored in entries.listed(conn, **filters)] == expected


def test_a_story_comes_back_with_its_reports_lead_first(engine: Engine) -> None:
    made = told_by(engine, an_entry(1, published=NOW), an_entry(2))
    with reading(engine) as conn:
        outlets = {"wire": stories.Outlet("The Wire", 1.5)}
        found = stories.load(conn, ["s1", "s9"], outlets)
        assert list(found) == ["s1"]
        assert found["s1"] == made
        assert found["s1"].lead.entry == "e1"
        assert found["s1"].lead.source_title == "The Wire"
        assert stories.newest(conn, outlets) == [made]


def test_untold_means_not_yet_told_whenever_it_came(engine: Engine) -> None:
    told_by(engine, an_entry(1), story="s1")
    told_by(engine, an_entry(2), story="s2")
    kept = editions.Kept("daily", 1, NOW, NOW, "{}")
    with writing(engine) as conn:
        leads = Verdict(story="s1", place=1, stands="lead", reason="the best", figures="rank 1 of 2")
        left = Verdict(story="s2", place=2, stands="web", reason="too many")
        editions.keep(conn, kept, [leads, left])
    with reading(engine) as conn:
        assert [story.id for story in stories.untold(conn, "daily", {}, since=NOW - 2 * HOUR)] == ["s2"]
        assert [story.id for story in stories.untold(conn, "weekly", {}, since=NOW - 2 * HOUR)] == ["s1", "s2"]
        assert stories.untold(conn, "daily", {}, since=NOW) == []
        assert editions.verdicts_on(conn, "s2") == [("daily", 1, left)]
        assert editions.verdicts_in(conn, "daily", 1) == [leads, left]
        assert editions.told_of(conn, "daily", ["s1", "s2"]) == {"s1"}
        assert editions.get(conn, "daily", 1) == kept
        assert editions.next_number(conn, "daily") == 2
        assert editions.next_number(conn, "weekly") == 1


def met(engine: Engine, now: datetime, schedule: str = "07:00", zone: str = "UTC") -> datetime:
    with writing(engine) as conn:
        return editions.meet(conn, "daily", schedule=schedule, zone=zone, now=now)


def decided(engine: Engine, slot: datetime, now: datetime, outcome: str = "nothing to tell") -> None:
    with writing(engine) as conn:
        editions.decide(conn, editions.Slot("daily", slot, now, None, outcome))


def test_a_newsletter_starts_when_we_meet_it_and_goes_on_from_slot_to_slot(engine: Engine) -> None:
    assert met(engine, NOW) == NOW
    decided(engine, NOW + HOUR, NOW + HOUR)
    assert met(engine, NOW + 9 * HOUR) == NOW + HOUR
    with reading(engine) as conn:
        assert [slot.outcome for slot in editions.slots_of(conn, "daily")] == ["nothing to tell"]


@pytest.mark.parametrize(("schedule", "zone"), [("08:00", "UTC"), ("07:00", "Asia/Tokyo")])
def test_on_another_schedule_a_newsletter_starts_anew(engine: Engine, schedule: str, zone: str) -> None:
    met(engine, NOW)
    decided(engine, NOW + HOUR, NOW + HOUR)
    assert met(engine, NOW + 9 * HOUR, schedule, zone) == NOW + 9 * HOUR
    assert met(engine, NOW + 10 * HOUR, schedule, zone) == NOW + 9 * HOUR


def test_what_a_wrong_clock_dated_later_does_not_count(engine: Engine) -> None:
    later = NOW + 10000 * HOUR
    assert met(engine, later) == later
    assert met(engine, NOW) == NOW
    decided(engine, NOW + HOUR, NOW + HOUR)
    decided(engine, NOW + 2 * HOUR, later, "missed")
    decided(engine, later, later)
    assert met(engine, NOW + 2 * HOUR) == NOW + HOUR
    decided(engine, NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert met(engine, NOW + 3 * HOUR) == NOW + 2 * HOUR
    with reading(engine) as conn:
        assert [slot.outcome for slot in editions.slots_of(conn, "daily")] == ["nothing to tell"] * 3


def test_a_newsletter_that_was_taken_out_is_met_anew(engine: Engine) -> None:
    met(engine, NOW)
    for names in (["daily", "weekly"], ["weekly"]):
        with writing(engine) as conn:
            editions.forget_others(conn, names)
        expected = NOW if "daily" in names else NOW + HOUR
        assert met(engine, NOW + HOUR) == expected


def with_letters(engine: Engine, count: int) -> None:
    with writing(engine) as conn:
        for number in range(count):
            email = f"reader{number}@example.org"
            subscribers.add(conn, email=email, key=email, name=None, newsletters=["daily"], now=NOW)
        readers = subscribers.readers(conn, "daily")
        planned = deliveries.plan(conn, "daily", 1, readers, message_id=lambda person: f"<{person}@x>", now=NOW)
        assert planned == count
        assert deliveries.plan(conn, "daily", 1, readers, message_id=lambda person: f"<{person}@x>", now=NOW) == 0


def claimed(engine: Engine, limit: int = 10) -> list[Delivery]:
    with writing(engine) as conn:
        return deliveries.claim(conn, NOW, limit=limit)


def test_a_row_is_claimed_once(engine: Engine) -> None:
    with_letters(engine, 5)
    first, second, third = claimed(engine, 3), claimed(engine, 3), claimed(engine, 3)
    assert [len(first), len(second), len(third)] == [3, 2, 0]
    assert not {row.id for row in first} & {row.id for row in second}
    assert {row.attempts for row in first} == {1}


def test_a_letter_goes_through_the_ledger(engine: Engine) -> None:
    with_letters(engine, 1)
    (letter,) = claimed(engine)
    with writing(engine) as conn:
        assert not deliveries.accept(conn, letter, NOW), "nothing is accepted that was not dotted"
        assert deliveries.dot(conn, letter, NOW)
        assert not deliveries.dot(conn, letter, NOW), "dotted once"
        assert deliveries.accept(conn, letter, NOW)
        assert deliveries.counts(conn) == {"accepted": 1}


def test_who_lost_the_claim_writes_nothing(engine: Engine) -> None:
    with_letters(engine, 1)
    (old,) = claimed(engine)
    with writing(engine) as conn:
        deliveries.release(conn, deliveries.orphans(conn), NOW)
    (new,) = claimed(engine)
    assert new.token == old.token + 1
    with writing(engine) as conn:
        assert not deliveries.dot(conn, old, NOW)
        assert not deliveries.refuse(conn, old, "late", NOW)
        assert deliveries.dot(conn, new, NOW)


def test_a_reader_who_leaves_in_the_middle_gets_no_letter(engine: Engine) -> None:
    with_letters(engine, 1)
    (letter,) = claimed(engine)
    with writing(engine) as conn:
        assert subscribers.end(conn, letter.subscription, NOW)
        assert not subscribers.end(conn, letter.subscription, NOW)
        assert deliveries.cancel(conn, letter.subscription, "unsubscribed", NOW) == 1
        assert not deliveries.dot(conn, letter, NOW)
        assert subscribers.readers(conn, "daily") == []
        assert subscribers.resume(conn, letter.subscription)
        assert len(subscribers.readers(conn, "daily")) == 1


def test_deferred_letters_wait_for_their_time(engine: Engine) -> None:
    with_letters(engine, 1)
    (letter,) = claimed(engine)
    with writing(engine) as conn:
        assert deliveries.defer(conn, letter, NOW + HOUR, "451 later", NOW)
        assert deliveries.due_editions(conn, NOW) == []
        assert deliveries.due_editions(conn, NOW + HOUR) == [("daily", 1)]
        assert deliveries.listed(conn, state="deferred", subscriber="reader0@example.org")[0].reason == "451 later"


def test_a_person_is_one_person_and_can_be_erased(engine: Engine) -> None:
    with writing(engine) as conn:
        assert subscribers.add(conn, email="A@x.org", key="a@x.org", name=None, newsletters=["daily"], now=NOW)
        assert not subscribers.add(conn, email="a@X.org", key="a@x.org", name=None, newsletters=["daily"], now=NOW)
        assert subscribers.add(conn, email="a@x.org", key="a@x.org", name="Ann", newsletters=["weekly"], now=NOW)
        (person,) = subscribers.load(conn)
        assert (person.email, person.name, person.newsletters) == ("A@x.org", "Ann", ("daily", "weekly"))
        assert subscribers.remove(conn, "a@x.org")
        assert not subscribers.remove(conn, "a@x.org")
        assert subscribers.readers(conn, "daily") == []


def test_the_numbers_of_an_erased_reader_are_never_given_again(engine: Engine) -> None:
    """The links in old letters hold the subscription's number: they must not lead to who came later."""

    def numbers(email: str) -> tuple[int, ...]:
        with writing(engine) as conn:
            subscribers.add(conn, email=email, key=email, name=None, newsletters=["daily"], now=NOW)
            (reader,) = subscribers.readers(conn, "daily")
            deliveries.plan(conn, "daily", 1, [reader], message_id=lambda one: f"<{one}@x.org>", now=NOW)
            (letter,) = deliveries.listed(conn)
            assert subscribers.remove(conn, email)
        return (*reader, letter.id)

    before, after = numbers("a@x.org"), numbers("b@x.org")
    assert all(one < other for one, other in zip(before, after, strict=True))


def test_the_journal_reads_in_order(engine: Engine) -> None:
    with writing(engine) as conn:
        for number in range(3):
            journal.write(conn, NOW + number * HOUR, "wire", f"event {number}")
        assert [event for _, event in journal.read(conn, "wire", limit=2)] == ["event 1", "event 2"]


def test_a_key_is_made_once(engine: Engine) -> None:
    with writing(engine) as conn:
        made = secrets.key(conn, "tokens")
    with writing(engine) as conn:
        assert secrets.key(conn, "tokens") == made
        assert len(made) == 32


def test_a_lock_is_held_by_one(engine: Engine) -> None:
    with locks.exclusive(engine, "curate"):
        assert locks.is_held(engine, "curate")
        assert not locks.is_held(engine, "poll")
        with pytest.raises(BusyError, match="curated already"), locks.exclusive(engine, "curate", wait=0.1):
            pass
    assert not locks.is_held(engine, "curate")


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as conn:  # noqa: PT012  the second statement is what fails
        entries.add(conn, [an_entry(1)], news={"e1": True})
        raise RuntimeError
    with reading(engine) as conn:
        assert entries.count(conn) == 0


def test_a_locked_database_is_a_clear_error(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'a.db'}"
    holder, waiter = open_engine(address), open_engine(address, busy_seconds=0.05)
    schema.ensure(holder)
    with writing(holder), pytest.raises(StoreError, match="locked"), writing(waiter):
        pass
    holder.dispose()
    waiter.dispose()


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("this is a letter, not a database " * 40)
    with pytest.raises(StoreError, match="not a database"):
        schema.ensure(open_engine(f"sqlite:///{tmp_path / 'a.db'}"))


def test_an_address_that_is_none_is_a_clear_error() -> None:
    with pytest.raises(StoreError, match="no database address"):
        open_engine("a file somewhere")
