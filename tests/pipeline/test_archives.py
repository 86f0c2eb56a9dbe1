"""Whoever follows the archive of a feed of ours (RFC 5005) has every story that there ever was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.app import App
from aggregator.collect.parse import parse
from aggregator.config import Config
from aggregator.edit.compose import to_json
from aggregator.edit.summarise import brief
from aggregator.model import Story
from aggregator.pipeline.publishing.list_pages import Lists
from aggregator.pipeline.publishing.press import Press
from aggregator.publish import syndicate
from aggregator.publish.feeds.ids import tag_uri
from aggregator.publish.feeds.post import Words
from aggregator.store import editions as store
from aggregator.store.editions import Kept
from aggregator.store.engine import reading, writing
from tests.support import briefing_week, editions, jsonfeed, rss20
from tests.support.feedrules import ATOM
from tests.support.newsroom import SLOT, Newsroom
from tests.support.poller import START, polling
from tests.support.rfc4287 import complaints
from tests.support.site import Site

WORDS = Words(brief)
CONFIG = briefing_week.config()


def published(config: Config, stories: Sequence[Story], *, limit: int) -> dict[str, bytes]:
    """The feed and its archive, a drawer a month, by path."""
    ordered = sorted(stories, key=lambda story: (story.first_published, story.id), reverse=True)
    drawers = [
        (f"archive/{month}/atom.xml", list(told))
        for month, told in groupby(ordered, key=lambda story: f"{story.first_published:%Y-%m}")
    ]
    paths = [path for path, _ in drawers]
    found = {
        path: syndicate.archive_atom(config, told, words=WORDS, path=path, previous=older, following=newer)
        for (path, told), older, newer in zip(drawers, [*paths[1:], None], [None, *paths[:-1]], strict=False)
    }
    newest = sorted(stories, key=lambda story: story.last_published, reverse=True)
    older, oldest = (paths[0], paths[-1]) if paths else (None, None)
    found["atom.xml"] = syndicate.atom(
        config, newest, words=WORDS, path="atom.xml", limit=limit, older=older, oldest=oldest
    )
    return found


def walk(documents: dict[str, bytes], start: str, rel: str, *, site: str = "https://desk.example.org") -> list[str]:
    """The paths of the documents from this one on."""
    way = [start]
    while links := etree.fromstring(documents[way[-1]]).findall(f"{ATOM}link[@rel='{rel}']"):
        (link,) = links
        way.append(link.get("href").removeprefix(f"{site}/"))
        assert len(way) <= len(documents), "it leads in a circle"
    return way


@st.composite
def archives(draw: st.DrawFn) -> list[Story]:
    days = draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90)), max_size=25))
    return [
        replace(
            briefing_week.week()[1],
            id=f"s{number}",
            first_published=START - timedelta(days=age),
            last_published=START - timedelta(days=max(0, age - later)),
        )
        for number, (age, later) in enumerate(days)
    ]


@settings(max_examples=30, deadline=None)
@given(archives(), st.integers(1, 6))
def test_every_story_is_on_the_way_back(stories: list[Story], limit: int) -> None:
    documents = published(CONFIG, stories, limit=limit)
    way = walk(documents, "atom.xml", "prev-archive")
    assert set(way) == set(documents), "no drawer is off the way"
    assert walk(documents, "atom.xml", "next") == way, "who knows only pages comes as far"
    told = {item.guid for path in way for item in parse(documents[path], None, "https://desk.example.org/").items}
    assert told == {tag_uri(CONFIG, "story", story.id) for story in stories}
    assert [said for document in documents.values() for said in complaints(document)] == []
    if len(way) > 1:
        assert walk(documents, way[-1], "next-archive") == list(reversed(way[1:])), "and the same way forth"
        assert {walk(documents, path, "current")[1] for path in way[1:]} == {"atom.xml"}
        assert etree.fromstring(documents["atom.xml"]).find(f"{ATOM}link[@rel='last']").get("href").endswith(way[-1])


def test_a_drawer_does_not_change_when_news_comes() -> None:
    old = [
        replace(story, first_published=START - timedelta(days=20 + number), last_published=START)
        for number, story in enumerate(briefing_week.many(60))
    ]
    news = replace(old[0], id="news", first_published=START)
    before, after = (published(CONFIG, stories, limit=5) for stories in (old, [*old, news]))
    changed = {path for path in before if after[path] != before[path]}
    newest = max(path for path in before if path.startswith("archive/"))
    assert changed == {"atom.xml", newest}, "the newest drawer learns what comes after it"


def test_our_own_reader_fills_a_gap_from_it(tmp_path: Path, site: Site) -> None:
    config = briefing_week.config(link=site.url(""))
    stories = [
        replace(
            story,
            title=f"Report {number} of {number * 7919}",
            summary=f"What was found on the morning of day {number} is told in {number * 104729} words.",
            first_published=START - timedelta(days=3 * number),
            last_published=START,
        )
        for number, story in enumerate(briefing_week.many(40))
    ]
    with polling(tmp_path) as poller:
        serve(site, published(config, stories[-3:], limit=3))
        poller.source(site.url("/atom.xml"))
        poller.poll()
        assert len(poller.entries()) == 3
        serve(site, published(config, stories, limit=3))
        poller.due()
        assert set(poller.entries()) == {tag_uri(config, "story", story.id) for story in stories}


def test_every_edition_is_on_the_way_back(app: App) -> None:
    count = 130
    with writing(app.engine) as conn:
        for number in range(1, count + 1):
            at = SLOT - timedelta(days=count - number)
            edition = replace(editions.english(), newsletter="daily", number=number, slot=at, composed=at)
            store.keep(conn, Kept("daily", number, at, at, to_json(edition)), [])
    with reading(app.engine) as conn:
        lists = Lists(Press.on(conn, app.config, app.folders), store.numbers(conn))
        (group,) = (group for group in lists.groups() if group.key == "newsletter:daily")
        documents = {page.path: page.make() for page in group.pages(conn)}
    assert set(documents) == set(group.paths)
    way = walk(documents, "editions/daily/atom.xml", "prev-archive", site=app.config.site_url)
    assert set(way[1:]) == {path for path in documents if path.endswith(".xml") and "/months/" in path}
    told = [item.guid for path in way for item in parse(documents[path], None, "https://desk.example.org/").items]
    assert set(told) == {tag_uri(app.config, "edition", "daily", str(number)) for number in range(1, count + 1)}
    assert [said for path in way for said in complaints(documents[path])] == []
    assert {etree.fromstring(documents[path]).findtext(f"{ATOM}id") for path in way} == {
        tag_uri(app.config, "feed", "editions", "daily")
    }


def serve(site: Site, documents: dict[str, bytes]) -> None:
    for path, document in documents.items():
        site.gives(f"/{path}", document)


def test_every_feed_of_a_whole_publication_is_valid(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    assert app.publish().failed == ()
    rules = {"atom.xml": complaints, "rss.xml": rss20.complaints, "feed.json": jsonfeed.complaints}
    found = {path: data for path, (_, data) in room.files().items() if path.rpartition("/")[2] in rules}
    assert set(syndicate.paths(app.config)) < set(found)
    assert any(path.startswith("archive/") for path in found)
    assert {path: said for path, data in found.items() if (said := rules[path.rpartition("/")[2]](data))} == {}
