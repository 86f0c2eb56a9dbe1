import json
import locale
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html import unescape
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from aggregator.config import Config
from aggregator.edit.summarise import brief
from aggregator.model import Brief, Edition, Story
from aggregator.publish import syndicate
from aggregator.publish.feeds.ids import tag_uri
from aggregator.publish.feeds.post import Words
from aggregator.publish.feeds.wording import looks_like_html
from tests.support import briefing_week
from tests.support.feedrules import ATOM
from tests.support.rfc4287 import complaints

CONFIG = briefing_week.config()
WEEK = briefing_week.week()
Writer = Callable[..., bytes]
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

hostile = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        "",
        " \n ",
        "\x00\x08\ufffe\ud800",
        "]]><script>alert(1)</script>",
        "&lt;b&gt; &amp;amp; &#0;",
        "<![CDATA[ <!-- <?php",
        'a" onmouseover="x',
        "\u202eright to left",
        "{{ config }} {% raw %}",
    ]
)
addresses = hostile | st.sampled_from(
    ["javascript:alert(1)", "https://a.example/ b\"<>'", "http://[::1", "//host", "https://ex.example/\ud83d?q=中文"]
)


def elements(document: bytes, path: str) -> Any:
    return etree.fromstring(document).findall(path.replace("atom:", ATOM))


WORDS = Words(brief)
WHOLE = Words(lambda story, _: Brief(story.summary, story.language))


def atom(config: Config = CONFIG, stories: tuple[Story, ...] = WEEK, path: str = "atom.xml", **more: Any) -> bytes:
    return syndicate.atom(config, stories, path=path, **{"words": WORDS} | more)


def rss(config: Config = CONFIG, stories: tuple[Story, ...] = WEEK, path: str = "rss.xml", **more: Any) -> bytes:
    return syndicate.rss(config, stories, path=path, **{"words": WORDS} | more)


def json_feed(
    config: Config = CONFIG, stories: tuple[Story, ...] = WEEK, path: str = "feed.json", **more: Any
) -> bytes:
    return syndicate.json_feed(config, stories, path=path, **{"words": WORDS} | more)


def newsletter(config: Config, editions: Sequence[Edition], *, name: str = "atom.xml", at: int = 0) -> bytes:
    told = config.newsletters[at]
    return dict(syndicate.of_newsletter(config, told, editions))[f"editions/{told.name}/{name}"]()


NEWEST = max(story.updated for story in WEEK)
STONES = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@pytest.mark.parametrize(
    ("age", "told"),
    [
        pytest.param(timedelta(days=-3), True, id="later than every story"),
        pytest.param(timedelta(days=30), True, id="a month before"),
        pytest.param(timedelta(days=31), False, id="before that"),
    ],
)
def test_a_story_that_is_gone_is_told_by_a_tombstone_for_a_month(age: timedelta, told: bool) -> None:  # noqa: FBT001  a table of cases
    document = atom(withdrawn=[("s404", NEWEST - age)])
    found = elements(document, STONES)
    expected = [(tag_uri(CONFIG, "story", "s404"), (NEWEST - age).strftime("%Y-%m-%dT%H:%M:%SZ"))]
    assert [(stone.get("ref"), stone.get("when")) for stone in found] == (expected if told else [])
    assert (b"tombstones" in document) is told
    (updated,) = elements(document, "atom:updated")
    assert datetime.fromisoformat(updated.text).replace(microsecond=0) == (NEWEST - age if age.days < 0 else NEWEST)
    assert complaints(document) == []
    assert len(feedparser.parse(document).entries) == len(WEEK)


def test_tombstones_are_bounded_and_the_last_are_told() -> None:
    gone = [(f"s{number}", NEWEST - number * timedelta(minutes=1)) for number in range(200)]
    found = elements(atom(withdrawn=gone), STONES)
    assert [stone.get("ref") for stone in found] == [tag_uri(CONFIG, "story", f"s{number}") for number in range(50)]


def test_where_every_story_is_gone_the_feed_says_so() -> None:
    document = atom(stories=(), withdrawn=[("s404", NEWEST)])
    assert len(elements(document, STONES)) == 1
    assert complaints(document) == []


