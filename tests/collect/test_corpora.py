"""Real feeds, hostile input and lists that nobody here wrote. They lie beside the project and are not part of it."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from aggregator.collect import loose, xml_feed
from aggregator.collect.cage import Cage
from aggregator.collect.dates import parse_date
from aggregator.collect.encoding import decode
from aggregator.collect.guard import Guard
from aggregator.collect.html import clean, text_of
from aggregator.collect.normalise import normalise
from aggregator.collect.opml import read, write
from aggregator.collect.parse import parse
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Feed, Item, Page, Reading

URL = "https://news.example/feed.xml"
SOURCE = Source(name="corpus", url=URL)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = re.compile(rb"""encoding=["'][^"']*["']""")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def told(feed: Feed) -> list[tuple[str, ...]]:
    return [
        (text_of(item.title or ""), item.guid or "", item.url or "", text_of(item.content or item.summary or "")[:300])
        for item in feed.items
    ]


def test_real_feeds_are_read_as_two_other_parsers_read_them(corpora: Path) -> None:
    folder, compared, unlike = corpora / "real-feeds", 0, []
    for row in rows(folder / "index.jsonl.gz"):
        feed = parse((folder / "files" / row["file"]).read_bytes(), None, URL)
        assert bool(normalise(SOURCE, feed, URL, NOW).entries) == bool(feed.items)
        if not row["n_agree"]:
            continue
        with gzip.open(folder / "reference" / f"{row['file']}.json.gz") as file:
            reference = json.load(file)
        ours, one, other = feed.items, reference["feedparser"]["entries"], reference["fastfeedparser"]["entries"]
        assert len(ours) == len(one)
        for item, first, second in zip(ours, one, other, strict=True):
            pairs = zip(facts(item), reference_facts(first), reference_facts(second), strict=True)
            agreed = [(mine, theirs) for mine, theirs, others in pairs if theirs == others and theirs is not None]
            compared += len(agreed)
            unlike += [(row["file"], mine, theirs) for mine, theirs in agreed if mine != theirs]
    assert compared > 1000
    assert len(unlike) <= compared * 0.005, unlike[:10]


def facts(item: Item) -> tuple[object, ...]:
    return text_of(item.title or ""), item.url, item.guid, parse_date(item.published) or parse_date(item.updated)


def reference_facts(entry: dict[str, Any]) -> tuple[object, ...]:
    return text_of(entry["title"] or ""), entry["link"], entry["id"], parse_date(entry["published"])


@pytest.mark.parametrize("folder", ["real-feeds/files", "feed-parsing"])
def test_the_fast_reader_tells_what_feedparser_tells(corpora: Path, folder: str) -> None:
    """Down to what a reader sees: texts, addresses, names and dates of every entry."""
    compared, unlike = 0, []
    for path in sorted((corpora / folder).rglob("*")):
        if path.suffix == ".gz" or not path.is_file():
            continue
        text = decode(path.read_bytes(), None)[0].strip()
        fast = xml_feed.read(text)
        slow = loose.read(text) if fast is not None else None
        if fast is None or slow is None:
            continue
        compared += 1
        pair = [normalise(SOURCE, replace(feed, dirt=None), URL, NOW) for feed in (fast, slow)]
        if pair[0] != pair[1]:
            unlike.append(path.name)
    assert compared > 70
    assert set(unlike) <= set(EXPLAINED)


EXPLAINED = {
    "rss_2.0_ch9.xml": "a channel with two summaries makes feedparser take the first item's second one for its first",
    "missing-self.xml": "an entry within a source within an entry",
    "rss10_mixedContent.xml": "RSS 1.0's old way to put XHTML into an element of that name",
    **dict.fromkeys(
        ("atommathml.xml", "atomsvg.xml", "atomsvgdctitle.xml", "atomsvgtitle.xml", "atomxlink.xml"),
        "namespaces within pictures and formulas, of which nothing is shown; the guid is the text's, for want of another",
    ),
    "valid_dc_all.xml": "an image without a title makes feedparser forget that the channel has one",
}


class NotToldError(Exception):
    """A test asks for what a Feed does not hold."""


class Told(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        raise NotToldError(key)

    def __getattr__(self, key: str) -> Any:
        return self[key]


def in_feedparsers_shape(feed: Feed) -> dict[str, Any]:
    told = Told(title=feed.title or "", link=feed.home, language=feed.language)
    return {"feed": told, "entries": [entry_in_feedparsers_shape(item) for item in feed.items], "bozo": bool(feed.dirt)}


def entry_in_feedparsers_shape(item: Item) -> Told:
    return Told(
        id=item.guid,
        guid=item.guid,
        link=item.url,
        title=item.title or "",
        summary=item.summary or "",
        description=item.summary or "",
        content=[Told(value=item.content or "")],
        author=item.author,
        published=item.published,
        updated=item.updated,
        category=item.categories[0] if item.categories else None,
    )


def test_what_feedparsers_own_tests_expect_holds_as_often_as_with_feedparser(corpora: Path) -> None:
    folder, asked, ours, theirs, by_fast = corpora / "feed-parsing" / "feedparser-tests", 0, 0, 0, 0
    for row in rows(folder / "index.jsonl.gz"):
        body = (folder / row["path"]).read_bytes()
        text = decode(body, (row.get("headers") or {}).get("Content-type"))[0].strip()
        slow = as_expected(row["expect"], loose.read(text))
        if slow is None:
            continue
        fast = xml_feed.read(text)
        asked, theirs, by_fast = asked + 1, theirs + slow, by_fast + (fast is not None)
        ours += bool(as_expected(row["expect"], fast)) if fast is not None else slow
    assert asked > 300
    assert by_fast > asked / 2
    assert ours >= theirs, f"{ours} and {theirs} of {asked}"


def as_expected(expectation: str, feed: Feed | None) -> bool | None:
    """None where a Feed has no place for what is asked."""
    try:
        return feed is not None and bool(eval(expectation, {}, in_feedparsers_shape(feed)))
    except (NotToldError, NameError):
        return None
    except (LookupError, TypeError, AttributeError):
        return False


def test_no_page_of_others_takes_a_child_long_or_much(corpora: Path) -> None:
    """All of them through one child: it is never replaced, and stays small."""
    folders = [
        corpora / "feed-parsing" / name for name in ("feedvalidator-testcases", "gofeed-testdata", "misc-fixtures")
    ]
    bodies = [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    bodies += [
        str(row.get("xml") or row.get("payload")).encode("utf-8", "replace")
        for row in rows(corpora / "security" / "xxe_bombs.jsonl.gz")
    ]
    with Cage(seconds=5) as cage:
        for body in bodies:
            found = cage.read(SOURCE, Page(url=URL, final_url=URL, status=200, headers={}, body=body), NOW)
            assert isinstance(found, Reading) or "takes more than" not in found.message
            assert isinstance(found, Reading) or "ends the process" not in found.message
        (pid,) = cage.pids
        status = Path(f"/proc/{pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    assert int(peak[1]) < 200 * 1024


def test_dates_of_real_feeds_are_read(corpora: Path) -> None:
    dates = {
        date
        for path in (corpora / "real-feeds" / "files").iterdir()
        for item in parse(path.read_bytes(), None, URL).items
        for date in (item.published, item.updated)
        if date
    }
    unread = [date for date in dates if parse_date(date) is None]
    assert len(dates) > 1000
    assert len(unread) <= len(dates) * 0.002, unread[:10]


def test_recoded_feeds_are_read_like_their_originals_whatever_the_label(corpora: Path) -> None:
    folder = corpora / "real-feeds"
    for row in rows(folder / "transcoded.jsonl.gz"):
        expected = told(parse((folder / "files" / row["of"]).read_bytes(), None, URL))
        body = (folder / row["file"]).read_bytes()
        assert told(parse(body, None, URL)) == expected
        if row["encoding"] in {"gb2312", "gbk", "gb18030", "big5"}:
            assert told(parse(LABEL.sub(b"", body, count=1), None, URL)) == expected
            other = b'encoding="gb2312"' if row["encoding"] == "big5" else b'encoding="big5"'
            for label in (b'encoding="utf-8"', other):
                assert told(parse(LABEL.sub(label, body, count=1), None, URL)) == expected
            assert told(parse(LABEL.sub(b"", body, count=1), "text/xml; charset=iso-8859-1", URL)) == expected


def test_test_feeds_of_other_projects_harm_nothing(corpora: Path) -> None:
    files = [path for path in (corpora / "feed-parsing").rglob("*") if path.is_file() and path.suffix != ".gz"]
    read_ones = 0
    for path in files:
        try:
            feed = parse(path.read_bytes(), None, URL)
        except ParseError:
            continue
        read_ones += bool(normalise(SOURCE, feed, URL, NOW).entries)
    assert read_ones > len(files) / 3


def test_entities_and_bombs_are_inert(corpora: Path) -> None:
    hostnames = Path("/etc/passwd").read_text().splitlines()[0]
    with Cage(seconds=5) as cage:
        for row in rows(corpora / "security" / "xxe_bombs.jsonl.gz"):
            body = str(row.get("xml") or row.get("payload")).encode("utf-8", "replace")
            found = cage.read(SOURCE, Page(url=URL, final_url=URL, status=200, headers={}, body=body), NOW)
            assert isinstance(found, Reading | ParseError)
            assert hostnames not in repr(found)


def test_every_inside_address_is_refused(corpora: Path) -> None:
    labelled = [row["url"] for row in rows(corpora / "security" / "ssrf_urls.jsonl.gz") if row["label"] == "block"]
    passed = []
    for url in labelled:
        try:
            Guard().web_address(url)
        except ValueError:
            continue
        passed.append(url)
    assert labelled
    assert not passed


@pytest.mark.parametrize("name", ["dompurify_fixtures", "xss_payloads", "xss_files", "naughty_strings"])
def test_nothing_active_survives_cleaning(corpora: Path, name: str) -> None:
    count = 0
    for row in rows(corpora / "security" / f"{name}.jsonl.gz"):
        payload = row.get("payload") or row.get("s") or ""
        cleaned = clean(payload, URL)
        count += 1
        assert clean(cleaned, URL) == cleaned
        assert not active(cleaned), (payload, cleaned)
        assert isinstance(text_of(payload), str)
    assert count


def active(cleaned: str) -> list[str]:
    if not cleaned:
        return []
    root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    forbidden = {"script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "link", "meta", "base"}
    tags = [str(element.tag) for element in root.iter() if element.tag in forbidden]
    names = [
        name
        for element in root.iter()
        for name in element.attrib
        if name.startswith("on") or name in {"style", "srcdoc"}
    ]
    links = [link for element in root.iter() for name, link in element.attrib.items() if name in {"href", "src"}]
    return tags + names + [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]


def test_subscription_lists_are_read_whole(corpora: Path) -> None:
    for row in rows(corpora / "opml" / "index.jsonl.gz"):
        data = (corpora / "opml" / row["file"]).read_bytes()
        try:
            feeds = read(data)
        except ParseError:
            feeds = ()
        assert len(feeds) == row["feeds"], row["file"]
        again = read(write("All", feeds))
        assert [feed.url for feed in again] == [feed.url for feed in feeds]
