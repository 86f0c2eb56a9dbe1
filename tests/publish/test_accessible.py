"""axe-core, in a real browser, finds nothing serious on any page or mail: in three languages, by day and by night."""

import json
from typing import Any

import pytest

from tests.publish.conftest import Shown
from tests.support.browser import Page, served
from tests.support.needs import need_axe
from tests.support.shown import LANGUAGES

SERIOUS = {"serious", "critical"}
# Off by default, for they are newer than WCAG 2.1.
RULES = {"target-size": {"enabled": True}}

FOREIGN = ("index", "story", "edition", "archive", "all search", "answer ask")
"""Pages that have among them all that a page may have."""

FOUND = """axe.run(document, %s).then(told => told.violations.map(one => (
  {rule: one.id, impact: one.impact, where: one.nodes.map(node => node.html.slice(0, 120) + " " + node.failureSummary)})))"""


@pytest.fixture(scope="module")
def axe() -> str:
    return need_axe()


def judged(page: Page, **options: object) -> list[dict[str, Any]]:
    asked = {"resultTypes": ["violations"], **options}
    found: list[dict[str, Any]] = page.run(FOUND % json.dumps(asked))
    return found


def serious(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_on_any_page_or_mail(page: Page, shown: Shown, axe: str, language: str) -> None:
    """By night only colours differ, and they are the same in every language. A mail has neither landmarks nor, for its
    readers' sake, much else that axe advises.
    """
    pages = shown.pages(language)
    mail = f"{language}/editions/daily/42/email.html"
    for kind in (*(pages if language == "en" else FOREIGN), "mail"):
        page.prefers()
        page.go(f"{shown.address}/{pages.get(kind, mail)}")
        page.run(f"{axe};0")
        found = judged(page, rules=RULES)
        if language == "en":
            page.prefers(scheme="dark")
            found += judged(page, runOnly=["color-contrast"])
        assert (serious(found) if kind == "mail" else found) == [], kind


def test_on_a_phone_targets_are_large_enough(page: Page, shown: Shown, axe: str) -> None:
    page.size(375)
    for kind in ("index", "story", "sections", "edition"):
        page.go(f"{shown.address}/{shown.pages('en')[kind]}")
        page.run(f"{axe};0")
        assert judged(page, runOnly=["target-size", "scrollable-region-focusable"]) == [], kind


def test_what_it_finds_on_a_page_that_is_not_accessible(page: Page, axe: str, tmp_path: Any) -> None:
    """The check of the check."""
    (tmp_path / "bad.html").write_text(
        "<!doctype html><meta charset=utf-8><title>t</title><style>p{color:#bbb;background:#fff}"
        "@media(prefers-color-scheme:dark){p{color:#333;background:#000}}</style><main><h1>One</h1><img src='data:image/gif;base64,"
        "R0lGODlhAQABAAAAACw='><p>pale</p><a href='x'></a></main>"
    )
    with served(tmp_path) as address:
        page.go(f"{address}/bad.html")
        page.run(f"{axe};0")
        found = {one["rule"] for one in serious(judged(page))}
        page.prefers(scheme="dark")
        (night,) = judged(page, runOnly=["color-contrast"])
    assert found == {"html-has-lang", "image-alt", "color-contrast", "link-name"}
    assert "#333333" in night["where"][0]
