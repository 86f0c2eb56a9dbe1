"""What a publisher or the operator takes back leaves stories, site, feeds and editions, and does not come back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from aggregator.app import App
from aggregator.errors import UsageError
from aggregator.pipeline.explaining.explain import explain
from aggregator.store import entries
from aggregator.store.engine import reading
from tests.support.newsroom import BARLEY, DAY, HOUR, MORNING, ROCKET, SAMPLES, SLOT, Article, Newsroom

NAMES = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
ALSO = replace(
    SAMPLES,
    guid="also",
    title="Laboratories destroy virus samples, as they were told to",
    summary="An order of January to destroy virus samples is confirmed by two laboratories.",
    link="https://courier.example/also",
)
"""Another report on the samples."""


def around(app: App) -> None:
    app.poll()
    app.curate()
    app.publish()


@pytest.fixture
def told(room: Newsroom) -> Newsroom:
    """The gazette tells of barley and samples, the courier of the rocket; published, and told in an edition."""
    room.has_source("gazette", BARLEY, SAMPLES)
    room.has_source("courier", ROCKET)
    app = room.app()
    app.compose()
    around(app)
    room.now = SLOT
    app.compose()
    app.publish()
    room.now += HOUR
    return room


def takes_back_by_its_headline(room: Newsroom) -> None:
    room.tells("gazette", BARLEY, replace(SAMPLES, title=f"RETRACTED: {SAMPLES.title}"))
    room.app().poll()


def takes_back_in_place_of_it(room: Newsroom) -> None:
    room.tells("gazette", BARLEY, replace(SAMPLES, title="[Removed]", summary=""))
    room.app().poll()


def takes_back_by_another_entry(room: Newsroom) -> None:
    notice = replace(SAMPLES, guid="notice", title=f"Withdrawn: {SAMPLES.title}", link=None, published=room.now)
    room.tells("gazette", BARLEY, SAMPLES, notice)
    room.app().poll()


def takes_back_by_a_tombstone(room: Newsroom) -> None:
    stone = f"<at:deleted-entry ref='{SAMPLES.guid}' when='2020-05-14T07:30:00Z'><link href='/x'/></at:deleted-entry>"
    gives(room, "gazette", stone, BARLEY)
    room.app().poll()


def operator_takes_back(room: Newsroom) -> None:
    room.app().retract([room.entries()["samples"].entry.id], reason="a court says so")


def gives(room: Newsroom, name: str, stones: str, *articles: Article) -> None:
    """As RSS, for guids must be the same, with RFC 6721's element in it."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{one.guid}</guid><title>{escape(one.title)}</title>"
        f"<link>https://{name}.example/{one.guid}</link><description>{one.summary}</description>"
        f"<pubDate>{one.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for one in articles
    )
    space = f"xmlns:at='{NAMES['at']}'"
    page = f"<rss version='2.0' {space}><channel><title>{name.title()}</title>{items}{stones}</channel></rss>"
    room.site.gives(f"/{name}.rss", page.encode(), headers={"Content-Type": "application/rss+xml"})


WAYS = pytest.mark.parametrize(
    "takes_back",
    [
        takes_back_by_its_headline,
        takes_back_in_place_of_it,
        takes_back_by_another_entry,
        takes_back_by_a_tombstone,
        operator_takes_back,
    ],
    ids=lambda way: way.__name__,
)