# --- what RFC 4287 asks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_feed_keeps_the_rules(language: str) -> None:
    assert complaints(atom(briefing_week.config(language))) == []


def test_the_checker_sees_what_is_wrong() -> None:
    good = atom()
    entry = good.index(b"<entry")
    for bad in (
        good.replace(
            b"<id>tag:desk.example.org,2020:story/s001</id>", b"<id>tag:desk.example.org,2020:story/s000</id>"
        ),
        good.replace(b"2020-05-14T12:00:00+00:00", b"14 May 2020"),
        good.replace(b'type="html"', b'type="CDATA"'),
        good.replace(b' rel="via"', b' rel="alternate" type="text/html"'),
        good[:entry] + good[entry:].replace(b"<title>", b"<title>x</title><title>", 1),
    ):
        assert bad != good
        assert complaints(bad)


@settings(max_examples=60, deadline=None)
@given(title=hostile, summary=hostile, author=hostile, name=hostile, address=addresses, language=hostile)
def test_no_text_from_a_feed_breaks_it(
    *, title: str, summary: str, author: str, name: str, address: str, language: str
) -> None:
    report = replace(
        WEEK[0].lead, title=title, source_title=name, author=author, url=address, language=language, source="unknown"
    )
    told = replace(WEEK[0], title=title, summary=summary, url=address, reports=(report,), language=language)
    document = atom(stories=(told, WEEK[1]))
    assert complaints(document) == []
    assert len(feedparser.parse(document).entries) == 2
    for content in elements(document, "atom:entry/atom:content"):
        for element in html.fragment_fromstring(content.text, create_parent="div").iter():
            assert element.tag in {"div", "p", "ul", "li", "a", "span"}
            assert set(element.attrib) <= {"href", "lang", "dir"}
            assert element.get("href", "https://").startswith(("http://", "https://"))
    assert etree.fromstring(rss(stories=(told,))).findtext("channel/item/title")
    assert json.loads(json_feed(stories=(told,), path="feed.json"))["items"][0]["title"]


def _looks_garbled(text: str) -> bool:
    """Whether it looks like UTF-8 that somebody read as Latin-1: we mend it, and so does feedparser."""
    for page in ("latin-1", "cp1252"):
        with suppress(UnicodeError):
            if text.encode(page).decode("utf-8") != text:
                return True
    return re.search("[\xc2\xc3][\x80-\xbf]", text) is not None


# Space runs and unusual controls are cleaned by us; what feedparser itself mends would not come back equal.
letters = st.characters(codec="utf-8", categories=["L", "N", "P", "S"])
plain = st.text(letters, min_size=1, max_size=50).filter(lambda text: not _looks_garbled(text))


@settings(max_examples=60, deadline=None)
@given(plain, plain)
def test_another_reader_reads_back_what_was_written(title: str, summary: str) -> None:
    told = replace(WEEK[1], title=title, summary=summary)
    (entry,) = feedparser.parse(atom(stories=(told,), words=WHOLE), sanitize_html=False).entries
    for detail, text in ((entry.title_detail, title), (entry.summary_detail, summary)):
        as_html = detail.type == "text/html"
        assert (unescape(detail.value) if as_html else detail.value) == text
        assert as_html is looks_like_html(text)


def test_the_whole_of_an_entry_is_read_back() -> None:
    feed = feedparser.parse(atom())
    assert feed.bozo is False
    assert [entry.title for entry in feed.entries] == [told.title for told in WEEK]
    entry = feed.entries[1]
    assert entry.id == "tag:desk.example.org,2020:story/s001"
    assert entry.link == "https://desk.example.org/stories/s001.html"
    assert entry.published == "2020-05-14T09:00:00+00:00"
    assert entry.updated.startswith("2020-05-14T09:30:00.")
    assert entry.author == "South China Morning Post"
    assert entry.content[0].type == "text/html"
    assert [(tag.term, tag.scheme, tag.label) for tag in entry.tags] == [
        ("technology", "https://desk.example.org/categories/", "Technology"),
        ("trade", "https://desk.example.org/categories/", "Trade and markets"),
        ("briefings", "https://desk.example.org/sections/", "Latest Briefings"),
    ]
    assert [link.rel for link in entry.links] == ["alternate", "via", "related", "related", "related"]


