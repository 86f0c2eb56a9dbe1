"""poll -> curate -> compose -> publish -> deliver, on real HTTP, SMTP and both databases, by a clock that we move."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from sqlalchemy import event, select

from aggregator.app import App
from aggregator.errors import UsageError
from aggregator.pipeline.explaining.explain import explain
from aggregator.store import editions, entries
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.tables import told, verdicts
from tests.support.newsroom import (
    BARLEY,
    CANOLA,
    DAY,
    HOUR,
    MORNING,
    ROCKET,
    SAMPLES,
    SECOND,
    SLOT,
    YUAN,
    Article,
    Newsroom,
    rss,
)
from tests.support.site import Handler


def to_the_end(app: App) -> None:
    app.poll()
    app.curate()
    app.compose()
    app.publish()
    app.deliver()


def slots(room: Newsroom, newsletter: str = "daily") -> list[str]:
    """What became of each slot, the newest first."""
    with reading(room.engine) as conn:
        return [slot.outcome for slot in editions.slots_of(conn, newsletter)]


def told_in(room: Newsroom, newsletter: str, number: int) -> set[str]:
    with reading(room.engine) as conn:
        kept = editions.get(conn, newsletter, number)
    assert kept is not None
    data = json.loads(kept.data)
    items = [data["lead"], *(item for section in data["sections"] for item in section["items"])]
    return {item["headline"] for item in items}


def entry_of(room: Newsroom, article: Article) -> str:
    """A story's content in the Atom feed, by its headline."""
    feed = etree.fromstring((room.out / "atom.xml").read_bytes())
    names = {"a": "http://www.w3.org/2005/Atom"}
    (found,) = feed.xpath("//a:entry[a:title=$title]/a:content/text()", namespaces=names, title=article.title)
    return str(found)


def test_from_feeds_to_inboxes(app: App, room: Newsroom) -> None:
    room.now = SLOT
    to_the_end(app)
    found = room.entries()
    assert set(found) == {"barley", "samples", "copy", "rocket"}
    repeated = found["copy"].judgement
    assert repeated is not None
    assert repeated.duplicate_of is not None
    assert repeated.duplicate_of.value == found["barley"].entry.id
    assert set(room.stories()) == {BARLEY.title, SAMPLES.title, ROCKET.title}
    assert told_in(room, "daily", 1) == {BARLEY.title, SAMPLES.title, ROCKET.title}
    assert [letter.state for letter in room.letters()] == ["accepted"] * 3
    assert {letter.message_id for letter in room.letters()} == set(room.mailed())
    assert set(room.mailed().values()) == {1}
    recipients = sorted(accepted.recipient for accepted in room.sink.accepted)
    assert recipients == ["a@example.org", "b@example.org", "c@example.org"]


def test_what_is_published_is_whole(app: App, room: Newsroom) -> None:
    room.now = SLOT
    to_the_end(app)
    files = {name: data for name, (_, data) in room.files().items()}
    expected = {"atom.xml", "rss.xml", "feed.json", "index.html", "sources.opml", "categories/trade/atom.xml"}
    expected |= {f"editions/daily/1/{name}" for name in ("index.html", "email.html", "email.txt", "edition.json")}
    expected |= {f"stories/{story.id}.html" for story in room.stories().values()}
    assert expected <= set(files)
    atom = etree.fromstring(files["atom.xml"])
    titles = atom.xpath("/a:feed/a:entry/a:title/text()", namespaces={"a": "http://www.w3.org/2005/Atom"})
    assert sorted(titles) == sorted([BARLEY.title, SAMPLES.title, ROCKET.title])
    assert len(json.loads(files["feed.json"])["items"]) == 3
    assert BARLEY.title in files["editions/daily/1/email.txt"].decode().replace("\n", " ")
    for name, data in files.items():
        if name.endswith(".html"):
            assert data.rstrip().endswith(b"</html>"), name


