"""Pages and mail in a real browser: how wide they are, what they ask for, and how they are walked through by keyboard."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from aggregator.publish import mail, site
from tests.publish.conftest import Shown
from tests.support import editions
from tests.support.browser import Page, served
from tests.support.shown import LANGUAGES, TEMPLATES

WIDTHS = (320, 375, 600, 768, 1280)
WEIGHT = 100_000
"""Bytes of a page with its style sheet."""

# How wide the page wants to be, and whether it looks as it should.
MEASURED = """(() => {
  const root = document.documentElement, style = getComputedStyle(document.querySelector("h1"));
  return {needs: root.scrollWidth, font: style.fontFamily, title: document.title,
          broken: [...document.images].filter(image => !image.naturalWidth).length};
})()"""


def measured(page: Page, address: str) -> Iterator[tuple[int, dict[str, Any]]]:
    page.go(address)
    for width in WIDTHS:
        page.size(width)
        yield width, page.run(MEASURED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_the_window_and_every_page_has_its_look(page: Page, shown: Shown, language: str) -> None:
    for kind, path in shown.pages(language).items():
        for width, found in measured(page, f"{shown.address}/{path}"):
            assert found["needs"] <= width, (kind, width)
            assert "serif" in found["font"], (kind, "headlines are set in a stack of ours")
            assert found["title"], kind
            assert not found["broken"], kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_feeds_or_operators_write_makes_a_page_wider(page: Page, language: str, tmp_path: Path) -> None:
    """Of publications that hold the worst of texts."""
    pages = publish_unruly(tmp_path, language)
    with served(tmp_path) as address:
        for path in pages:
            wide = [width for width, found in measured(page, f"{address}/{path}") if found["needs"] > width]
            assert wide == [], path


def publish_unruly(folder: Path, language: str) -> list[str]:
    config, edition = editions.unruly_config(language), editions.unruly(language)
    told = site.Site(config, editions.unruly_stories(), (edition,))
    made = {"style.css": site.stylesheet(TEMPLATES)}
    for part in (site.front, site.sections, site.categories, site.editions):
        made |= {path: make() for path, make in part(told, TEMPLATES)}
    for story in told.stories:
        related = [told.by_id[other] for other in story.related]
        made[f"stories/{story.id}.html"] = site.story(config, story, related, TEMPLATES)
    made["editions/daily/42/index.html"] = mail.web_page(edition, config, TEMPLATES)
    made["email.html"] = mail.render(edition, config, TEMPLATES).html.encode()
    for path, content in made.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    lists = ["index.html", "categories/index.html", "sections/briefings/index.html", "editions/index.html"]
    return [*lists, "editions/daily/42/index.html", "email.html", *(f"stories/unruly-{at}.html" for at in (0, 2, 3))]


# --- what a page asks for --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_light_asks_nobody_else_and_keeps_its_own_policy(page: Page, shown: Shown, language: str) -> None:
    style = (shown.folder / language / "style.css").stat().st_size
    for kind, path in shown.pages(language).items():
        page.forget()
        page.go(f"{shown.address}/{path}")
        foreign = [asked for asked in page.requests if not asked.startswith((shown.address, "data:"))]
        assert (foreign, page.violations, page.errors) == ([], [], []), kind
        assert (shown.folder / path).stat().st_size + style < WEIGHT, kind


def test_a_page_from_disk_has_its_look(page: Page, shown: Shown) -> None:
    """`out/` may be opened without a server: 'self' is the folder then."""
    for kind, path in shown.pages("en").items():
        page.forget()
        page.go((shown.folder / path).as_uri())
        assert page.run("document.styleSheets.length") == 1, kind
        assert "serif" in page.run(MEASURED)["font"], kind
        assert page.violations == [], kind


def test_the_page_of_what_is_not_there_is_shown_at_any_depth(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        config = editions.config()
        there = config.publication.model_copy(update={"link": address})
        _, make = site.not_found(config.model_copy(update={"publication": there, "web": None}), TEMPLATES)
        (tmp_path / "some" / "where").mkdir(parents=True)
        (tmp_path / "some" / "where" / "404.html").write_bytes(make())
        (tmp_path / "style.css").write_bytes(site.stylesheet(TEMPLATES))
        for width, found in measured(page, f"{address}/some/where/404.html"):
            assert found["needs"] <= width
            assert "serif" in found["font"]
        home = page.run("document.querySelector('.name a').href")
    assert home == f"{address}/index.html"
    assert (page.violations, page.errors) == ([], [])


def test_the_page_of_a_story_that_moved_leads_there(page: Page, shown: Shown) -> None:
    page.go(f"{shown.address}/en/stories/moved.html")
    page.until(f"location.pathname == '/{shown.pages('en')['story']}'")
    assert page.violations == []


def test_what_the_browser_would_tell_of_a_page_that_does_more(page: Page, tmp_path: Path) -> None:
    """The check of the checks: a foreign picture, a script that the policy forbids, one that fails, and a dialog."""
    head = "<!doctype html><meta charset=utf-8><title>t</title>"
    policy = (
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'self' 'unsafe-inline'; script-src 'none'\">"
    )
    (tmp_path / "strict.html").write_text(
        f"{head}{policy}<img src=https://foreign.example/x.png><script>alert(1)</script>"
    )
    (tmp_path / "loose.html").write_text(f"{head}<script>alert(2); throw new Error('oops')</script>")
    with served(tmp_path) as address:
        page.go(f"{address}/strict.html")
        assert "https://foreign.example/x.png" in page.requests
        assert page.violations == ["img-src https://foreign.example/x.png", "script-src-elem"]
        assert page.dialogs == []
        page.forget()
        page.go(f"{address}/loose.html")
        assert page.dialogs == ["alert: 2"]
        assert [error for error in page.errors if "oops" in error]


# --- by keyboard -----------------------------------------------------------------------------------------

# What has the focus: its text and address, whether it is to be seen, and whether something shows that it has it.
FOCUSED = """(() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return {tag: at.localName, text: at.textContent.trim().replace(/\\s+/g, " ").slice(0, 120), id: at.id, href: at.href || "",
          main: !!at.closest("main"),
          seen: box.width > 3 && box.height > 3 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
          marked: style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2};
})()"""


def step(page: Page, *, back: bool = False) -> dict[str, Any]:
    """To the next thing that takes the focus, which shows it."""
    page.press("Tab", shift=back)
    return focused(page)


def focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.run(FOCUSED)
    assert found["tag"] != "body", "the focus was lost"
    assert found["seen"], found
    assert found["marked"], found
    return found


def walk_to(page: Page, wanted: str, *, tag: str = "a", limit: int = 80) -> dict[str, Any]:
    """Tab by Tab to the first link whose text begins so."""
    for _ in range(limit):
        found = step(page)
        if found["tag"] == tag and found["text"].startswith(wanted):
            return found
    raise AssertionError(f"no {wanted} within {limit} steps")


def follow(page: Page) -> None:
    with page.turning():
        page.press("Enter")


def test_a_reader_without_a_mouse_goes_through_a_story_and_back(page: Page, shown: Shown) -> None:
    page.go(f"{shown.address}/en/index.html")
    assert (skip := step(page))["href"].endswith("#content")
    assert skip["text"] == "Skip to the stories"
    page.press("Enter")
    assert focused(page)["id"] == "content", "the link leads into the stories"
    related = page.run(
        "document.querySelector('.related a').closest('article').querySelector('h3 a:not(.kicker)').textContent"
    )
    walk_to(page, related)
    follow(page)
    story = page.run("document.querySelector('h1 span').textContent")
    assert story == related
    step(page)
    page.press("Enter")
    other = page.run("document.querySelector('.beside .index a').textContent")
    walk_to(page, other)
    follow(page)
    assert page.run("document.querySelector('h1 span').textContent") == other
    with page.turning():
        page.run("history.back()")
    assert page.run("document.querySelector('h1 span').textContent") == story
    step(page)


def test_a_reader_without_a_mouse_searches_and_follows_what_is_found(page: Page, shown: Shown) -> None:
    page.go(f"{shown.address}/en/index.html")
    walk_to(page, "Search")
    follow(page)
    walk_to(page, "", tag="input")
    page.type("huawei emergency")
    page.press("Enter")
    page.until("document.querySelectorAll('#results li').length > 0")
    assert focused(page)["tag"] == "input", "what is found takes the focus from nobody"
    title = page.run("document.querySelector('#results a').textContent")
    walk_to(page, title, limit=3)
    follow(page)
    assert page.run("document.querySelector('h1 span').textContent") == title
    with page.turning():
        page.run("history.back()")
    page.until("document.querySelectorAll('#results li').length > 0")
    assert page.run("document.getElementById('q').value") == "huawei emergency"
    assert (page.errors, page.violations) == ([], [])


def test_a_search_without_script_is_the_archive(page: Page, shown: Shown) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.go(f"{shown.address}/en/search/index.html")
    assert page.run("getComputedStyle(document.querySelector('form')).display") == "none"
    step(page)
    page.press("Enter")
    walk_to(page, "May 2020")
    follow(page)
    assert page.run("document.querySelectorAll('.lines a').length") > 10


def test_what_is_found_is_shown_as_text(page: Page, shown: Shown, tmp_path: Path) -> None:
    """The search is the one page on which a script writes: whatever a feed says, and whatever is asked for."""
    shutil.copytree(shown.folder / "en" / "search", tmp_path / "search")
    shutil.copy(shown.folder / "en" / "style.css", tmp_path)
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script> javascript:alert(3)"
    for part in tmp_path.glob("search/*.json"):
        content = json.loads(part.read_text(encoding="utf-8"))
        if "stories" in content:
            content["stories"] = [[evil] * len(content["columns"])]
            part.write_text(json.dumps(content), encoding="utf-8")
    with served(tmp_path) as address:
        page.go(f"{address}/search/index.html?q={quote('<img src=x onerror=alert(1)>')}")
        page.until("document.querySelectorAll('#results li').length > 0")
        assert page.run("document.querySelectorAll('main img, main script').length") == 0
        hrefs = page.run("[...document.querySelectorAll('#results a')].map(link => link.protocol)")
    assert set(hrefs) == {"http:"}
    assert (page.dialogs, page.violations, page.errors) == ([], [], [])


@pytest.mark.parametrize("kind", ["index", "story", "edition", "all search", "answer ask"])
def test_the_focus_goes_through_a_page_and_is_always_seen(page: Page, shown: Shown, kind: str) -> None:
    """In the order in which things stand there, once each, and back again."""
    page.go(f"{shown.address}/{shown.pages('en')[kind]}")
    stops = page.run("document.querySelectorAll('a[href], button, input:not([type=hidden]), summary').length")
    there = [step(page) for _ in range(stops)]
    assert page.run("document.activeElement == [...document.querySelectorAll('a[href]')].at(-1)")
    assert [step(page, back=True) for _ in range(stops - 1)] == there[-2::-1]
    assert (
        page.run("document.querySelectorAll('[tabindex]:not([tabindex=\"-1\"]), [accesskey], [autofocus]').length") == 0
    )
