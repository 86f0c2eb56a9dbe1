"""What a page says of itself to browsers, to other programs, and to readers where a model wrote."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from aggregator.model import Brief, Story
from aggregator.publish import archive, mail, site
from tests.support import briefing_week, editions
from tests.support.shown import TEMPLATES

WEEK = briefing_week.week()
STRICT = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'"


def tree(page: bytes) -> Any:
    return html.document_fromstring(page.decode())


def story_page(story: Story, **more: Any) -> Any:
    return tree(site.story(briefing_week.config(), story, [], TEMPLATES, **more))


def said(page: Any, name: str) -> list[str]:
    return [meta.get("content") for meta in page.cssselect(f'meta[property="{name}"], meta[name="{name}"]')]


def front(config: Any = None) -> Any:
    ((_, make),) = site.front(site.Site(config or briefing_week.config(), WEEK), TEMPLATES)
    return tree(make())


@pytest.mark.parametrize("make", [front, lambda: story_page(WEEK[1])], ids=["front", "story"])
def test_the_policy_stands_before_whatever_it_is_for(make: Callable[[], Any]) -> None:
    page = make()
    (policy,) = page.cssselect('meta[http-equiv="Content-Security-Policy"]')
    assert policy.get("content") == STRICT
    before = [element.tag for element in policy.itersiblings(preceding=True)]
    assert before == ["meta"], "the encoding alone comes first"
    assert said(page, "referrer") == ["no-referrer"]


def test_the_search_alone_may_run_a_script_and_read_its_files() -> None:
    path, make = site.page(
        briefing_week.config(), TEMPLATES, site.opening, "search", "search/index.html", years=(), total=0
    )  # fmt: skip
    (policy,) = tree(make()).cssselect('meta[http-equiv="Content-Security-Policy"]')
    strict = STRICT.split("; ")
    assert path == "search/index.html"
    assert set(policy.get("content").split("; ")) == {*strict, "script-src 'self'", "connect-src 'self'"}


def test_how_a_page_is_shown_where_somebody_links_to_it() -> None:
    page = story_page(WEEK[1])
    assert said(page, "og:title") == [WEEK[1].title]
    assert said(page, "og:type") == ["article"]
    assert said(page, "og:url") == ["https://desk.example.org/stories/s001.html"]
    assert said(page, "og:site_name") == ["The China Desk"]
    assert said(page, "og:description") == said(page, "description")
    assert said(page, "twitter:card") == ["summary"]
    assert said(page, "article:published_time") == ["2020-05-14T09:00:00Z"]
    assert said(page, "article:section") == ["Latest Briefings"]
    assert said(page, "article:tag") == ["Technology", "Trade and markets"]
    assert said(front(), "og:type") == ["website"]


def test_a_foreign_headline_says_its_language_there_too() -> None:
    page = story_page(replace(WEEK[1], language="ar"))
    for name in ("og:title", "og:description"):
        (meta,) = page.cssselect(f'meta[property="{name}"]')
        assert (meta.get("lang"), meta.get("dir")) == ("ar", "rtl")


def test_a_publication_without_description_is_described_by_its_title() -> None:
    assert said(front(briefing_week.config(description="")), "description") == ["The China Desk"]


@pytest.mark.parametrize(
    ("language", "mark"),
    [
        ("en", "Written by a model from the sources named"),
        ("zh-Hans", "由模型根据所列来源撰写"),
        ("zh-Hant", "由模型根據所列來源撰寫"),
    ],
)
def test_what_a_model_wrote_is_marked_wherever_it_is_shown(language: str, mark: str) -> None:
    def writer(story: Story, columns: int) -> Brief:
        return Brief(f"{columns} columns on it.", "en", "some-model")

    config = briefing_week.config(language)
    told = site.Site(config, WEEK[:3], brief=writer)
    pages = [make() for _, make in (*site.front(told, TEMPLATES), *site.sections(told, TEMPLATES))]
    pages.append(site.story(config, WEEK[1], [], TEMPLATES, brief=writer))
    marked = [page.decode().count(f'<p class="mark">{mark}</p>') for page in pages]
    assert marked == [page.decode().count(" columns on it.</p>") for page in pages]
    assert all(marked[:2])
    assert mark not in story_page(WEEK[1]).text_content()


def test_nothing_moves_and_nothing_is_slanted_or_tracked() -> None:
    style = site.stylesheet(TEMPLATES).decode()
    assert not re.search(r"transition|animation|scroll-behavior|letter-spacing|italic", style)


def test_the_fullest_pages_are_light() -> None:
    """A part of the archive with the longest headlines, and an edition of sixty stories, with the style sheet."""
    title, name = "国家大基金二期注资，先进制程扩产提速" * 6, "每日新聞通訊社國際頻道" * 3
    lines = [
        archive.Line(f"s{at:012}", title, "zh-Hant", "", None, None, name, None, briefing_week.NOON) for at in range(200)
    ]  # fmt: skip
    values = {"drawer": archive.Drawer("2020-05-14-2", 200), "above": (), "inside": (), "newer": None, "older": None}
    config = briefing_week.config("zh-Hans")
    _, make = site.page(
        config, TEMPLATES, site.opening, "drawer", "archive/2020-05/14/2/index.html", lines=lines, **values
    )  # fmt: skip
    edition = mail.web_page(editions.sized(60), editions.config(max_items=60), TEMPLATES)
    assert max(len(make()), len(edition)) + len(site.stylesheet(TEMPLATES)) < 100_000