def test_every_step_again_changes_nothing(app: App, room: Newsroom) -> None:
    room.now = SLOT
    to_the_end(app)
    before = room.files(), room.entries(), room.stories(), room.letters(), room.editions()
    for _ in range(2):
        room.now += 60 * SECOND
        to_the_end(app)
    app.publish(rebuild=True)
    assert (room.files(), room.entries(), room.stories(), room.letters(), room.editions()) == before
    assert len(room.sink.accepted) == 3


def test_an_unchanged_feed_is_read_once(app: App, room: Newsroom) -> None:
    room.now += HOUR
    results = app.poll().results
    assert [result.outcome for result in results] == ["unchanged", "unchanged"]


def test_a_late_commit_is_told_next_time(app: App, room: Newsroom) -> None:
    """An entry that was seen before an edition was composed, but whose poll came to its end after that."""
    room.now = MORNING + HOUR
    before_slot = room.now
    room.tells("gazette", YUAN)
    room.now = SLOT
    app.compose()
    assert YUAN.title not in told_in(room, "daily", 1)
    room.now = before_slot
    app.poll(force=True)
    assert room.entries()["yuan"].entry.seen < SLOT
    app.curate()
    room.now = SLOT + DAY
    app.compose()
    assert told_in(room, "daily", 2) == {YUAN.title}


def test_each_newsletter_tells_a_story_once(room: Newsroom) -> None:
    room.newsletters.append(
        {"name": "trade-weekly", "title": "Trade", "schedule": "09:00 fri", "categories": ["trade"]}
    )
    room.has_source("gazette", BARLEY, ROCKET)
    app = room.app()
    to_the_end(app)
    room.now = SLOT
    to_the_end(app)
    room.now = datetime(2020, 5, 15, 9, tzinfo=UTC)
    to_the_end(app)
    assert told_in(room, "daily", 1) == {BARLEY.title, ROCKET.title}
    assert told_in(room, "trade-weekly", 1) == {BARLEY.title}
    assert [(kept.newsletter, kept.number) for kept in room.editions()] == [("trade-weekly", 1), ("daily", 1)]
    assert slots(room)[0] == "nothing to tell: no untold story"


def test_nothing_to_tell_makes_no_edition(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    room.now += DAY
    (composed,) = app.compose()
    assert composed.number is None
    assert slots(room) == ["nothing to tell: no untold story", "3 stories, 3 letters"]
    assert len(room.editions()) == 1
    assert len(room.letters()) == 3


def test_what_a_stopped_round_did_not_come_to_is_still_due(room: Newsroom) -> None:
    """It is stopped while the first answers; the others are slow, and asked one after the other."""
    room.poll = {"per_host": 1}
    for name in ("courier", "gazette", "herald"):
        room.has_source(name, BARLEY)
    app = room.app()
    tells = room.site.answers["/courier.rss"]

    def stops(handler: Handler) -> None:
        app.stop.set()
        tells(handler)

    room.site.answers["/courier.rss"] = stops
    for name in ("gazette", "herald"):
        room.site.gives(f"/{name}.rss", rss(name, (BARLEY,)), pause=1)
    assert [result.source for result in app.poll().results] == ["courier"]
    app.stop.clear()
    assert [result.source for result in app.poll().results] == ["gazette", "herald"]


def test_a_failing_source_harms_nobody(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY)
    for name in ("broken", "hanging", "garbage", "hostile", "cut"):
        room.has_source(name)
    room.site.gives("/broken.rss", b"no", status=500)
    room.site.gives("/hanging.rss", b"late", pause=30)
    room.site.gives("/garbage.rss", b"\x00\xff no feed" * 100)
    room.site.sends("/hostile.rss", b"HTTP/1.1 200 \xff\x00\r\nETag: \xff\xfe\r\nContent-Length: 3\r\n\r\n\x00\xff\xfe")
    room.site.sends("/cut.rss", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss>")
    room.has_source("courier", ROCKET)
    app = room.app()
    polled = app.poll()
    assert {result.source for result in polled.failed} == {"broken", "hanging", "garbage", "hostile", "cut"}
    assert all(result.reason for result in polled.failed)
    assert set(room.entries()) == {"barley", "rocket"}
    app.curate()
    assert set(room.stories()) == {BARLEY.title, ROCKET.title}
    app.publish()
    for name in ("broken", "hanging"):
        assert "1 failures in a row" in dict(explain(room.engine, app.config, name, room.now))["state"]


def test_strange_texts_are_stored_and_shown(room: Newsroom) -> None:
    r"""JSON may hold what no database and no XML takes: \u0000, halves of surrogate pairs, control characters."""
    room.has_source("odd")
    items = [{"id": "g\0\ud800", "title": "A\0 \ud800 title\x1b[31m\r\nBcc: x", "content_html": "<p>\0\udfff text</p>",
              "url": "https://odd.example/\0\ud800", "tags": ["\0", "\ud800"], "authors": [{"name": "\0\ud800"}],
              "date_published": "2020-05-14T04:00:00Z"}]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "\0\ud800", "items": items}
    room.site.gives("/odd.rss", json.dumps(feed).encode(), headers={"Content-Type": "application/feed+json"})
    app = room.app()
    room.subscribe("a@example.org")
    assert app.poll().new == 1
    app.curate()
    app.compose(at_once=True)
    app.publish()
    app.deliver()
    (accepted,) = room.sink.accepted
    head = accepted.letter.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?mi)^bcc", head)
    assert etree.fromstring((room.out / "atom.xml").read_bytes()) is not None