# --- each trap of feedgen --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        atom,
        lambda: rss(stories=WEEK, path="rss.xml"),
        lambda: json_feed(stories=WEEK, path="feed.json"),
        lambda: newsletter(CONFIG, briefing_week.editions()),
        lambda: atom(stories=()),
        lambda: rss(stories=(), path="rss.xml"),
    ],
    ids=["atom", "rss", "json", "newsletter", "empty-atom", "empty-rss"],
)
def test_no_time_but_the_stories_own_is_in_a_feed(write: Callable[[], bytes]) -> None:
    """Feedgen fills a missing time with now: the bytes would differ from run to run."""
    document = write()
    assert document == write()
    years = set(re.findall(r"\b(20\d\d)-\d\d-\d\dT|\d{1,2} \w{3} (20\d\d) ", document.decode()))
    assert years in ({("2020", "")}, {("", "2020")})


def test_entries_come_in_the_order_given() -> None:
    """Feedgen puts a new entry first."""
    assert [entry.findtext(f"{ATOM}id")[-4:] for entry in elements(atom(), "atom:entry")] == [s.id for s in WEEK]
    channel = etree.fromstring(rss(stories=WEEK, path="rss.xml"))
    assert [title.text for title in channel.findall("channel/item/title")] == [told.title for told in WEEK]


def test_one_control_character_does_not_cost_the_feed() -> None:
    told = replace(WEEK[1], title="Chip\x08 maker\ud800 \ufffeweighs\x00", summary="a\x0bb")
    (entry,) = elements(atom(stories=(told,), words=WHOLE), "atom:entry")
    assert entry.findtext(f"{ATOM}title") == "Chip maker weighs"
    assert entry.findtext(f"{ATOM}summary") == "ab"


def test_an_empty_title_does_not_cost_the_feed() -> None:
    """Feedgen refuses one."""
    (title,) = elements(atom(stories=(replace(WEEK[1], title="\x00 \n"),)), "atom:entry/atom:title")
    assert title.text == "The China Desk"


def test_links_say_what_they_are_for() -> None:
    """Feedgen 1.0.0 drops rel and type of an entry's links: all would be alternates."""
    (entry,) = elements(atom(stories=(WEEK[1],)), "atom:entry")
    found = [(link.get("rel"), link.get("type"), link.get("href")) for link in entry.findall(f"{ATOM}link")]
    assert found[:3] == [
        ("alternate", "text/html", "https://desk.example.org/stories/s001.html"),
        ("via", None, "https://news.example.org/scmp/e001"),
        ("related", None, "https://news.example.org/globe/e001-1"),
    ]


def test_the_channel_links_to_the_page_and_not_to_the_feed() -> None:
    """Feedgen takes whichever link came last."""
    channel = etree.fromstring(rss(stories=WEEK, path="sections/analyses/rss.xml")).find("channel")
    assert channel.findtext("link") == "https://desk.example.org/sections/analyses/"
    assert channel.find(f"{ATOM}link").get("href") == "https://desk.example.org/sections/analyses/rss.xml"


def test_the_source_is_told_in_full() -> None:
    (source,) = elements(atom(stories=(WEEK[1],)), "atom:entry/atom:source")
    assert source.findtext(f"{ATOM}id") == "tag:desk.example.org,2020:source/scmp"
    assert source.findtext(f"{ATOM}title") == "South China Morning Post"
    assert source.findtext(f"{ATOM}updated") == "2020-05-14T09:00:00Z"
    assert source.find(f"{ATOM}link").attrib == {"rel": "self", "href": "https://feeds.example.org/scmp.xml"}


def test_an_address_that_may_hold_a_key_is_not_published() -> None:
    for document in (atom(), rss(stories=WEEK, path="rss.xml")):
        assert b"4711" not in document
    told = next(told for told in WEEK if told.lead.source == "caixin")
    (link,) = elements(atom(stories=(told,)), "atom:entry/atom:source/atom:link")
    assert link.attrib == {"rel": "alternate", "href": "https://news.example.org/"}


