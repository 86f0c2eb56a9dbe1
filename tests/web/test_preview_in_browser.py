"""The preview in a real browser: it follows what is saved, and what it frames may do no more than it should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.demo.week import NOW, week
from aggregator.web.preview import Sample
from tests.support.browser import Page
from tests.support.previewing import Look, looking


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    with looking(tmp_path, Sample(week()[:16], NOW)) as made:
        yield made


def test_it_follows_what_is_saved_through_a_mistake_and_back(page: Page, look: Look) -> None:
    address = f"http://127.0.0.1:{look.port}/look/site/stories/{week()[0].id}.html"
    framed = "frames[0].document.body.textContent"
    page.go(address)
    assert "Sources" in page.run(framed)
    path = look.template("site/story.html", "{{ story.kikcer }}")
    page.until(f"frames[0]?.document.body?.textContent.includes('{path.name}:1')")
    assert "kikcer" in page.run(framed)
    look.template("site/story.html", "mended: {{ story.title }}")
    page.until("frames[0]?.document.body?.textContent.startsWith('mended: ')")
    (look.folder / "feeds.yaml").write_text("publication: {}\n")
    page.until("document.querySelector('h1')?.textContent === 'This cannot be shown yet'")
    look.say()
    page.until("frames[0]?.document.body?.textContent.startsWith('mended: ')")
    assert page.violations == []


def test_a_framed_page_searches_and_a_framed_mail_runs_nothing(page: Page, look: Look) -> None:
    page.go(f"http://127.0.0.1:{look.port}/look/site/search/index.html")
    page.until("frames[1]?.document.querySelector('form.search')?.offsetHeight > 0")
    assert (page.violations, page.errors) == ([], [])
    page.go(f"http://127.0.0.1:{look.port}/look/mail/daily/2")
    assert page.run("frames.length") == 5
    assert page.run("[...document.querySelectorAll('iframe')].every(one => one.contentDocument === null)")