@WAYS
def test_what_is_taken_back_leaves_site_and_feeds(told: Newsroom, takes_back: Callable[[Newsroom], None]) -> None:
    before = told.files()
    story, entry = told.stories()[SAMPLES.title].id, told.entries()["samples"].entry.id
    takes_back(told)
    around(told.app())
    assert set(told.stories()) == {BARLEY.title, ROCKET.title}
    assert "samples" not in told.entries()
    after = {name: data.decode() for name, (_, data) in told.files().items()}
    for name, text in after.items():
        if not name.startswith("editions/"):
            assert SAMPLES.title not in text, name
    assert "noindex" in after[f"stories/{story}.html"]
    assert "This story was withdrawn" in after[f"stories/{story}.html"]
    assert after.keys() == before.keys(), "its page stays, with a word in its place"
    feed = etree.fromstring(after["atom.xml"].encode())
    (stone,) = feed.findall("at:deleted-entry", NAMES)
    assert stone.get("ref", "").endswith(f":story/{story}")
    said = [datetime.fromisoformat(text) for text in (stone.get("when"), feed.findtext("a:updated", "", NAMES)) if text]
    assert said == [SLOT + HOUR] * 2
    lines = dict(explain(told.engine, told.app().config, entry, told.now))
    assert lines["retracted"].startswith("2020-05-14T08:00:00Z: ")
    assert dict(explain(told.engine, told.app().config, story, told.now))["story"].startswith(f"{story}: withdrawn")


@WAYS
def test_no_later_poll_brings_it_back(told: Newsroom, takes_back: Callable[[Newsroom], None]) -> None:
    takes_back(told)
    around(told.app())
    before = told.files()
    for title in (SAMPLES.title, "Laboratories were told to keep virus samples"):
        told.now += HOUR
        told.tells("gazette", BARLEY, replace(SAMPLES, title=title))
        around(told.app())
        assert set(told.stories()) == {BARLEY.title, ROCKET.title}
    assert told.files() == before


def test_an_edition_that_was_made_keeps_its_words(told: Newsroom) -> None:
    before = {name: data for name, data in told.files().items() if name.startswith("editions/daily/1/")}
    operator_takes_back(told)
    around(told.app())
    assert {name: data for name, data in told.files().items() if name in before} == before
    assert any(SAMPLES.title.encode() in data for _, data in before.values())


def test_the_next_edition_does_not_tell_it(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES)
    app = room.app()
    app.compose()
    around(app)
    room.now = SLOT
    takes_back_by_its_headline(room)
    app.curate()
    app.compose()
    (kept,) = room.editions()
    assert SAMPLES.title not in kept.data
    assert BARLEY.title in kept.data


def test_the_others_of_its_story_go_on_without_it(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES, weight=2)
    room.has_source("courier", ALSO)
    around(room.app())
    before = room.stories()[SAMPLES.title]
    assert len(before.reports) == 2
    room.now += HOUR
    takes_back_by_its_headline(room)
    around(room.app())
    after = room.stories()[ALSO.title]
    assert after.id == before.id
    assert [report.source for report in after.reports] == ["courier"]
    assert after.updated == room.now
    page = (room.out / f"stories/{after.id}.html").read_text()
    assert "Gazette" not in page
    assert "gazette.example/samples" not in (room.out / "feed.json").read_text()
    lines = explain(room.engine, room.app().config, after.id, room.now)
    assert [text.split()[1] for label, text in lines if label == "retracted"] == ["2020-05-14T06:00:00Z:"]


def test_before_it_is_curated_again_a_story_does_not_speak_with_its_words(room: Newsroom) -> None:
    room.has_source("gazette", SAMPLES, weight=2)
    room.has_source("courier", ALSO)
    around(room.app())
    room.now += HOUR
    room.tells("gazette", replace(SAMPLES, title=f"RETRACTED: {SAMPLES.title}"))
    room.app().poll()
    room.app().publish()
    assert set(room.stories()) == {ALSO.title}
    assert SAMPLES.title not in (room.out / "index.html").read_text()


def test_nobody_joins_a_story_that_was_withdrawn(room: Newsroom) -> None:
    """Nor is a later one related to it."""
    room.has_source("gazette", SAMPLES)
    around(room.app())
    before = room.stories()[SAMPLES.title]
    room.app().retract([room.entries()["samples"].entry.id], reason="a court says so")
    room.now += HOUR
    room.has_source("courier", replace(ALSO, published=room.now))
    around(room.app())
    (after,) = room.stories().values()
    assert after.id != before.id
    assert before.id not in after.related
    assert "noindex" in (room.out / f"stories/{before.id}.html").read_text()
    room.app().restore(room_ids(room, "samples"))
    assert room.stories()[SAMPLES.title].id == before.id


