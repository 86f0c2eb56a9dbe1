"""Subscription lists, also those that no XML parser takes."""

from dataclasses import replace

import pytest

from aggregator.collect.opml import Folder, OpmlFeed, read, write
from aggregator.errors import ParseError

PRESS, CHINA = Folder("Press & radio", "press"), Folder("中国")
SOURCES = (
    OpmlFeed(title="News & views", url="https://news.example/feed?a=1&b=2", home="https://news.example/"),
    OpmlFeed(title='The "Quoted" <Paper>', url="https://paper.example/rss", folders=(PRESS,)),
    OpmlFeed(title="中文 bell", url="https://zh.example/rss", language="zh-Hans", folders=(PRESS, CHINA)),
)


def test_what_is_written_is_read() -> None:
    loose, paper, chinese = SOURCES
    feeds = read(write("Our sources", SOURCES, [PRESS, Folder("Empty"), CHINA]))
    assert feeds == (
        loose,
        replace(paper, folder=PRESS.name),
        replace(chinese, folder=PRESS.name, folders=(PRESS,)),
        replace(chinese, folder=CHINA.name, folders=(CHINA,)),
    )


def test_the_same_sources_give_the_same_bytes() -> None:
    assert write("A & B", SOURCES, [PRESS]) == write("A & B", SOURCES, [PRESS])
    assert b"<title>A &amp; B</title>" in write("A & B", SOURCES)
    assert b"bell\x07" not in write("\x07", [OpmlFeed(title="bell\x07", url="https://b.example/")])
    assert read(write("Empty", (), [PRESS])) == ()


def test_a_category_of_a_feed_is_a_folder_too() -> None:
    (feed,) = read(
        b"<opml><body><outline xmlUrl='https://r.example/' category='/Press/China, trade,,/'/></body></opml>"
    )
    assert feed.folders == (Folder("China"), Folder("trade"))


def test_folders_are_kept() -> None:
    feeds = read(
        b"<opml version='1.1'><body><outline text='China'><outline title='Press'>"
        b"<outline text='Daily' xmlUrl='https://d.example/'/></outline><outline text='Top' XMLURL='https://t.example/'/>"
        b"</outline><outline text='Loose' xmlUrl='https://l.example/'/></body></opml>"
    )
    assert [(feed.title, feed.folder, feed.folders) for feed in feeds] == [
        ("Daily", "China/Press", (Folder("Press"),)),
        ("Top", "China", (Folder("China"),)),
        ("Loose", None, ()),
    ]


@pytest.mark.parametrize(
    ("outline", "title", "url"),
    [
        pytest.param('text="R&D" xmlUrl="https://r.example/?a=1&b=2"', "R&D", "https://r.example/?a=1&b=2", id="bare &"),
        pytest.param('text="a < b" xmlUrl="https://r.example/"', "a < b", "https://r.example/", id="bare <"),
        pytest.param('text="The "best" one" xmlUrl="https://r.example/"', 'The "best" one', "https://r.example/", id='bare "'),
        pytest.param(
            'text="At <a href="https://x.example/">X</a>." xmlUrl="https://r.example/"',
            'At <a href="https://x.example/">X</a>.', "https://r.example/", id="markup in an attribute",
        ),
        pytest.param('text="Caf&eacute;" xmlUrl="https://r.example/"', "Caf&eacute;", "https://r.example/", id="entity"),
        pytest.param('xmlUrl="https://r.example/"', "https://r.example/", "https://r.example/", id="no title"),
    ],
)  # fmt: skip
def test_broken_lists(outline: str, title: str, url: str) -> None:
    broken = f"<opml><body>\n<outline {outline} type='rss' />\n<outline text='Next' xmlUrl='https://n.example/' />\n</body></opml>"
    feeds = read(broken.encode())
    assert [(feed.title, feed.url) for feed in feeds] == [(title, url), ("Next", "https://n.example/")]


def test_other_encodings() -> None:
    text = '<?xml version="1.0" encoding="{}"?><opml><body><outline text="Новости" xmlUrl="https://r.example/"/></body></opml>'
    for encoding in ("windows-1251", "utf-8", "utf-16"):
        assert read(text.format(encoding).encode(encoding))[0].title == "Новости"


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<html><body>no</body></html>", b"<rss version='2.0'/>", b"\x00\x01\x02", b'{"feeds": []}'],
)
def test_what_is_no_list_is_said_so(data: bytes) -> None:
    with pytest.raises(ParseError, match="no OPML"):
        read(data)


def test_no_file_is_read_for_an_entity() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><body><outline text="&x;" xmlUrl="https://r.example/"/></body></opml>'
    assert all("&x;" in feed.title or feed.title == feed.url for feed in read(bomb))