def test_old_entries_of_a_first_poll_are_no_news(room: Newsroom) -> None:
    old = replace(CANOLA, published=MORNING - timedelta(days=9))
    undated, to_come = replace(YUAN, published=None), replace(SAMPLES, published=MORNING + HOUR)
    room.has_source("gazette", BARLEY, old, undated, to_come)
    app = room.app()
    to_the_end(app)
    assert {guid: stored.news for guid, stored in room.entries().items()} == {
        "barley": True, "canola": False, "yuan": False, "samples": False,
    }  # fmt: skip
    room.tells("gazette", BARLEY, replace(ROCKET, published=None))
    room.now = SLOT
    to_the_end(app)
    assert told_in(room, "daily", 1) == {BARLEY.title, ROCKET.title}
    assert f"stories/{room.stories()[CANOLA.title].id}.html" in room.files()


def test_a_changed_entry_updates_its_story(app: App, room: Newsroom) -> None:
    room.now = SLOT
    to_the_end(app)
    story = room.stories()[SAMPLES.title]
    untouched = room.files()[f"stories/{room.stories()[ROCKET.title].id}.html"]
    edition = room.editions()
    room.now += HOUR
    room.tells("gazette", BARLEY, replace(SAMPLES, title="Laboratories were told to hand over virus samples"))
    to_the_end(app)
    changed = room.stories()["Laboratories were told to hand over virus samples"]
    assert changed.id == story.id
    assert changed.updated == room.now > story.updated
    assert len(room.entries()) == 4
    page = room.files()[f"stories/{story.id}.html"][1].decode()
    assert "hand over virus samples" in page
    assert room.files()[f"stories/{room.stories()[ROCKET.title].id}.html"] == untouched
    assert room.editions() == edition, "an edition is frozen"
    assert len(room.sink.accepted) == 3


def test_updated_moves_with_what_the_feed_says_of_a_story(app: App, room: Newsroom) -> None:
    """One more report, and another title of one that does not lead, stand in the feed's entry."""
    to_the_end(app)
    seen = {(room.stories()[BARLEY.title].updated, entry_of(room, BARLEY))}
    second = Article("second", "Beijing weighs duties on barley from Australia", BARLEY.summary, published=MORNING)
    for article in (second, replace(second, title="Beijing is weighing duties on barley from Australia")):
        room.now += HOUR
        room.tells("courier", article)
        to_the_end(app)
        seen.add((room.stories()[BARLEY.title].updated, entry_of(room, BARLEY)))
    assert len(room.stories()[BARLEY.title].originals) == 2
    assert len({when for when, _ in seen}) == len({entry for _, entry in seen}) == len(seen) == 3


