"""What attackers write goes through real feeds into every output, and a real browser finds nothing active there.

The pages are looked at without their own policy, many at once: what they hold may have nothing that the same pages with
harmless texts have not (elements, attributes, kinds of address), nothing may run, ask or load, and each page must have an end.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from aggregator.app import App
from aggregator.collect.html import _ATTRIBUTES, _TAGS
from aggregator.config.load import load
from aggregator.model import Story
from aggregator.pipeline.outlets import outlets
from aggregator.publish import mail
from aggregator.store import entries, stories
from aggregator.store.engine import reading
from tests.publish.conftest import Shown
from tests.support import editions, hostile
from tests.support.browser import Page, served
from tests.support.newsroom import SLOT, opened
from tests.support.shown import TEMPLATES, once

AT_ONCE = 100
"""Pieces in one document."""
IN_A_MAIL = 25

# What no page may have around it when it is looked at with others; its own policy would hide what we look for.
_FRAME = re.compile(
    r"<!doctype[^>]*>|</?(?:html|head|body)\b[^>]*>|<meta charset[^>]*>|<meta http-equiv=\"(?:Content-Security-Policy|"
    r"X-UA-Compatible)\"[^>]*>|<link rel=\"stylesheet\"[^>]*>|<script src=\"search\.js\" defer></script>",
    re.IGNORECASE,
)

# Of everything in the document: its name, the names of its attributes, and where its addresses lead.
SURVEY = """(() => {
  const told = new Set(), addresses = ["href", "src", "action", "formaction", "background", "data", "poster", "srcset", "xlink:href"];
  for (const at of document.querySelectorAll("body *:not([data-ours])")) {
    const name = at.namespaceURI.endsWith("/xhtml") ? at.localName : at.namespaceURI + at.localName;
    told.add(name);
    for (const {name: key, value} of at.attributes) {
      told.add(`${name} ${key}`);
      if (addresses.includes(key)) told.add(`${name} ${key} ${URL.parse(value, "http://here.example/")?.protocol.replace("https", "http") ?? "none"}`);
    }
  }
  return {told: [...told].sort(), ends: document.querySelectorAll("body > hr[data-ours]").length};
})()"""


@dataclass(frozen=True)
class Seen:
    vocabulary: frozenset[str]
    ran: list[str]
    """Dialogs, errors and requests: whatever shows that something was at work."""
    whole: bool
    """Whether every piece has its end."""


def look(page: Page, folder: Path, pieces: Sequence[str]) -> Seen:
    vocabulary: set[str] = set()
    ran, whole = [], True
    with served(folder) as address:
        for at, some in enumerate(hostile.dealt(pieces, AT_ONCE)):
            # Hidden: to lay out thousands of pages takes longer than to look at them, and hides no element from us.
            body = "".join(f"<section data-ours hidden>{piece}</section><hr data-ours>" for piece in some)
            file = folder / f"{at}.html"
            file.write_text(f"<!doctype html><meta charset=utf-8><title>t</title><body>{body}", encoding="utf-8")
            page.forget()
            page.go(f"{address}/{file.name}")
            found = page.run(SURVEY)
            vocabulary.update(found["told"])
            whole = whole and found["ends"] == len(some)
            asked = [each for each in page.requests if each not in {f"{address}/{file.name}", f"{address}/favicon.ico"}]
            ran += [*page.dialogs, *(error for error in page.errors if "favicon" not in error), *asked]
    return Seen(frozenset(vocabulary), ran, whole)


def unframed(document: str) -> str:
    return _FRAME.sub("", document)


def attack(folder: Path, corpora: Path) -> None:
    """A publication whose sources are all attackers."""
    told = hostile.payloads(corpora)
    folder.mkdir()
    with opened(folder, f"sqlite:///{folder / 'state.db'}") as room:
        room.newsletters[0]["max_items"] = 100
        makers = {"rss": hostile.rss, "atom": hostile.atom, "json": hostile.json_feed}
        for at, (name, make) in enumerate(makers.items()):
            for number, some in enumerate(hostile.dealt(told[at::3], 250)):
                source = f"{name}{number}"
                url = room.site.gives(f"/{source}", make(some), headers={"Content-Type": "text/plain"})
                room.sources.append({"name": source, "url": url})
        for number, some in enumerate(hostile.dealt(told[::10], 10)):
            room.sources.append({"name": f"raw{number}", "url": room.site.gives(f"/raw{number}", hostile.raw(some))})
        app = room.app()
        app.poll()
        app.curate()
        room.now = SLOT
        app.compose()
        assert app.publish().failed == ()


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Iterator[App]:
    folder = once(tmp_path_factory.getbasetemp(), "attacked", lambda folder: attack(folder, corpora))
    app = App(load(folder / "feeds.yaml", {}))
    yield app
    app.close()


@pytest.fixture(scope="module")
def told(fed: App) -> list[Story]:
    with reading(fed.engine) as conn:
        return [*stories.load(conn, stories.all_ids(conn), outlets(conn, fed.config)).values()]


def site_of(out: Path) -> list[str]:
    pages = [page for page in sorted(out.rglob("*.html")) if page.name not in {"email.html", "moved.html"}]
    return [unframed(page.read_text(encoding="utf-8")) for page in pages]


def letters_of(out: Path) -> list[str]:
    return [unframed(letter.read_text(encoding="utf-8")) for letter in sorted(out.rglob("email.html"))]


def feeds_of(out: Path) -> Iterator[str]:
    """What a reader's program shows of each entry, as HTML."""
    for file in sorted(out.rglob("*.xml")):
        for element in etree.fromstring(file.read_bytes()).iter(
            "{*}content", "{*}summary", "{*}description", "{*}encoded"
        ):
            if element.get("type", "html") == "html":
                yield element.text or ""
    for file in sorted(out.rglob("feed.json")):
        yield from (item.get("content_html", "") for item in json.loads(file.read_bytes())["items"])


