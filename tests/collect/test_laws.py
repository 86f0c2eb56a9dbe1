"""What holds for every input, not only for those that we thought of."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape

from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.collect.dates import parse_date
from aggregator.collect.encoding import decode
from aggregator.collect.html import LARGEST, clean, text_of
from aggregator.collect.normalise import LONGEST_SUMMARY, normalise, shorten
from aggregator.collect.parse import parse
from aggregator.collect.urls import absolute, canonical, host
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Entry, Feed, Item

SOURCE = Source(name="laws", url="https://news.example/feed.xml")
NOW = datetime(2020, 5, 15, tzinfo=UTC)

anything = st.text(st.characters(), max_size=300)
markup = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<p>", "<a href='x'>", "</a>", "<img src=y>", "<script>", "</script>", "<pre>\n", "<!--", "-->", "<table>",
         "<td>", "<svg>", "<math>", "<style>", "&amp;", "&lt;", "&gt;", "&amp;lt;", "&#60;", "&nbsp;", "&", ";", "amp;", "<", ">", "&ampamp;",
         '"', "'", " ", "中文", "words", "\x00", "\x85", "\ud800", "\u202e", "&zwj;", "/b>", "<b", "<![CDATA[", "]]>"]
    ),
    max_size=25,
).map("".join)  # fmt: skip
texts = anything | markup
pieces = st.lists(
    st.sampled_from(
        [b"<?xml version='1.0' encoding='gbk'?>", b"<?xml version='1.0'?>", b"<rss version='2.0'>", b"<channel>", b"<item>", b"<title>",
         b"</title>", b"</item>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"<link href='/x'/>", b"<link>", b"</link>",
         b"<pubDate>", b"Thu, 14 May 2020 08:30:00 GMT", b"<guid>", b"&nbsp;", b"&", b"<![CDATA[", b"]]>", b"\xd6\xd0", b"\xff\xfe", b"<",
         b'{"version":"https://jsonfeed.org/version/1.1","items":[', b'{"id":"1"}', b"]}", b"null", b"<html>", b"\x00", b"<author>", b"a@b.cc (",
         b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"xml:base='http://[bad'", b"<rdf:RDF>", b"<description>"]
    ),
    max_size=20,
).map(b"".join)  # fmt: skip


@given(
    st.binary(max_size=400) | pieces,
    st.none() | st.sampled_from(["text/xml", "text/xml; charset=utf-16", "x; charset=??"]),
)
@example(b"<rss version='2.0'><channel><item><pubDate>0000-00-00</pubDate></item>", None)
@example(b"\x01", None)
def test_parse_raises_parse_error_or_nothing_and_what_it_gives_can_be_normalised(body: bytes, kind: str | None) -> None:
    try:
        feed = parse(body, kind, SOURCE.url)
    except ParseError:
        return
    reading = normalise(SOURCE, feed, SOURCE.url, NOW)
    assert len({entry.id for entry in reading.entries}) == len(reading.entries)


@given(st.binary(max_size=300), st.none() | st.text(max_size=30))
def test_decoding_never_fails(body: bytes, kind: str | None) -> None:
    text, _ = decode(body, kind)
    assert isinstance(text, str)


@given(st.text(min_size=1, max_size=300))
def test_utf8_is_read_as_it_is(text: str) -> None:
    body = ("<rss>" + text).encode("utf-8", "replace")
    assert decode(body, "text/xml; charset=gbk")[0] == body.decode()


item = st.builds(
    Item,
    guid=st.none() | texts,
    url=st.none() | texts | st.just("https://news.example/a?utm_source=x"),
    title=st.none() | texts,
    summary=st.none() | texts,
    content=st.none() | texts,
    author=st.none() | texts,
    categories=st.lists(texts, max_size=3).map(tuple),
    published=st.none() | st.sampled_from(["Thu, 14 May 2020 08:30:00 GMT", "soon", "2020年5月14日"]) | anything,
    language=st.none() | anything | st.just("zh_cn"),
    base=st.none() | anything,
)


def _as_item(entry: Entry) -> Item:
    """An entry as our own feed would tell it to another reader."""
    return Item(
        guid=entry.guid,
        url=entry.url,
        title=escape(entry.title),
        summary=escape(entry.summary),
        content=entry.content,
        author=escape(entry.author) if entry.author else None,
        categories=tuple(escape(tag) for tag in entry.tags),
        published=entry.published.isoformat() if entry.published else None,
        updated=entry.updated.isoformat() if entry.updated else None,
        language=entry.language,
    )


@given(st.lists(item, max_size=3))
@example([Item(url="\u202a/", content="<a href=0>")])
def test_normalising_twice_changes_nothing(items: list[Item]) -> None:
    once = normalise(SOURCE, Feed(format="rss20", items=tuple(items)), SOURCE.url, NOW)
    again = normalise(SOURCE, Feed(format="rss20", items=tuple(map(_as_item, once.entries))), SOURCE.url, NOW)
    assert again.entries == once.entries


@given(item)
def test_an_entry_is_fit_to_be_shown(found: Item) -> None:
    (entry,) = normalise(SOURCE, Feed(format="rss20", items=(found,)), SOURCE.url, NOW).entries
    shown = (entry.title, entry.summary, entry.author or "", *entry.tags)
    assert entry.title
    assert all(text == " ".join(text.split()) for text in shown)
    assert not any(character < " " or "\ud800" <= character <= "\udfff" for text in shown for character in text)
    assert len(entry.summary) <= LONGEST_SUMMARY
    assert entry.url is None or entry.url.startswith(("http://", "https://"))
    assert entry.published is None or entry.published.tzinfo is UTC
    "".join((entry.guid, entry.url or "", entry.content, *shown)).encode()


@given(texts)
@example("<PRE><?>\n")
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = clean(html, "https://news.example/")
    assert clean(once, "https://news.example/") == once
    assert len(once.encode()) <= LARGEST


@given(texts)
def test_text_escaped_and_read_again_is_the_same(html: str) -> None:
    text = text_of(html)
    assert text_of(escape(text)) == text


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(microsecond=0, tzinfo=UTC)


addresses = anything | st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(
        ["www.example.com", "m.example.com:8080", "EXAMPLE.com:443", "例え.jp", "[::1]", "u:p@e.org", "e.org.", "xn--a"]
    ),
    st.lists(
        st.sampled_from(["/", "/a", "/..", "/.", "/%7e", "/%zz", "/é", "/amp", "/a b", "/%2F", "/index.html"]),
        max_size=4,
    ).map("".join),
    st.just("")
    | texts.map("?{}".format)
    | st.sampled_from(["?utm_source=x&b=2&a=1", "?from=rss", "?a=+b&&", "?amp", "?a=%e4&A=1"]),
    st.just("") | anything.map("#{}".format),
)


@given(addresses)
def test_canonical_is_idempotent(url: str) -> None:
    once = canonical(url)
    assert once is None or (canonical(once) == once and once.isascii() and host(once))


@given(addresses, st.none() | addresses)
def test_absolute_gives_web_addresses_only(url: str, base: str | None) -> None:
    found = absolute(url, base)
    assert found is None or (found.startswith(("http://", "https://")) and absolute(found, base) == found)


@given(
    anything
    | st.datetimes().map(str)
    | st.from_regex(r"\d{1,4}[-/年.]\d{1,2}[-/月.]\d{1,2}日? ?(下午)?\d{1,2}:\d{2}", fullmatch=True)
)
def test_dates_are_sane_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or (moment.tzinfo is UTC and 1971 <= moment.year <= 2100)


@given(st.datetimes(datetime(1971, 1, 2), datetime(2100, 12, 30)).map(_in_utc))  # noqa: DTZ001  zone follows
def test_dates_that_we_write_are_read(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%Y年%m月%d日 %H:%M:%S")) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment


@given(anything, st.integers(2, 50))
def test_shortened_is_short_and_was_there(text: str, longest: int) -> None:
    short = shorten(text, longest)
    assert len(short) <= longest or short == text
    assert text.startswith(short.removesuffix("…"))


def test_entry_id_depends_on_source_and_guid_alone() -> None:
    told = Item(guid="g", title="One")
    retold = replace(told, title="Another")
    ids = {
        normalise(SOURCE, Feed(format="rss20", items=(one,)), SOURCE.url, NOW).entries[0].id for one in (told, retold)
    }
    assert len(ids) == 1