def test_markup_in_plain_text_stays_text() -> None:
    """Feedgen's summary() would put it into RSS as HTML."""
    told = replace(WEEK[1], summary="1 < 2 & <script>alert(1)</script>")
    (entry,) = elements(atom(stories=(told,)), "atom:entry")
    assert entry.find(f"{ATOM}summary").get("type") == "html"
    assert unescape(entry.findtext(f"{ATOM}summary")) == told.summary
    described = etree.fromstring(rss(stories=(told,), path="rss.xml")).findtext("channel/item/description")
    assert "<script" not in described
    assert "&lt;script&gt;" in described


@pytest.mark.parametrize(
    ("title", "as_html"),
    [
        ("AT&T sues", False),
        ("R&D2", True),
        ("1 < 2", False),
        ("<b>bold", True),
        ("Tom &amp; Jerry", True),
        ("&copy that", True),
    ],
)
def test_only_what_would_be_taken_for_html_is_written_as_html(title: str, as_html: bool) -> None:  # noqa: FBT001  a table of cases
    (element,) = elements(atom(stories=(replace(WEEK[1], title=title),)), "atom:entry/atom:title")
    assert (element.get("type") == "html", unescape(element.text) if as_html else element.text) == (as_html, title)


def test_writing_rss_leaves_the_locale_as_it_was() -> None:
    """Feedgen changes the process's locale for a moment at every date."""
    before = locale.setlocale(locale.LC_ALL)
    rss(stories=WEEK, path="rss.xml")
    assert locale.setlocale(locale.LC_ALL) == before


# --- ids and times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "authority"),
    [
        ("https://Desk.Example.org:8443/news", "desk.example.org"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://[::1]:80/", "1"),
    ],
)
def test_ids_are_tags_of_the_host(link: str, authority: str) -> None:
    config = briefing_week.config(link=link, founded=2019)
    assert tag_uri(config, "story", "a/b ä") == f"tag:{authority},2019:story/a%2Fb%20%C3%A4"


def test_each_feed_has_an_id_of_its_own_that_its_format_does_not_change() -> None:
    (whole,), (part,) = elements(atom(), "atom:id"), elements(atom(path="categories/trade/atom.xml"), "atom:id")
    assert whole.text == "tag:desk.example.org,2020:feed"
    assert part.text == "tag:desk.example.org,2020:feed/categories/trade"


def test_a_feed_is_as_new_as_the_newest_entry_in_it() -> None:
    older = tuple(reversed(WEEK))
    (updated,) = elements(atom(stories=older), "atom:updated")
    assert updated.text.startswith("2020-05-14T12:30:00.")
    (updated,) = elements(atom(stories=older, limit=1), "atom:updated")
    assert updated.text.startswith("2020-05-12T21:30:00.")


def test_an_empty_feed_has_the_year_of_foundation_as_its_time() -> None:
    document = atom(stories=())
    assert complaints(document) == []
    (updated,) = elements(document, "atom:updated")
    assert updated.text == "2020-01-01T00:00:00+00:00"


def test_the_same_instant_is_written_the_same() -> None:
    elsewhere = timezone(timedelta(hours=8))
    moved = tuple(
        replace(
            told,
            updated=told.updated.astimezone(elsewhere) + timedelta(microseconds=7),
            first_published=told.first_published.astimezone(elsewhere),
        )
        for told in WEEK
    )
    assert atom(stories=moved) == atom()
    assert rss(stories=moved, path="rss.xml") == rss(stories=WEEK, path="rss.xml")
    assert json_feed(stories=moved, path="f.json") == json_feed(stories=WEEK, path="f.json")


def test_a_report_more_changes_its_entry_alone() -> None:
    more = replace(WEEK[2], reports=(*WEEK[2].reports, briefing_week.report("new", "caixin", "又一篇报道")))
    before, after = atom(stories=WEEK[1:5]), atom(stories=(WEEK[1], more, *WEEK[3:5]))
    old, new = (list(map(etree.tostring, elements(document, "atom:entry"))) for document in (before, after))
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False, True, True]


def test_an_entry_says_its_language() -> None:
    languages = [entry.get(XML_LANG) for entry in elements(atom(stories=WEEK[:4]), "atom:entry")]
    assert languages == ["zh-Hant", "en", "en", "zh-Hans"]
    odd = replace(WEEK[0], language='en" onload="x')
    (entry,) = elements(atom(stories=(odd,)), "atom:entry")
    assert entry.get(XML_LANG) is None


