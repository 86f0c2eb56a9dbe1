"""Pages and mail in a real browser: nothing is wider than the window, at any width, and every page has its look."""

import html
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aggregator.demo.run import run
from aggregator.publish import mail, site
from tests.support import editions

TEMPLATES = (Path(__file__).parents[2] / "templates",)
WIDTHS = (320, 375, 600, 768, 1280)
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)

PROBE = """<!doctype html><title>probe</title><body><pre id="found"></pre><script>
const pages = %s, widths = %s, found = [];
function measure(page, width) {
  return new Promise(done => {
    const frame = document.createElement("iframe");
    frame.style.cssText = `width:${width}px;height:900px;border:0`;
    frame.onload = () => {
      const inner = frame.contentDocument, root = inner.documentElement;
      const style = frame.contentWindow.getComputedStyle(inner.querySelector("h1"));
      found.push({page, width, needs: root.scrollWidth, height: root.scrollHeight, font: style.fontFamily,
                  title: inner.title, broken: [...inner.images].filter(image => !image.naturalWidth).length});
      frame.remove(); done();
    };
    frame.src = page; document.body.append(frame);
  });
}
(async () => {
  for (const page of pages) for (const width of widths) await measure(page, width);
  document.getElementById("found").textContent = JSON.stringify(found);
})();
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., Path]) -> list[dict[str, Any]]:
    browser = need("chromium")
    folder = tmp_path_factory.mktemp("demo")
    out = run(folder, lambda _: None).front.parent
    story = next(out.glob("stories/*.html"))
    pages = [
        "index.html",
        "categories/index.html",
        "sections/perspectives/index.html",
        "editions/index.html",
        "editions/daily/1/index.html",
        "editions/daily/1/email.html",
        str(story.relative_to(out)),
    ]
    with _served(out, pages) as address:
        return _measure(browser, address, folder / "profile")


@pytest.fixture(scope="module")
def unruly(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., Path]) -> list[dict[str, Any]]:
    """The same pages, of publications in three languages that hold the worst of texts."""
    browser = need("chromium")
    folder = tmp_path_factory.mktemp("unruly")
    pages = [page for language in ("en", "zh-Hant", "ar") for page in _publish_unruly(folder, language)]
    with _served(folder, pages) as address:
        return _measure(browser, address, folder / "profile")


def _publish_unruly(folder: Path, language: str) -> list[str]:
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
    for path, page in made.items():
        file = folder / language / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page)
    shown = ["index.html", "email.html", "categories/index.html", "sections/briefings/index.html"]
    shown += ["editions/index.html", "editions/daily/42/index.html", *(f"stories/unruly-{at}.html" for at in (0, 2, 3))]
    return [f"{language}/{page}" for page in shown]


@contextmanager
def _served(folder: Path, pages: list[str]) -> Iterator[str]:
    """The folder over HTTP, with the probe in it: where that is."""
    (folder / "probe.html").write_text(PROBE % (json.dumps(pages), json.dumps(WIDTHS)), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/probe.html"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _measure(browser: Path, address: str, profile: Path) -> list[dict[str, Any]]:
    command = [
        str(browser),
        *_FLAGS.split(),
        f"--user-data-dir={profile}",
        "--virtual-time-budget=60000",
        "--dump-dom",
        address,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[:2000]
    assert found[1], "the probe did not come to its end"
    rows: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return rows


def test_nothing_is_wider_than_the_window(measured: list[dict[str, Any]]) -> None:
    assert len(measured) == 7 * len(WIDTHS)
    assert [row for row in measured if row["needs"] > row["width"]] == []


def test_nothing_that_feeds_or_operators_write_makes_a_page_wider(unruly: list[dict[str, Any]]) -> None:
    assert len(unruly) == 3 * 9 * len(WIDTHS)
    assert [(row["page"], row["width"], row["needs"]) for row in unruly if row["needs"] > row["width"]] == []


def test_every_page_has_its_look_and_its_title(measured: list[dict[str, Any]]) -> None:
    fonts = {(row["page"], row["font"]) for row in measured if "serif" not in row["font"] or "," not in row["font"]}
    assert fonts == set(), "headlines are set in a stack of ours"
    assert all(row["title"] for row in measured)
    assert [row for row in measured if row["broken"]] == []
