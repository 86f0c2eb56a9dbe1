"""The preview over real HTTP: what it shows, how it follows changes, and what it never does."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.demo.week import NOW, week
from aggregator.web.board import First
from aggregator.web.preview import Sample
from tests.support.previewing import Look, looking
from tests.support.workspace import ROOT


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    with looking(tmp_path, Sample(week()[:16], NOW)) as made:
        yield made


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    """One for all tests that leave it as it is."""
    with looking(tmp_path_factory.mktemp("look"), Sample(week()[:24], NOW)) as made:
        yield made


STORY = f"stories/{week()[0].id}.html"


# --- what there is to see --------------------------------------------------------------------------------


def test_it_begins_with_the_next_edition_of_the_first_newsletter(calm: Look) -> None:
    begun = calm.ask("/")
    assert (begun.status, begun.headers["location"]) == (303, "/look/mail/daily/2")
    page = calm.text("/look/mail/daily/2")
    assert "The &lt;China&gt; Desk" in page
    assert "Morning Briefing 2 (next, as of now)" in page
    assert re.findall(r'width="(\d+)"', page) == ["375", "375", "375", "900", "900"]


def test_what_is_asked_for_is_shown_first(tmp_path: Path) -> None:
    first = First("weekly", 1, frozenset({"technology"}))
    with looking(tmp_path, Sample(week()[:24], NOW), first) as look:
        assert look.ask("/").headers["location"] == "/look/mail/weekly/1?categories=technology"


def test_whatever_it_lists_is_there(calm: Look) -> None:
    boards = set(re.findall(r'<a href="(/look/[^"]+)"', calm.text("/look/mail/daily/2")))
    assert {"/look/site/index.html", "/look/site/subscribe", "/look/text/daily/2", "/look/check"} <= boards
    assert any(path.startswith("/look/site/stories/") for path in boards)
    frames = {frame for board in boards for frame in re.findall(r'<iframe[^>]* src="([^"]+)"', calm.text(board))}
    assert len(frames) > 40
    assert [frame for frame in sorted(frames) if calm.ask(frame).status != 200] == []


def test_a_reader_of_some_categories_gets_them_alone(look: Look) -> None:
    look.say(categories=[{"slug": slug, "name": slug.title(), "any": ["x"]} for slug in ("trade", "technology")])
    board = look.text("/look/mail/daily/2?categories=technology")
    assert "/mail/light/daily/2.html?categories=technology" in board
    assert re.search(r'categories=technology" aria-current="page">Technology<', board)
    whole, part = (look.text(f"/look/text/daily/2{asked}") for asked in ("", "?categories=technology"))
    assert "Trade: " in whole
    assert "Technology: " in part
    assert "Trade: " not in part
    mail = look.text("/mail/light/daily/2.html?categories=technology")
    assert ">Trade" not in mail
    assert ">Technology" in mail
    assert look.text("/look/text/daily/2?categories=unknown") == look.text("/look/text/daily/2")


def test_a_reader_who_gets_nothing_is_told_of(look: Look) -> None:
    look.say(categories=[{"slug": f"c{at}", "name": f"C {at}", "any": ["x"]} for at in range(40)])
    none = look.ask("/look/mail/daily/2?categories=c39")
    assert none.status == 500
    assert "no story of daily/2 is about c39" in none.text


def test_links_of_the_site_lead_to_its_other_pages_by_day_and_night(calm: Look) -> None:
    front = calm.text("/site/dark/index.html")
    assert (story := re.search(r'href="(stories/[^"]+)"', front)) is not None
    assert "<h1>" in calm.text(f"/site/dark/{story[1]}")
    assert "prefers-color-scheme: dark" not in calm.text("/site/dark/style.css")
    assert calm.ask("/site/asked/style.css").body == (ROOT / "templates/site/style.css").read_bytes()


def test_the_text_part_is_shown_as_text(calm: Look) -> None:
    found = re.search(r'<pre class="text"[^>]*>(.*?)</pre>', calm.text("/look/text/daily/2"), re.DOTALL)
    assert found is not None
    lines = html.unescape(found[1]).splitlines()
    assert lines[0] == "Morning Briefing"
    assert "In this edition" in lines


def test_a_mail_may_do_nothing(calm: Look) -> None:
    answer = calm.ask("/mail/dark/daily/2.html")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert all(" sandbox>" in frame for frame in re.findall(r"<iframe[^>]*>", calm.text("/look/mail/daily/2")))


def test_the_board_runs_no_script_but_its_own(calm: Look) -> None:
    answer = calm.ask("/look/mail/daily/2")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script[^>]*>(.*?)</script>", answer.text, re.DOTALL) == [""]
    assert not re.search(r"\son\w+=|style=", answer.text)


@pytest.mark.parametrize("path", ["/look/mail/daily/9", "/look/mail/nothing/1", "/site/light/x.html", "/mail/red/daily/2.html", "/x"])  # fmt: skip
def test_what_is_not_there_is_told(calm: Look, path: str) -> None:
    answer = calm.ask(path)
    assert answer.status == 404
    assert "404 Not Found" in answer.text


@pytest.mark.parametrize(("name", "status"), [("127.0.0.1", 303), ("localhost:80", 303), ("[::1]:80", 303), ("evil.example", 421), ("127.0.0.1.evil.example:80", 421)])  # fmt: skip
def test_only_this_machine_has_a_name_here(calm: Look, name: str, status: int) -> None:
    """A page from elsewhere could have its own name lead to this address, and read on."""
    assert calm.ask("/", host=name).status == status


# --- changes ---------------------------------------------------------------------------------------------


def test_a_broken_template_is_told_with_file_and_line_until_it_is_mended(look: Look) -> None:
    ours = look.text(f"/site/light/{STORY}")
    before = look.text("/version")
    path = look.template("site/story.html", "{# mine #}\n<p>\n{{ story.kikcer }}\n</p>\n")
    assert look.text("/version") != before
    broken = look.ask(f"/site/light/{STORY}")
    assert broken.status == 500
    assert f"{path}:3" in broken.text
    assert "has no attribute &#39;kikcer&#39;" in broken.text
    assert re.search(r"<mark> *3  \{\{ story.kikcer \}\}</mark>", broken.text)
    assert "no attribute" in look.text("/look/check")
    assert look.ask("/site/light/index.html").status == 200
    look.template("site/story.html", "{# mine #}\n<p>{{ story.title }}</p>\n")
    assert look.text(f"/site/light/{STORY}").strip().startswith("<p>")
    assert "Every template renders" in look.text("/look/check")
    path.unlink()
    assert look.text(f"/site/light/{STORY}") == ours
    assert look.text("/version") == before


def test_one_file_of_ones_own_stands_among_ours(look: Look) -> None:
    """It is used by templates of ours, and uses them."""
    text = (ROOT / "templates/mail/item.html").read_text(encoding="utf-8")
    look.text("/mail/light/daily/2.html")
    look.template("mail/item.html", text.replace('<p class="go">', '<p class="go">Onward: '))
    assert look.text("/mail/light/daily/2.html").count("Onward: ") == 4
    look.template("site/style.css", "body { color: teal }\n")
    assert look.text("/site/asked/style.css") == "body { color: teal }\n"


def test_a_broken_configuration_is_told_until_it_is_mended(look: Look) -> None:
    look.text("/look/mail/daily/2")
    (look.folder / "feeds.yaml").write_text("publication: {title: T}\nsourcs: []\n")
    broken = look.ask("/look/mail/daily/2")
    assert broken.status == 500
    assert "feeds.yaml:2: sourcs" in broken.text
    assert "publication.link" in broken.text
    look.say(newsletters=[{"name": "evening", "title": "Evening Briefing", "schedule": "18:00"}])
    assert look.ask("/").headers["location"] == "/look/mail/evening/2"
    assert "Evening Briefing" in look.text("/mail/light/evening/2.html")


def test_scripts_and_styles_are_of_a_kind_that_browsers_take(calm: Look) -> None:
    kinds = {
        "/board.js": "text/javascript; charset=utf-8",
        "/board.css": "text/css; charset=utf-8",
        "/site/light/style.css": "text/css; charset=utf-8",
        "/site/light/search/search.js": "text/javascript; charset=utf-8",
        "/site/light/atom.xml": "application/atom+xml",
        "/site/light/subscribe": "text/html; charset=utf-8",
    }
    assert {path: calm.ask(path).headers["content-type"] for path in kinds} == kinds


def test_the_version_stays_while_nothing_changes(calm: Look) -> None:
    assert calm.text("/version") == calm.text("/version")
    assert f'data-known="{calm.text("/version")}"' in calm.text("/look/check")


def test_a_publication_without_newsletters_has_a_site(look: Look) -> None:
    look.say(newsletters=[], categories=[])
    assert look.ask("/").headers["location"] == "/look/site/index.html"
    assert look.ask("/look/site/index.html").status == 200


# --- whom templates are given to -------------------------------------------------------------------------


TRICKS = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ story | attr('__class__') }}",
    "{{ '{0.__class__}'.format(story) }}",
    "{{ story['__class__'] }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config.delivery.smtp.get_secret_value() }}",
    "{{ config.delivery.smtp | attr('_secret_value') }}",
    "{{ config.model_dump() }}",
    "{{ config['model_copy'](update={}) }}",
    "{{ config.__dict__ }}",
    "{{ config.database }}",
    "{{ config.sources[0].url }}",
    "{{ config.source('wire') }}",
    "{% include '../../feeds.yaml' %}",
    "{% include '/etc/passwd' %}",
    "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    "{% for one in range(10 ** 9) %}{% endfor %}",
)


def test_a_template_reaches_nothing_but_what_it_is_given(look: Look) -> None:
    for trick in TRICKS:
        path = look.template("site/story.html", f"\n{trick}\n")
        answer = look.ask(f"/site/light/{STORY}")
        assert answer.status == 500, trick
        assert f"{path}:2" in answer.text, trick
        assert "hunter2-secret" not in answer.text
        assert "internal error" not in answer.text


def test_secrets_do_not_show(look: Look) -> None:
    look.template("site/story.html", "{{ config.delivery.smtp }} {{ config.delivery }}")
    assert "hunter2-secret" not in look.text(f"/site/light/{STORY}")


def test_what_a_feed_says_is_never_a_template(tmp_path: Path) -> None:
    said = "{{ 7 * 191 }}{% raw %}{# no #}"
    told = tuple(
        replace(
            story,
            title=f"{said} {story.title}",
            summary=f"{said} {story.summary}",
            reports=tuple(replace(one, title=said, source_title=said, summary=said) for one in story.reports),
        )
        for story in week()[:8]
    )
    with looking(tmp_path, Sample(told, NOW)) as look:
        paths = ["/mail/light/daily/2.html", "/look/text/daily/2", f"/site/light/{STORY}", "/site/light/index.html", "/site/light/atom.xml", "/site/light/editions/daily/2/index.html"]  # fmt: skip
        pages = [html.unescape(look.text(path)) for path in paths]
    assert [page.count("1337") for page in pages] == [0] * len(pages)
    assert all(said in page for page in pages)