def test_what_a_format_cannot_say_of_an_entry_its_paragraphs_say() -> None:
    told = next(story for story in WEEK if story.language == "zh-Hans")
    (content,) = elements(atom(stories=(told,)), "atom:entry/atom:content")
    (description,) = elements(rss(stories=(told,), path="rss.xml"), f"channel/item/{ENCODED}")
    of_atom, of_rss = (html.fragments_fromstring(each.text) for each in (content, description))
    assert [each.get("lang") for each in of_atom[:2]] == [None, "en"], "its own text, then our words"
    assert [each.get("lang") for each in of_rss[:2]] == ["zh-Hans", None]


def test_an_edition_is_titled_in_the_language_of_its_lead() -> None:
    edition = next(each for each in briefing_week.editions() if each.lead)
    assert edition.lead is not None
    chinese = replace(edition, lead=replace(edition.lead, language="zh-Hant", kicker="Technology"))
    written = newsletter(CONFIG, [chinese])
    (title,) = elements(written, "atom:entry/atom:title")
    (content,) = elements(written, "atom:entry/atom:content")
    assert title.get(XML_LANG) == "zh-Hant"
    heading = next(each for each in html.fragments_fromstring(content.text) if each.tag == "h3")
    assert (heading.get("lang"), heading.text, heading[0].get("lang")) == (None, "Technology: ", "zh-Hant")


def test_author_of_the_feed() -> None:
    (name,) = elements(atom(), "atom:author/atom:name")
    assert name.text == "The China Desk"
    config = briefing_week.config(author={"name": "Mei Lin", "email": "mei@example.org"})
    (author,) = elements(atom(config), "atom:author")
    assert [child.text for child in author] == ["Mei Lin", "mei@example.org"]


# --- the other formats -----------------------------------------------------------------------------------


def test_rss_as_another_reader_sees_it() -> None:
    feed = feedparser.parse(rss(stories=WEEK, path="rss.xml"))
    assert feed.bozo is False
    assert feed.version == "rss20"
    assert [entry.title for entry in feed.entries] == [told.title for told in WEEK]
    assert feed.entries[1].guidislink is False
    assert feed.entries[1].published == "Thu, 14 May 2020 09:00:00 +0000"
    assert feed.entries[1].source.title == "South China Morning Post"


def test_json_feed() -> None:
    feed = json.loads(json_feed(stories=WEEK, path="feed.json", title="All"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["title"], feed["feed_url"]) == ("All", "https://desk.example.org/feed.json")
    item = feed["items"][1]
    assert item["id"] == "tag:desk.example.org,2020:story/s001"
    assert item["url"] == "https://desk.example.org/stories/s001.html"
    assert item["external_url"] == "https://news.example.org/scmp/e001"
    assert item["date_published"] == "2020-05-14T09:00:00Z"
    assert item["tags"] == ["Technology", "Trade and markets", "Latest Briefings"]
    assert all(isinstance(item["id"], str) and item["content_html"] for item in feed["items"])


def test_a_newsletter_is_a_feed_of_its_editions() -> None:
    told = briefing_week.editions()
    document = newsletter(CONFIG, told)
    assert complaints(document) == []
    (feed_id,) = elements(document, "atom:id")
    assert feed_id.text == "tag:desk.example.org,2020:feed/editions/daily"
    feed = feedparser.parse(document)
    assert feed.feed.title == "Daily Briefing"
    assert [entry.title for entry in feed.entries] == [edition.lead.headline for edition in told if edition.lead]
    assert feed.entries[0].link == "https://desk.example.org/editions/daily/10/"
    assert feed.entries[0].id == "tag:desk.example.org,2020:edition/daily/10"


def test_a_newsletter_without_editions_is_a_feed_too() -> None:
    assert complaints(newsletter(CONFIG, (), at=1)) == []


def test_limit() -> None:
    assert len(elements(atom(stories=briefing_week.many(150)), "atom:entry")) == 100
    assert len(elements(atom(stories=WEEK, limit=3), "atom:entry")) == 3