def test_attackers_come_through_the_whole_way(fed: App, told: list[Story], corpora: Path) -> None:
    """Nearly each text became a story of its own: the outputs do hold what is looked for in them."""
    payloads = hostile.payloads(corpora)
    assert len(payloads) > 1000
    assert len(told) > 0.75 * len(payloads)
    published = "".join(page.read_text(encoding="utf-8") for page in fed.config.output_folder.glob("stories/*.html"))
    assert published.count("&lt;script&gt;alert(") > 20
    assert published.count("&lt;") > 1000
    assert "<script" not in published


def test_pages_hold_nothing_active(page: Page, fed: App, shown: Shown, tmp_path: Path) -> None:
    harmless = look(page, tmp_path, [piece for language in ("en", "ar") for piece in site_of(shown.folder / language)])
    assert harmless.ran == []
    seen = look(page, tmp_path, site_of(fed.config.output_folder))
    assert (sorted(seen.vocabulary - harmless.vocabulary), seen.ran, seen.whole) == ([], [], True)


def test_mails_hold_nothing_active(page: Page, told: list[Story], shown: Shown, tmp_path: Path) -> None:
    """Every story in a mail of its own newsletter: premailer parses and writes them anew."""
    harmless = look(
        page, tmp_path, [piece for language in ("en", "ar") for piece in letters_of(shown.folder / language)]
    )
    made = [letter(some) for some in hostile.dealt(told, IN_A_MAIL)]
    seen = look(page, tmp_path, made)
    assert (sorted(seen.vocabulary - harmless.vocabulary), seen.ran, seen.whole) == ([], [], True)


def letter(some: Sequence[Story]) -> str:
    config = editions.config(max_items=IN_A_MAIL)
    edition = editions.edition(tuple(some), config, related={story.id: story for story in some})
    return unframed(mail.render(edition, config, TEMPLATES).html)


def test_what_feeds_carry_holds_nothing_active(page: Page, fed: App, tmp_path: Path) -> None:
    """Neither in what we publish, nor in what is kept of each entry. Pictures may be loaded: they are the article's own."""
    with reading(fed.engine) as conn:
        kept = [stored.entry.content for stored in entries.listed(conn)]
    seen = look(page, tmp_path, [*feeds_of(fed.config.output_folder), *kept])
    assert unknown_to_readers(seen.vocabulary) == set()
    assert seen.whole
    assert [each for each in seen.ran if not each.startswith(("http://", "https://", "Failed to load resource"))] == []


def unknown_to_readers(vocabulary: Iterable[str]) -> set[str]:
    """Of a survey: what is none of the few elements, attributes and kinds of address that are let through."""
    found = set()
    for said in vocabulary:
        name, *rest = said.split(" ")
        known = {*_ATTRIBUTES.get(name, ()), *_ATTRIBUTES["*"], *({"rel"} if name == "a" else ())}
        if name not in _TAGS or (rest and rest[0] not in known) or (rest[1:] and rest[1] not in {"http:", "mailto:"}):
            found.add(said)
    return found


ACTIVE = {
    "a script": "<script>alert(1)</script>",
    "a handler": "<img src=x onerror=alert(1)>",
    "a handler that waits": "<b onmouseover=alert(1)>x</b>",
    "an address": "<a href=' java\tscript:alert(1)'>x</a>",
    "data": "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "a frame": "<iframe src='javascript:parent.alert(1)'></iframe>",
    "foreign content": "<svg onload=alert(1)><title>x</title></svg>",
    "a form": "<form action=https://foreign.example/><button>x</button></form>",
    "a base": "<base href=https://foreign.example/>",
    "a picture": "<img src=https://foreign.example/x.png>",
    "a look": "<style>@import 'https://foreign.example/x.css'</style>",
    "a comment without an end": "<!-- ",
    "an attribute without an end": "<p title='",
}


@pytest.mark.parametrize("case", ACTIVE)
def test_what_would_be_active_is_found(page: Page, shown: Shown, tmp_path: Path, case: str) -> None:
    """The check of the checks: a page with one hostile text that nobody escaped."""
    harmless = look(page, tmp_path, site_of(shown.folder / "en")[:20])
    seen = look(page, tmp_path, ["<p>one</p>", f"<p>{ACTIVE[case]}</p>", "<p>three</p>"])
    assert seen.vocabulary - harmless.vocabulary or seen.ran or not seen.whole
    assert unknown_to_readers(seen.vocabulary) or seen.ran or not seen.whole
