"""The two readers of XML give the same answer, and know what a feed says of how it wants to be asked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.collect import loose, xml_feed
from aggregator.collect.encoding import decode
from aggregator.collect.normalise import Label, entry_id, normalise
from aggregator.collect.parse import parse
from aggregator.errors import ParseError
from aggregator.model import Feed, Hints

URL = "https://news.example/feed.xml"
FEEDS = Path(__file__).parent / "feeds"
RSS = "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/' {more}><channel><title>T</title>{inside}</channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{inside}</feed>"
MODULES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:content='http://purl.org/rss/1.0/modules/content/' "
    "xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#'"
)


def rss(inside: str) -> str:
    return RSS.format(inside=inside, more=MODULES)


def item(inside: str) -> str:
    return rss(f"<item>{inside}</item>")


def entry(inside: str) -> str:
    return ATOM.format(inside=f"<entry>{inside}</entry>")


def both(text: str) -> tuple[Feed, Feed]:
    fast, slow = xml_feed.read(text), loose.read(text)
    assert fast is not None, "too unusual for the fast reader"
    assert slow is not None
    return fast, slow


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(item("<title>A &amp; B</title><title>Later</title><link> https://a.example/1 </link>"), id="first title"),
        pytest.param(item("<media:title>Clip</media:title><title>Story</title>"), id="media title gives way"),
        pytest.param(item("<title>Story</title><media:title>Clip</media:title>"), id="media title comes too late"),
        pytest.param(item("<media:group><media:description>Of the clip</media:description></media:group>"), id="media alone"),
        pytest.param(item("<guid>https://a.example/1</guid>"), id="guid is the link"),
        pytest.param(item("<guid isPermaLink='false'>https://a.example/1</guid>"), id="guid is no link, yet an address"),
        pytest.param(item("<guid isPermaLink='false'>urn:1</guid><link>https://a.example/1?x=1&amp;amp;y=2</link>"), id="guid and link"),
        pytest.param(item("<enclosure url='https://a.example/1.mp3' type='audio/mpeg'/>"), id="enclosure is no link"),
        pytest.param(item("<atom:link rel='related' href='https://a.example/2'/>"), id="some other link"),
        pytest.param(item("<description>Short</description><content:encoded>&lt;p&gt;Long</content:encoded>"), id="full text"),
        pytest.param(item("<content:encoded>&lt;p&gt;Long</content:encoded><description>Short</description>"), id="full text first"),
        pytest.param(item("<content:encoded>&lt;p&gt;Long</content:encoded>"), id="full text alone"),
        pytest.param(item("<description>Short</description><itunes:summary>Longer than that</itunes:summary>"), id="two summaries"),
        pytest.param(item("<author>desk@a.example (Ann)</author>"), id="address and name"),
        pytest.param(item("<author>Ann &lt;ann@a.com&gt;</author>"), id="name and address"),
        pytest.param(item("<author>ann@a.com</author><dc:creator>Bo</dc:creator><itunes:author>Bo</itunes:author>"), id="authors"),
        pytest.param(item("<category domain='x'>One</category><category> two </category><category/><dc:subject>Three</dc:subject>"), id="categories"),
        pytest.param(item("<itunes:category text='Arts'><itunes:category text='Food'/></itunes:category><itunes:keywords>a, b</itunes:keywords>"), id="podcast categories"),
        pytest.param(item("<pubDate>Thu, 14 May 2020 08:30:00 GMT</pubDate><dc:date>2020-05-14</dc:date>"), id="dates"),
        pytest.param(item("<source url='https://b.example'><title>Other</title></source><title>This</title>"), id="source"),
        pytest.param(item("<title>It&#146;s</title><description>caf\u00c3\u00a9</description>"), id="wrong characters"),
        pytest.param(item("<title>1 &lt; 2 &amp;amp; 3 &gt; 2</title>"), id="text with brackets"),
        pytest.param(item("<title>1 &lt; 2 &amp;unheard; 3 &gt; 2</title>"), id="text with what looks like an entity"),
        pytest.param(item("<content:encoded>&lt;code&gt;a&lt;/code&gt;</content:encoded>"), id="rare markup"),
        pytest.param(item("<description>One <b>bold</b><br/>word</description>"), id="markup that is not escaped"),
        pytest.param(item("<title>Where</title><geo:lat>1</geo:lat><geo:long>2</geo:long>"), id="a place"),
        pytest.param(rss("<image><title>Logo</title><link>https://l.example</link></image><link>https://a.example</link>"), id="image"),
        pytest.param(rss("<language>de-AT</language><item xml:lang='fr'><title>Un</title></item>"), id="languages"),
        pytest.param(entry("<title type='html'>A &amp;lt;b&amp;gt; c</title><id>urn:1</id><link href='/1'/>"), id="Atom's HTML"),
        pytest.param(entry("<title type='text'>1 &lt; 2</title>"), id="Atom's text"),
        pytest.param(entry("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>A<br/>b</p><img src='i'/></div></content>"), id="XHTML"),
        pytest.param(entry("<content type='xhtml' xml:base='https://b.example/' xml:lang='en_GB'><x:p xmlns:x='http://www.w3.org/1999/xhtml'>A &amp; b</x:p></content>"), id="base and language"),
        pytest.param(entry("<author><name>Ann</name><email>a@b.com</email></author><author><name>Bo</name></author>"), id="people"),
        pytest.param(entry("<category term='t' label='Label'/><category term='u' scheme='s'/>"), id="labels"),
        pytest.param(entry("<published>2020-05-14T08:30:00Z</published><updated>2020-05-14T09:30:00Z</updated>"), id="Atom's dates"),
        pytest.param(entry("<link rel='enclosure' href='https://a.example/e'/><link rel='alternate' type='TEXT/HTML' href='https://a.example/1'/>"), id="Atom's links"),
        pytest.param("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped' type='text/html'>&lt;b&gt;A&lt;/b&gt;</title><issued>2004-01-01T00:00:00Z</issued><modified>2004-01-02T00:00:00Z</modified><content type='application/xhtml+xml' mode='xml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></content></entry></feed>", id="Atom 0.3"),
        pytest.param("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel rdf:about='https://a.example'><title>T</title><link>https://a.example</link></channel><item rdf:about='https://a.example/1'><title>One</title></item></rdf:RDF>", id="RSS 1.0"),
        pytest.param("<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'https://a.example/rss.dtd'><rss version='0.91'><channel><title>T</title><item><title>One</title></item></channel></rss>", id="RSS 0.91"),
    ],
)  # fmt: skip
def test_both_readers_tell_the_same(text: str) -> None:
    fast, slow = both(text)
    assert fast == slow


@pytest.mark.parametrize(
    ("text", "field", "fast_says", "slow_says"),
    [
        pytest.param(
            entry("<content xml:base='https://b.example/' type='html'>x</content><title>T</title><link href='/1'/>"),
            "url",
            "/1",
            "https://b.example/1",
            id="a base ends with its element",
        ),
        pytest.param(
            item("<title>This</title><source url='https://b.example'>Other</source><media:title>Clip</media:title>"),
            "title",
            "This",
            "Clip",
            id="naming a source does not forget the title",
        ),
        pytest.param(
            item("<author>ann@newspaper.example</author>"),
            "author",
            "ann@newspaper.example",
            "ple",
            id="names of domains may be long",
        ),
        pytest.param(
            entry("<author><name>Ann</name></author><author><email>bo@b.com</email></author>"),
            "author",
            "Ann, bo@b.com",
            "Ann",
            id="who gives no name is not who came before",
        ),
    ],
)
def test_where_they_differ_the_fast_one_is_right(text: str, field: str, fast_says: str, slow_says: str) -> None:
    fast, slow = both(text)
    assert (getattr(fast.items[0], field), getattr(slow.items[0], field)) == (fast_says, slow_says)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<rss><channel><title>T</title><item></channel></rss>", id="not well-formed"),
        pytest.param("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><title>&a;</title></channel></rss>", id="entities of its own"),
        pytest.param("<html><body><p>x</p></body></html>", id="no feed"),
        pytest.param("<channel><item href='https://a.example/1'/></channel>", id="CDF"),
        pytest.param(item("<foo><item><title>Inner</title></item></foo>"), id="an item inside an item"),
        pytest.param(item("<guid>1<b/></guid>"), id="elements in a guid"),
        pytest.param(entry("<content type='image/png'>AAAA</content>"), id="a picture for a text"),
        pytest.param(item("<title>a &lt;fn&gt; b &lt;/fn&gt;</title>"), id="HTML or not"),
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_feedparser(text: str) -> None:
    fast = xml_feed.read(text)
    assert fast is None or fast == loose.read(text)


def test_what_had_to_be_mended_for_the_fast_reader_is_said() -> None:
    body = item("<title>Fish & chips&nbsp;today</title>").encode()
    assert xml_feed.read(body.decode()) is None
    feed = parse(body, None, URL)
    assert feed.items[0].title == "Fish & chips\xa0today"
    assert feed.dirt == "not well-formed"


def test_an_element_of_a_thousand_attributes_is_refused() -> None:
    many = " ".join(f"a{number}='1'" for number in range(1000))
    with pytest.raises(ParseError, match="1000 attributes"):
        parse(rss(f"<item {many}/>").encode(), None, URL)


HINTS = rss(
    "<ttl> 90 </ttl><sy:updatePeriod>Hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    "<skipHours><hour>24</hour><hour>3</hour><hour>x</hour><hour>77</hour></skipHours>"
    "<skipDays><day>SUNDAY</day><day>monday</day><day>Someday</day></skipDays>"
    "<atom:link rel='hub' href='https://hub.example/'/><atom:link rel='hub' href='https://hub.example/2'/>"
    "<atom:link rel='self' href='https://news.example/self.xml'/><atom:link rel='next' href='?page=2'/>"
    "<item><title>One</title></item>"
)
FULL = Hints(
    ttl=90,
    period=15,
    skip_hours=(0, 3),
    skip_days=(0, 6),
    hubs=("https://hub.example/", "https://hub.example/2"),
    self_url="https://news.example/self.xml",
    older="?page=2",
)


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        pytest.param(HINTS, FULL, id="RSS with all"),
        pytest.param(rss("<ttl>soon</ttl><item/>"), Hints(), id="no number"),
        pytest.param(rss("<sy:updatePeriod>daily</sy:updatePeriod>"), Hints(period=1440), id="once a period"),
        pytest.param(
            rss("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>"),
            Hints(period=10_080),
            id="no times a period",
        ),
        pytest.param(rss("<sy:updateFrequency>2</sy:updateFrequency>"), Hints(), id="of no period"),
        pytest.param(
            ATOM.format(
                inside="<link rel='hub' href='https://hub.example/'/><link rel='self' href='/me'/>"
                "<link rel='next' href='/2'/><link rel='prev-archive' href='/2019'/><entry><title>One</title></entry>"
            ),
            Hints(hubs=("https://hub.example/",), self_url="/me", older="/2019"),
            id="Atom: an archive before a next page",
        ),
        pytest.param(entry("<link rel='self' href='/entry'/>"), Hints(), id="an entry's links are its own"),
    ],
)
def test_hints(text: str, hints: Hints) -> None:
    fast, slow = both(text)
    assert fast.hints == hints
    assert slow.hints == hints


def test_hints_of_a_broken_feed() -> None:
    assert parse(HINTS.replace("</title></item>", "</item>").encode(), None, URL).hints == FULL


def test_hints_of_a_json_feed() -> None:
    body = (
        b'{"version": "https://jsonfeed.org/version/1.1", "feed_url": "/me", "next_url": "/2", "hubs": '
        b'[{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud", "url": "https://cloud.example"}, 7]}'
    )
    assert parse(body, None, URL).hints == Hints(hubs=("https://hub.example/",), self_url="/me", older="/2")


def test_both_readers_tell_the_same_of_our_own_feeds() -> None:
    texts = {path.stem: decode(path.read_bytes(), None)[0].strip() for path in FEEDS.glob("*.xml")}
    fast = {name: found for name, text in texts.items() if (found := xml_feed.read(text)) is not None}
    assert len(fast) > len(texts) / 2, "the others are not well-formed, or no feeds"
    assert fast == {name: loose.read(texts[name]) for name in fast}


STONES = (
    "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref=' tag:1 ' when='2020-05-14T06:00:00Z'>"
    "<at:comment>wrong</at:comment><link href='https://a.example/why'/><id>urn:x</id></at:deleted-entry>"
    "<t:deleted-entry xmlns:t='http://purl.org/atompub/tombstones/1.0' ref='tag:2'/>"
    "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0'/>"
    "<at:deleted-entry xmlns:at='https://other.example/' ref='tag:3'/>"
)


def test_tombstones_are_read_and_nothing_of_them_is_told_of_the_feed() -> None:
    found = xml_feed.read(ATOM.format(inside=f"<link href='https://a.example/'/>{STONES}"))
    assert found is not None
    assert found.deleted == (("tag:1", "2020-05-14T06:00:00Z"), ("tag:2", None))
    assert found.home == "https://a.example/"
    assert parse(rss(STONES).encode(), "application/rss+xml", URL).deleted == found.deleted


def test_on_the_word_of_a_broken_page_nothing_is_deleted() -> None:
    broken = ATOM.format(inside=f"{STONES}<entry><id>tag:9</id><title>Rain</title></entry><broken>")
    found = parse(broken.encode(), "application/atom+xml", URL)
    assert [each.guid for each in found.items] == ["tag:9"]
    assert found.deleted == ()


@pytest.mark.parametrize(
    ("updated", "when", "gone"),
    [
        pytest.param(None, "2020-05-14T06:00:00Z", True, id="it is not told any more"),
        pytest.param("2020-05-14T05:00:00Z", "2020-05-14T06:00:00Z", True, id="told before"),
        pytest.param("2020-05-14T07:00:00Z", "2020-05-14T06:00:00Z", False, id="told again since"),
        pytest.param("2020-05-14T05:00:00Z", "soon", False, id="told, and nobody knows when it was deleted"),
    ],
)
def test_an_entry_that_is_told_again_is_not_deleted(updated: str | None, when: str, gone: bool) -> None:  # noqa: FBT001  a table of cases
    told = f"<entry><id>tag:1</id><title>Rain</title><updated>{updated}</updated></entry>" if updated else ""
    stone = f"<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='tag:1' when='{when}'/>"
    feed = parse(ATOM.format(inside=told + stone).encode(), "application/atom+xml", URL)
    read = normalise(Label("wire", None, None), feed, URL, datetime(2020, 5, 15, tzinfo=UTC))
    assert read.deleted == ((entry_id("wire", "tag:1"),) if gone else ())
