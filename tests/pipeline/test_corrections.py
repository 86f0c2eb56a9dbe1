"""What a publisher corrects reaches readers: in place, under the same address, with its history."""

import json
import re
from dataclasses import replace

from lxml import etree

from aggregator.app import App
from aggregator.pipeline.explaining.explain import explain
from tests.support.newsroom import BARLEY, DAY, HOUR, SAMPLES, Article, Newsroom

ATOM = {"a": "http://www.w3.org/2005/Atom"}
CORRECTED = replace(SAMPLES, title="Laboratories were told to hand in virus samples")


def around(app: App) -> None:
    app.poll()
    app.curate()
    app.publish()


def published(room: Newsroom) -> dict[str, bytes]:
    return {name: data for name, (_, data) in room.files().items()}


def atom_times(room: Newsroom, headline: str) -> tuple[str, str, str]:
    """id, published, updated"""
    feed = etree.fromstring((room.out / "atom.xml").read_bytes())
    (found,) = feed.xpath("//a:entry[a:title=$title]", namespaces=ATOM, title=headline)
    values = [found.findtext(f"a:{name}", namespaces=ATOM) for name in ("id", "published", "updated")]
    return values[0], values[1], values[2]


def corrected(room: Newsroom, *articles: Article) -> dict[str, bytes]:
    """All that is published an hour after the gazette changed its feed; what it was before is returned."""
    app = room.app()
    around(app)
    before = published(room)
    room.now += HOUR
    room.tells("gazette", *articles)
    around(app)
    return before


def test_a_corrected_headline_reaches_site_and_feeds(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES)
    around(room.app())
    story, first = room.stories()[SAMPLES.title].id, atom_times(room, SAMPLES.title)
    other = atom_times(room, BARLEY.title)
    before = corrected(room, BARLEY, CORRECTED)
    after = published(room)
    assert room.stories()[CORRECTED.title].id == story
    for place in (f"stories/{story}.html", "index.html", "atom.xml", "rss.xml", "feed.json"):
        assert SAMPLES.title in before[place].decode(), place
        assert SAMPLES.title not in after[place].decode(), place
        assert CORRECTED.title in after[place].decode(), place
    id_, when, updated = atom_times(room, CORRECTED.title)
    assert (id_, when) == first[:2]
    assert updated > first[2]
    assert atom_times(room, BARLEY.title) == other, "of the other story nothing moves"
    item = next(item for item in json.loads(after["feed.json"])["items"] if item["title"] == CORRECTED.title)
    assert item["date_modified"] > item["date_published"]


def test_what_is_not_corrected_keeps_its_bytes(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES)
    before = corrected(room, BARLEY, CORRECTED)
    story = room.stories()[BARLEY.title].id
    assert published(room)[f"stories/{story}.html"] == before[f"stories/{story}.html"]
    assert published(room).keys() == before.keys()


def test_white_space_and_mark_up_that_nobody_sees_move_nothing(room: Newsroom) -> None:
    plain = replace(SAMPLES, summary="<p>An order of January is confirmed.</p>")
    room.has_source("gazette", BARLEY, plain)
    other = replace(plain, title=f"  {plain.title.replace(' ', '  ', 1)}\n", summary=(
        "<div class='b'>An <span>order</span>\n of January is confirmed.</div><!-- 17 -->"
    ))  # fmt: skip
    before = corrected(room, BARLEY, other)
    after = published(room)
    assert of_pages(after) == of_pages(before)
    assert updates(after) == updates(before), "feeds carry the mark-up itself: what it was made of is no news"


def of_pages(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.endswith((".xml", "feed.json"))}


def updates(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    return {path: re.findall(rb"<updated>.*?</updated>", data) for path, data in files.items()}


def test_a_change_of_the_clock_alone_publishes_nothing(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES)
    before = corrected(room, BARLEY, SAMPLES)
    assert published(room) == before


def test_explain_tells_what_was_changed_and_when(room: Newsroom) -> None:
    room.has_source("gazette", BARLEY, SAMPLES)
    corrected(room, BARLEY, CORRECTED)
    room.now += DAY
    room.tells("gazette", BARLEY, replace(CORRECTED, summary="Two orders of January are confirmed."))
    app = room.app()
    around(app)
    lines = explain(app.engine, app.config, room.entries()["samples"].entry.id, room.now)
    changes = [text for label, text in lines if label == "changed"]
    assert len(changes) == 2
    assert changes[0] == f"2020-05-14T06:00:00Z: headline from “{SAMPLES.title}” to “{CORRECTED.title}”"
    assert re.match(r"2020-05-15T06:00:00Z: summary from “An order .*” to “Two orders .*”; text, of \d+ ", changes[1])
    untouched = explain(app.engine, app.config, room.entries()["barley"].entry.id, room.now)
    assert not [label for label, _ in untouched if label == "changed"]
