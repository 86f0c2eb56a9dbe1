"""One kind of dirt each: encodings, dates, addresses, HTML, lengths."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.collect.dates import parse_date
from aggregator.collect.encoding import decode
from aggregator.collect.html import LARGEST, clean, text_of
from aggregator.collect.inflate import TooLargeError, inflate
from aggregator.collect.normalise import count_words, entry_id, normalise, shorten
from aggregator.collect.parse import MOST_ITEMS, parse
from aggregator.collect.urls import absolute, canonical, host
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Feed, Item

NOW = datetime(2020, 5, 15, tzinfo=UTC)
SIMPLIFIED = "台积电宣布在美国设厂，市场反应不一。"
TRADITIONAL = "台積電宣布赴美國設廠，市場反應不一。"
JAPANESE = "東京の新しい駅がひらかれました。"
KOREAN = "서울에서 새로운 다리가 열렸습니다. 시민들은 기뻐했습니다."
RUSSIAN = "Сегодня в порту открыли новую линию паромов."
FRENCH = "Une fenêtre près de l’hôtel, déjà ouverte à l’été."


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        pytest.param(SIMPLIFIED, "gb18030", "utf-8", id="GBK called UTF-8"),
        pytest.param(SIMPLIFIED, "gb18030", None, id="GBK without label"),
        pytest.param(SIMPLIFIED, "gb18030", "iso-8859-1", id="GBK called Latin-1"),
        pytest.param(SIMPLIFIED, "gb18030", "nonsense", id="GBK under a name that is none"),
        pytest.param(TRADITIONAL, "big5", "utf-8", id="Big5 called UTF-8"),
        pytest.param(TRADITIONAL, "big5", None, id="Big5 without label"),
        pytest.param(TRADITIONAL, "big5", "gb2312", id="Big5 called gb2312"),
        pytest.param(SIMPLIFIED, "gb18030", "big5", id="GBK called Big5"),
        pytest.param(TRADITIONAL, "gb18030", "gbk", id="traditional characters in GBK"),
        pytest.param(TRADITIONAL, "utf-8", "big5", id="UTF-8 called Big5"),
        pytest.param(SIMPLIFIED, "utf-8", "gb2312", id="UTF-8 called gb2312"),
        pytest.param(JAPANESE, "cp932", "shift_jis", id="Shift JIS"),
        pytest.param(JAPANESE, "euc_jp", "euc-jp", id="EUC-JP"),
        pytest.param(JAPANESE, "iso2022_jp", "iso-2022-jp", id="seven bits"),
        pytest.param(KOREAN, "cp949", "euc-kr", id="Korean"),
        pytest.param(KOREAN, "cp949", None, id="Korean without label"),
        pytest.param(RUSSIAN, "cp1251", "windows-1251", id="Cyrillic"),
        pytest.param(RUSSIAN, "koi8_r", "koi8-r", id="KOI8"),
        pytest.param(FRENCH, "cp1252", "iso-8859-1", id="Windows' own quotes in what is called Latin-1"),
        pytest.param(FRENCH, "cp1252", "ascii", id="Latin called ASCII"),
    ],
)
def test_encodings(text: str, encoding: str, label: str | None) -> None:
    found, _ = decode(
        f"<rss><title>{text}</title></rss>".encode(encoding), f"text/xml; charset={label}" if label else None
    )
    assert text in found


def test_the_servers_word_comes_before_the_feeds_among_telling_ones() -> None:
    body = f'<?xml version="1.0" encoding="big5"?><t>{SIMPLIFIED}</t>'.encode("gb18030")
    assert decode(body, "text/xml; charset=gbk")[0] == f"<t>{SIMPLIFIED}</t>"
    assert decode(body, "text/xml; charset=gbk")[1] is None


MORNING = datetime(2020, 5, 14, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 14 May 2020 08:30:00 GMT", MORNING),
        ("Thu, 14 May 2020 08:30:00 -0000", MORNING),
        ("thu,14 may 2020 08:30 +0000", MORNING),
        ("Wrongday, 14 May 2020 08:30:00 GMT", MORNING),
        ("14 May 20 16:30:00 +0800", MORNING),
        ("Thu, 14 May 2020 04:30:00 EDT", MORNING),
        ("2020-05-14T08:30:00Z", MORNING),
        ("2020-05-14T16:30:00.123456789+08:00", MORNING),
        ("2020-05-14T16:30+0800", MORNING),
        ("2020-05-14 16:30:00 +0800 CST", MORNING),
        ("20200514T083000Z", MORNING),
        ("2020/5/14 8:30", MORNING),
        ("2020.05.14 08:30", MORNING),
        ("2020年5月14日 08:30", MORNING),
        ("２０２０年５月１４日　８时３０分", MORNING),
        ("发布时间：2020年5月14日（星期四）上午8:30", MORNING),
        ("2020年05月14日 16:30 GMT+8", MORNING),
        ("2020年5月14日下午8:30", MORNING + timedelta(hours=12)),
        ("2020年5月14日 凌晨12:30", MORNING - timedelta(hours=8)),
        ("May 14, 2020 8:30 AM", MORNING),
        ("Thursday, May 14, 2020 - 08:30", MORNING),
        ("May 14, 2020 12:30 am", MORNING - timedelta(hours=8)),
        ("2020-05-14", datetime(2020, 5, 14, tzinfo=UTC)),
        ("2020年5月14日", datetime(2020, 5, 14, tzinfo=UTC)),
        ("Thu May 14 08:30:00 2020", MORNING),
    ],
)
def test_dates(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", None, "soon", "yesterday", "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT", "1970-01-01T00:00:00Z", "9999-12-31",
     "2020-13-45", "2020年13月1日", "Thu, 32 May 2020 08:30:00 GMT", "-0000", "12", "2020-05-14T08:30:00Z" * 9],
)  # fmt: skip
def test_no_dates(text: str | None) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.com/a/b",
        "HTTPS://EXAMPLE.com:443/a/b/",
        "http://example.com:80/a/./c/../b#part",
        "https://m.example.com/a/b?utm_source=x&utm_medium=y",
        "https://example.com/a/b?fbclid=1&gclid=2&spm=a.b&from=rss",
        "https://example.com//a/b/amp/",
        "https://example.com/%61/b?",
        "  https://example.com/a/b ",
    ],
)
def test_spellings_of_one_address(url: str) -> None:
    assert canonical(url) == "https://example.com/a/b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a?from=beijing", "https://example.com/a?from=shanghai"),
        ("https://example.com/A", "https://example.com/a"),
        ("https://example.com:8080/", "https://example.com/"),
        ("https://news.example.com/", "https://example.com/"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
        ("https://m.cn/", "https://cn/"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ],
)
def test_addresses_that_differ(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_canonical_sorts_escapes_and_names() -> None:
    assert canonical("https://例え.jp/中?b=2&a=é") == "https://xn--r8jz45g.jp/%E4%B8%AD?a=%C3%A9&b=2"
    assert canonical("https://example.com/?q=a+b") == canonical("https://example.com/?q=a%20b")
    assert [canonical(url) for url in ("mailto:a@b.c", "nonsense", "http://", "http://[x", "javascript:x")] == [
        None
    ] * 5


def test_hosts() -> None:
    assert host("https://WWW.Example.com:8080/x") == "www.example.com"
    assert host("https://例え.jp/") == "xn--r8jz45g.jp"
    assert host("mailto:a@b.c") is None


@pytest.mark.parametrize(
    ("url", "base", "found"),
    [
        ("/a", "https://e.org/b/c", "https://e.org/a"),
        ("a b", "https://e.org/b/c", "https://e.org/b/a%20b"),
        ("//cdn.example/x", "https://e.org/", "https://cdn.example/x"),
        (" https://e.org/\n", None, "https://e.org/"),
        ("javascript:alert(1)", "https://e.org/", None),
        ("java\nscript:alert(1)", "https://e.org/", "https://e.org/java%20script:alert(1)"),
        ("data:text/html,x", "https://e.org/", None),
        ("/a", None, None),
        ("http://[x", "https://e.org/", None),
        (None, "https://e.org/", None),
    ],
)
def test_absolute(url: str | None, base: str | None, found: str | None) -> None:
    assert absolute(url, base) == found


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<p onclick=x class=y id=z style='a:b'>t</p>", "<p>t</p>"),
        ("<script>x</script><style>y</style>t", "t"),
        ("<svg><title>x</title></svg><math><mi>y</mi></math>t", "t"),
        ("<iframe src=//e.org></iframe><object data=x>y</object>t", "t"),
        ("<a href='javascript:x'>t</a>", '<a rel="noopener noreferrer">t</a>'),
        ("<a href='mailto:a@b.cc'>t</a>", '<a href="mailto:a@b.cc" rel="noopener noreferrer">t</a>'),
        ("<img src='/p.png' onerror=x>", '<img src="https://e.org/p.png">'),
        ("<img src=x width=1 height=1><img src=y height='0'><img alt=z>", ""),
        ("<img src=x width=10 height=100>", '<img src="https://e.org/x" width="10" height="100">'),
        ("<font color=red>t<blink>u</blink></font>", "tu"),
        ("a\x00b\x1b[0m\u202ec", "ab[0mc"),
        ("<ruby>漢<rt>hàn</rt></ruby>", "<ruby>漢<rt>hàn</rt></ruby>"),
    ],
)
def test_clean(html: str, cleaned: str) -> None:
    assert clean(html, "https://e.org/") == cleaned


def test_clean_is_capped() -> None:
    for html in ("中" * LARGEST, "<p>x</p>" * LARGEST, "<a href='x'>y</a>" * 20_000):
        assert LARGEST // 8 < len(clean(html, "https://e.org/a/long/path/to/make/it/grow/").encode()) <= LARGEST


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("<b>H</b>ello<br>you", "Hello you"),
        ("A &amp; B", "A & B"),
        ("A &amp;amp;amp; B", "A & B"),
        ("AT&T", "AT&T"),
        ("a < b > c", "a < b > c"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("How &lt;b&gt; is written", "How <b> is written"),
        ("&hellip;&#8230;&#x2026;", "………"),
        ("<script>x</script>y<!-- z -->", "y"),
        ("一\u3000二\xa0三", "一 二 三"),
        ("&unknown; stays", "&unknown; stays"),
        ("", ""),
    ],
)
def test_text_of(html: str, text: str) -> None:
    assert text_of(html) == text


def test_hostile_ampersands_and_tags_take_no_time() -> None:
    """Each of these would need minutes if any step were quadratic."""
    for hostile in ("&" + "amp;" * 60_000, "&#38;" * 50_000, "<" * 250_000, "<b" * 120_000, "&lt;b&gt;" * 25_000):
        assert isinstance(text_of(hostile), str)
        assert isinstance(parse(b"<rss version='2.0'><title><![CDATA[" + hostile.encode(), None, "x"), Feed)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Short.", "Short."),
        ("One sentence. Another one here.", "One sentence."),
        ("第一句话在这里结束了。第二句话长得多，一直说下去", "第一句话在这里结束了。"),
        ("words without any end in sight", "words without any…"),
        ("No. This sentence is long", "No. This sentence…"),
        ("onelongwordwithoutanyspace", "onelongwordwithouta…"),
    ],
)
def test_shorten(text: str, short: str) -> None:
    assert shorten(text, 20) == short


def test_words() -> None:
    assert count_words("It's a well-known fact: 3.5 per cent") == 7
    assert count_words("台积电") == 2
    assert count_words("台积电 builds 工厂") == 4
    assert count_words("") == 0


def test_ids_are_stable() -> None:
    assert entry_id("scmp", "guid-1") == entry_id("scmp", "guid-1") == "ear6nvacg6uot"
    assert len({entry_id("a", "b"), entry_id("a", "c"), entry_id("ab", ""), entry_id("", "ab")}) == 4


def test_the_operators_word_on_language_counts() -> None:
    feed = Feed(format="rss20", language="en-us", items=(Item(guid="1"), Item(guid="2", language="zh_tw")))
    own = Source(name="s", url="https://e.org/", language="zh")
    assert [entry.language for entry in normalise(own, feed, own.url, NOW).entries] == ["zh", "zh"]
    free = Source(name="s", url="https://e.org/")
    assert [entry.language for entry in normalise(free, feed, free.url, NOW).entries] == ["en-US", "zh-TW"]


def test_relative_links_belong_to_the_site_or_the_page() -> None:
    items = (
        Item(guid="1", url="/post"),
        Item(guid="2", url="post"),
        Item(guid="3", url="post", base="https://b.example/x/"),
    )
    feed = Feed(format="rss20", home="https://site.example/blog", items=items)
    source = Source(name="s", url="https://feeds.example/site/rss")
    urls = [entry.url for entry in normalise(source, feed, source.url, NOW).entries]
    assert urls == ["https://site.example/post", "https://feeds.example/site/post", "https://b.example/x/post"]


def test_a_relative_link_carries_no_key_on() -> None:
    items = (Item(guid="1", url="#one"), Item(guid="2", url="?p=2"), Item(guid="3", url="/3", content='<a href="#3">'))
    source = Source(name="s", url="https://reader:pass@e.org/rss?key=secret#top")
    entries = normalise(source, Feed(format="rss20", home="?home", items=items), source.url, NOW)
    assert entries.home == "https://e.org/rss?home"
    assert [entry.url for entry in entries.entries] == [
        "https://e.org/rss#one",
        "https://e.org/rss?p=2",
        "https://e.org/3",
    ]
    assert "secret" not in repr(entries)
    assert "pass" not in repr(entries)


def test_a_guid_does_not_depend_on_where_the_feed_lies() -> None:
    body = b"<rss version='2.0'><channel><item><guid>/2020/1</guid><link>/2020/1</link><title>t</title></item></channel></rss>"
    source = Source(name="s", url="https://e.org/")
    ids = {
        normalise(source, parse(body, None, url), url, NOW).entries[0].id
        for url in ("http://e.org/", "https://new.example/")
    }
    assert len(ids) == 1


def test_too_many_items_are_cut_and_said_so() -> None:
    body = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * (MOST_ITEMS + 1) + b"</channel></rss>"
    feed = parse(body, None, "x")
    assert len(feed.items) == MOST_ITEMS
    assert feed.dirt is not None
    assert "5001 items" in feed.dirt


def test_deep_json_is_refused() -> None:
    with pytest.raises(ParseError, match="broken JSON"):
        parse(b"[" * 100_000, None, "x")


def test_inflate_knows_its_limit_to_the_byte() -> None:
    assert inflate(b"x" * 10, "", 10) == b"x" * 10
    with pytest.raises(TooLargeError):
        inflate(b"x" * 11, "identity", 10)
