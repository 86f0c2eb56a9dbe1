"""The archive's drawers, what the search reads, and sitemaps."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.publish import archive, search, sitemap
from aggregator.publish.archive import Drawer, Line
from tests.support import briefing_week

CONFIG = briefing_week.config()
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
DRAWERS = {
    drawer.name: drawer
    for drawer in (
        Drawer("2026-09", 0),
        Drawer("2026-10", 150),
        Drawer("2026-11", 900, split=True),
        Drawer("2026-11-03", 100),
        Drawer("2026-11-14", 800, split=True),
        *(Drawer(f"2026-11-14-{at}", 200) for at in (1, 2, 3, 4)),
        Drawer("2026-12", 7),
    )
}
LEAVES = ["2026-12", *(f"2026-11-14-{at}" for at in (4, 3, 2, 1)), "2026-11-03", "2026-10"]


def line(**values: object) -> Line:
    said = {
        "story": "s1",
        "title": "Canola exporters look for other harbours",
        "language": "en",
        "brief": "Shipments have fallen.",
        "brief_language": "en",
        "kicker": CONFIG.categories[0],
        "source_title": "The Globe",
        "source_page": None,
        "first": datetime(2026, 11, 14, 8, tzinfo=UTC),
    }
    return Line(**{**said, **values})  # type: ignore[arg-type]  # a table of any of its fields


# --- drawers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "path", "start", "end"),
    [
        ("2026-11", "month", "archive/2026-11/index.html", "2026-11-01", "2026-12-01"),
        ("2026-12", "month", "archive/2026-12/index.html", "2026-12-01", "2027-01-01"),
        ("2024-02-29", "day", "archive/2024-02/29/index.html", "2024-02-29", "2024-03-01"),
        ("2026-11-14-2", "part", "archive/2026-11/14/2/index.html", "2026-11-14", "2026-11-15"),
    ],
)
def test_a_name_says_where_and_when(name: str, kind: str, path: str, start: str, end: str) -> None:
    drawer = Drawer(name)
    assert (drawer.kind, drawer.path) == (kind, path)
    assert (drawer.start.date().isoformat(), drawer.end.date().isoformat()) == (start, end)


def test_leaves_are_a_chain_from_the_newest_to_the_oldest() -> None:
    assert [drawer.name for drawer in archive.leaves(DRAWERS)] == LEAVES
    around = archive.neighbours(DRAWERS)
    assert list(around) == LEAVES
    assert [newer for newer, _ in around.values()] == [None, *LEAVES[:-1]]
    assert [older for _, older in around.values()] == [*LEAVES[1:], None]


def test_what_is_divided_lists_what_is_in_it() -> None:
    inside = {name: [one.name for one in some] for name, some in archive.inside(DRAWERS).items()}
    assert inside == {"2026-11": ["2026-11-14", "2026-11-03"], "2026-11-14": LEAVES[1:5]}
    assert archive.above(DRAWERS["2026-11-14-2"]) == ["2026-11", "2026-11-14"]
    assert [(year.year, year.stories) for year in archive.years(DRAWERS)] == [(2026, 1057)]


@given(stories=st.integers(0, 2000), known=st.integers(0, 12))
def test_the_parts_of_a_day_hold_all_of_it_and_are_never_fewer(stories: int, known: int) -> None:
    parts = archive.parts_of(Drawer("2026-11-14", stories, split=True), known)
    assert sum(part.stories for part in parts) == stories
    assert len(parts) >= known
    assert all(part.stories <= archive.FULL for part in parts)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))


@given(st.datetimes(datetime(1, 2, 1), datetime(9999, 11, 1), timezones=st.just(UTC)))  # noqa: DTZ001  the zone is said
def test_every_moment_is_in_its_day_and_month(moment: datetime) -> None:
    day = Drawer(archive.day_of(moment))
    assert day.start <= moment < day.end
    assert Drawer(day.month).start <= moment < Drawer(day.month).end
    assert day.name in archive.days_in(Drawer(day.month))


# --- the search ------------------------------------------------------------------------------------------


def test_what_the_search_reads() -> None:
    assert json.loads(search.parts(DRAWERS))["parts"][:2] == [["2026-12.json", 7], ["2026-11-14-4.json", 200]]
    part = json.loads(search.part([line(title="芯片\x00廠", language="zh-Hant"), line(kicker=None)]))
    first, second = (dict(zip(part["columns"], row, strict=True)) for row in part["stories"])
    assert (first["title"], first["language"], first["kicker"]) == ("芯片廠", "zh-Hant", CONFIG.categories[0].name)
    assert (second["kicker"], second["date"]) == ("", "2026-11-14T08:00:00Z")


def test_spellings_pair_sign_by_sign() -> None:
    found = json.loads(search.spellings({"廠": "厂", "臺": "台", "𪚥": "x", "ab": "c"}))
    assert dict(zip(found["these"], found["those"], strict=True)) == {"廠": "厂", "臺": "台", "𪚥": "x"}


# --- sitemaps --------------------------------------------------------------------------------------------


def test_a_sitemap_names_addresses_as_they_are_served() -> None:
    at = datetime(2026, 11, 14, 8, 0, 0, 5, tzinfo=UTC)
    document = etree.fromstring(sitemap.sitemap(CONFIG, [("stories/a&b.html", at), ("archive/index.html", None)]))
    assert document.xpath("s:url/s:loc/text()", namespaces=NAMES) == [
        "https://desk.example.org/stories/a%26b.html",
        "https://desk.example.org/archive/",
    ]
    assert document.xpath("s:url/s:lastmod/text()", namespaces=NAMES) == ["2026-11-14T08:00:00Z"]
    index = etree.fromstring(sitemap.index(CONFIG, [("sitemap-2026-11.xml", at + timedelta(days=1))]))
    assert index.xpath("s:sitemap/s:loc/text()", namespaces=NAMES) == ["https://desk.example.org/sitemap-2026-11.xml"]


@pytest.mark.parametrize(("stories", "count"), [(0, 0), (1, 1), (sitemap.MOST, 1), (sitemap.MOST + 1, 2)])
def test_a_sitemap_is_never_too_long(stories: int, count: int) -> None:
    names = sitemap.names("2026-11", stories)
    assert names == ["sitemap-2026-11.xml", "sitemap-2026-11-2.xml"][:count]


def test_robots_are_told_of_the_sitemap() -> None:
    assert sitemap.robots(CONFIG).endswith(b"\nSitemap: https://desk.example.org/sitemap.xml\n")