def room_ids(room: Newsroom, guid: str) -> list[str]:
    """Of an entry that was taken back."""
    with reading(room.engine) as conn:
        return [stored.entry.id for stored in entries.listed(conn, retracted=True) if stored.entry.guid == guid]


def test_a_copy_of_it_stands_for_itself(room: Newsroom) -> None:
    copy = replace(BARLEY, guid="copy", link="https://gazette.example/barley?utm_source=c", published=MORNING)
    room.has_source("gazette", BARLEY)
    room.has_source("courier", copy)
    around(room.app())
    story = room.stories()[BARLEY.title].id
    room.now += HOUR
    room.app().retract([room.entries()["barley"].entry.id], reason="so it was agreed")
    (left,) = room.stories().values()
    assert (left.id, [report.source for report in left.reports]) == (story, ["courier"])
    assert left.lead.duplicate_of is None, "it repeats nothing that stands"


def test_what_is_restored_stands_where_it_stood(told: Newsroom) -> None:
    before = {title: replace(story, updated=MORNING) for title, story in told.stories().items()}
    entry, files = told.entries()["samples"].entry.id, told.files()
    operator_takes_back(told)
    told.app().publish()
    assert told.app().restore([entry]) == (entry,)
    told.app().publish()
    assert {title: replace(story, updated=MORNING) for title, story in told.stories().items()} == before
    assert told.files().keys() == files.keys()
    story = before[SAMPLES.title].id
    assert SAMPLES.title in (told.out / f"stories/{story}.html").read_text()
    assert "deleted-entry" not in (told.out / "atom.xml").read_text()
    assert told.app().restore([entry]) == (), "it stands"


def test_only_what_is_an_entry_is_taken_back(told: Newsroom) -> None:
    with pytest.raises(UsageError, match="no entry 'e404'"):
        told.app().retract([told.entries()["barley"].entry.id, "e404"], reason="")
    assert BARLEY.title in told.stories(), "nothing was done"


def test_a_tombstone_of_another_source_takes_nothing_back(told: Newsroom) -> None:
    gives(told, "courier", f"<at:deleted-entry ref='{SAMPLES.guid}' when='2020-05-14T07:30:00Z'/>", ROCKET)
    around(told.app())
    assert SAMPLES.title in told.stories()


def test_an_article_on_a_retraction_stands(room: Newsroom) -> None:
    about = Article("about", "Retraction: what the journal did wrong", "It waited for three years.")
    room.has_source("gazette", SAMPLES, about)
    around(room.app())
    assert set(room.stories()) == {SAMPLES.title, about.title}
    other = replace(about, title="Withdrawn: what the journal did wrong, and who paid for it")
    removed = replace(SAMPLES, title="Removed: how a whole archive went")
    room.tells("gazette", removed, other)
    room.now += HOUR
    around(room.app())
    assert set(room.stories()) == {removed.title, other.title}, "a mark before another headline, or after another mark"


def test_tombstones_go_after_a_month(told: Newsroom) -> None:
    operator_takes_back(told)
    told.app().publish()
    assert "deleted-entry" in (told.out / "atom.xml").read_text()
    told.now += 31 * DAY
    told.tells("courier", ROCKET, replace(BARLEY, guid="new", title="Barley is sown", published=told.now, link=None))
    around(told.app())
    assert "deleted-entry" not in (told.out / "atom.xml").read_text()
    assert not [
        item for item in json.loads((told.out / "feed.json").read_text())["items"] if SAMPLES.title in item["title"]
    ]
    assert datetime.now(UTC) > told.now, "by the clock of the test, not of the machine"