def test_others_write_while_curating_judges_and_what_they_change_is_judged_again(app: App, room: Newsroom) -> None:
    """As many entries as you like: who delivers or polls meanwhile does not wait for the judging to end."""
    room.tells("courier", CANOLA, ROCKET)
    room.now += HOUR
    app.poll()
    corrected = replace(CANOLA, title="Canola exporters have found other harbours")
    impatient = open_engine(room.database, busy_seconds=0.2)
    met: list[str] = []

    def publisher_corrects(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM entry_keys" in statement and not met:
            met.append(statement)
            found = replace(room.entries()["canola"].entry, title=corrected.title)
            with writing(impatient) as conn:
                assert entries.add(conn, [found], news={found.id: True}).changed == (found.id,)

    event.listen(app.engine, "after_cursor_execute", publisher_corrects)
    app.curate()
    impatient.dispose()
    assert met
    assert corrected.title in room.stories()
    assert CANOLA.title not in room.stories()
    canola = room.entries()["canola"]
    assert canola.curated is not None
    assert canola.judgement is not None
    assert canola.judgement.story.value == room.stories()[corrected.title].id


@pytest.mark.parametrize(
    ("before", "due", "after"),
    [
        # 2020-03-29: from 02:00 straight to 03:00 in Berlin, which is 01:00 UTC.
        pytest.param(datetime(2020, 3, 29, 0, 59, tzinfo=UTC), datetime(2020, 3, 29, 1, tzinfo=UTC),
                     datetime(2020, 3, 30, 0, 30, tzinfo=UTC), id="the gap"),
        # 2020-10-25: 02:30 comes at 00:30 and again at 01:30 UTC.
        pytest.param(datetime(2020, 10, 25, 0, 29, tzinfo=UTC), datetime(2020, 10, 25, 0, 30, tzinfo=UTC),
                     datetime(2020, 10, 26, 1, 30, tzinfo=UTC), id="the fold"),
    ],
)  # fmt: skip
def test_a_clock_change_neither_skips_nor_repeats_an_edition(
    room: Newsroom, before: datetime, due: datetime, after: datetime
) -> None:
    room.newsletters = [{"name": "daily", "title": "Daily", "schedule": "02:30", "timezone": "Europe/Berlin"}]
    room.now = before - HOUR
    room.has_source("gazette", replace(BARLEY, published=room.now))
    app = room.app()
    to_the_end(app)
    room.now = before
    assert app.compose() == ()
    room.now = due
    assert [composed.number for composed in app.compose()] == [1]
    room.now = due + 2 * HOUR
    assert app.compose() == ()
    room.now = after
    assert [composed.slot for composed in app.compose()] == [after]


def test_missed_slots_are_made_up_for_in_one_edition(app: App, room: Newsroom) -> None:
    room.now = SLOT + DAY + HOUR
    (composed,) = app.compose()
    assert (composed.number, composed.slot) == (1, SLOT + DAY)
    assert slots(room) == ["3 stories, 3 letters", "missed: nothing ran at that time; told with the next slot"]


def test_a_clock_that_was_ahead_once_silences_no_newsletter(app: App, room: Newsroom) -> None:
    room.now = SLOT + 400 * DAY
    assert [composed.number for composed in app.compose()] == [None], "nothing is as young as that"
    for day in range(3):
        room.now = SLOT + day * DAY
        assert [composed.slot for composed in app.compose()] == [room.now]
        assert app.compose() == ()
    assert len(room.editions()) == 1


def test_an_edition_that_a_clock_ahead_made_is_made_once(app: App, room: Newsroom) -> None:
    room.now = SLOT + DAY + HOUR
    assert [composed.number for composed in app.compose()] == [1]
    room.tells("gazette", BARLEY, YUAN)
    app.poll(force=True)
    app.curate()
    room.now = SLOT
    assert [composed.number for composed in app.compose()] == [2]
    for day in (1, 2):
        room.now = SLOT + day * DAY
        app.compose()
    assert [kept.slot for kept in room.editions()] == [SLOT + DAY, SLOT]
    assert slots(room)[:2] == ["nothing to tell: no untold story", "3 stories, 3 letters"]


@pytest.mark.parametrize("change", [{"schedule": "09:00"}, {"timezone": "America/New_York"}])
def test_another_schedule_sends_nothing_at_once(app: App, room: Newsroom, change: dict[str, str]) -> None:
    """It was told at 07:00 UTC; at noon the desk makes it 09:00, or 07:00 in a zone where it is eight already."""
    room.now = SLOT
    app.compose()
    room.tells("gazette", BARLEY, YUAN)
    room.now = SLOT + 5 * HOUR
    room.newsletters[0] |= change
    app = room.app()
    app.poll()
    app.curate()
    assert app.compose() == ()
    assert slots(room) == ["3 stories, 3 letters"], "no slot was missed"
    room.now += DAY
    assert [composed.number for composed in app.compose()] == [2]
    assert told_in(room, "daily", 2) == {YUAN.title}


def test_a_newsletter_that_returns_to_the_configuration_missed_nothing(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    daily, room.newsletters = room.newsletters, []
    room.app().compose()
    room.newsletters, room.now = daily, SLOT + 5 * DAY + HOUR
    assert room.app().compose() == ()
    assert slots(room) == ["3 stories, 3 letters"]


def test_an_edition_at_once_is_made_once_at_one_reading_of_the_clock(app: App, room: Newsroom) -> None:
    room.tells("gazette", BARLEY, YUAN)
    assert [composed.number for composed in app.compose(at_once=True)] == [1]
    app.poll(force=True)
    app.curate()
    (again,) = app.compose(at_once=True)
    assert (again.number, again.outcome) == (1, "its edition of this very moment was made already")
    room.now += SECOND
    assert [composed.number for composed in app.compose(at_once=True)] == [2]
    assert told_in(room, "daily", 2) == {YUAN.title}


def test_everything_explains_itself(app: App, room: Newsroom) -> None:
    room.now = SLOT
    to_the_end(app)
    entry = room.entries()["copy"].entry.id
    story = room.stories()[BARLEY.title].id
    letter = room.letters()[0].id
    wanted = {
        entry: "same address", story: BARLEY.title, "gazette": "every 1 s", "daily": "07:00",
        "daily/1": "3 accepted", str(letter): "the mail server took it", f"d{letter}": "accepted",
    }  # fmt: skip
    for id_, word in wanted.items():
        said = explain(room.engine, app.config, id_, room.now)
        assert any(word in text for _, text in said), (id_, said)
    for unknown in ("e0", "daily/2", "daily/x", "999", "daily/99999999999999999999", "", "'; DROP TABLE entries"):
        with pytest.raises(UsageError):
            explain(room.engine, app.config, unknown, room.now)


def test_every_story_that_was_considered_has_its_verdict(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    with reading(room.engine) as conn:
        said = set(conn.execute(select(verdicts.c.story)).scalars())
        marked = set(conn.execute(select(told.c.story)).scalars())
    assert said == marked == {story.id for story in room.stories().values()}


def test_a_stock_phrase_does_not_hide_the_original(room: Newsroom) -> None:
    """Many entries share one long text, each under its own address and figure; the last one repeats the first."""
    phrase = "The full text is for subscribers alone; write to the desk for a trial of one month. " * 3
    many = [Article(f"g{n:02}", f"Notice {n}", phrase, published=MORNING - HOUR + n * SECOND) for n in range(60)]
    room.has_source("gazette", *many)
    app = room.app()
    app.poll()
    app.curate()
    room.now += HOUR
    copy = replace(many[0], guid="copy", link="http://www.gazette.example/g00/?utm_source=x", published=room.now)
    room.has_source("courier", copy)
    app = room.app()
    app.poll()
    app.curate()
    found = room.entries()
    repeats = {guid: stored.judgement.duplicate_of for guid, stored in found.items() if stored.judgement}
    assert {guid for guid, original in repeats.items() if original} == {"copy"}
    assert str(getattr(repeats["copy"], "value", None)) == found["g00"].entry.id
