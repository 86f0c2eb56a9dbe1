"""The gate: what does not pass goes out plain or waits, the operator hears of it once, and nothing is lost."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config import Config
from aggregator.edit.compose import from_json
from aggregator.model import Edition, Incident
from aggregator.pipeline.alerts import write_feed
from aggregator.pipeline.explaining.explain import explain
from aggregator.pipeline.gate import Passed, changes, gate
from aggregator.publish.lint import errors
from aggregator.publish.mail import public, render, render_plain
from aggregator.store import editions as kept_editions
from aggregator.store.engine import reading
from tests.support import editions
from tests.support.newsroom import BARLEY, DAY, SAMPLES, SLOT, YUAN, Newsroom
from tests.support.workspace import ROOT

TEMPLATES = (ROOT / "templates",)
NOW = datetime(2020, 5, 18, 5, tzinfo=UTC)


def own_template(folder: Path, name: str, old: str, new: str) -> Path:
    """An operator's own template: ours, with something made wrong."""
    ours = (ROOT / "templates" / "mail" / name).read_text()
    assert old in ours
    path = folder / "templates" / "mail" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ours.replace(old, new))
    return path


def with_imprint(text: str) -> Config:
    config = editions.config()
    return config.model_copy(update={"publication": config.publication.model_copy(update={"imprint": text})})


# --- the decision ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "config"),
    [
        (editions.english(), editions.config()),
        (editions.chinese(), editions.config("zh-Hans")),
        (replace(editions.english(), language="ar"), editions.config("ar")),
        (editions.single(), editions.config()),
        (editions.many(), editions.config()),
    ],
    ids=["english", "chinese", "arabic", "one story", "sixty stories"],
)
def test_our_own_templates_pass(edition: Edition, config: Config) -> None:
    passed = gate(edition, config, TEMPLATES)
    assert (passed.how, passed.reason, passed.outcome) == ("designed", "", "")
    assert passed.mail == render(edition, config, TEMPLATES)
    assert errors(passed.findings) == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("edition.html", "<h1>", "{{ nothing.at_all }}<h1>", "edition.html:"),
        ("edition.html", '<div lang="{{ language }}"', "<div", "does not say its language"),
        ("edition.html", "{{ unsubscribe_url }}", "{{ home_url }}", "no link to unsubscribe"),
        ("inline.css", "color: #5f6368", "color: #aaaaaa", "its contrast is 2.3:1"),
        ("dark.css", " !important", "", "without !important"),
    ],
    ids=["fails", "no language", "no way out", "grey", "dark mode lost"],
)
def test_what_an_operator_breaks_goes_out_plain(tmp_path: Path, name: str, old: str, new: str, reason: str) -> None:
    own_template(tmp_path, name, old, new)
    edition, config = editions.english(), editions.config()
    passed = gate(edition, config, (tmp_path / "templates", *TEMPLATES))
    assert passed.how == "plain"
    assert reason in passed.reason
    assert passed.hint
    assert passed.mail == render_plain(edition, config)
    assert passed.outcome.startswith("in the plain template: ")


def test_what_does_not_even_pass_plain_is_held() -> None:
    passed = gate(editions.english(), with_imprint("A long way to say where we are. " * 4_000), TEMPLATES)
    assert (passed.how, passed.mail) == ("held", None)
    assert "larger than 90 KB" in passed.reason
    assert passed.outcome == f"held: {passed.reason}"


def test_what_is_too_long_is_shortened_and_that_is_told() -> None:
    passed = gate(editions.many(), with_imprint("Here we are. " * 2_500), TEMPLATES)
    assert passed.how == "designed"
    assert re.fullmatch(r"\d+ left to the web, for the mail would be too long", passed.outcome)


def test_an_edition_of_sixty_stories_is_judged_in_a_fraction_of_a_second() -> None:
    edition, config = editions.many(), editions.config()
    gate(edition, config, TEMPLATES)
    began = time.process_time()
    gate(edition, config, TEMPLATES)
    assert time.process_time() - began < 1, "some 0.1 s where nothing else runs, most of it to render"


# --- what operators hear, as a law -----------------------------------------------------------------------


def test_one_incident_for_each_trouble() -> None:
    """However many editions have it; over with the next that passes, and not with one from before."""
    plain, held, well = Passed("plain", reason="grey"), Passed("held", reason="no way out"), Passed("designed")
    steps = [(1, well, []), (2, plain, ["plain"]), (3, plain, []), (1, well, []), (4, held, ["plain over", "held"]), (5, well, ["held over"])]  # fmt: skip
    open_: list[Incident] = []
    for number, passed, expected in steps:
        found = changes(open_, replace(editions.english(), number=number), passed, NOW)
        assert [f"{each.kind} over" if each.closed else each.kind for each in found] == expected
        over = {each.kind for each in found if each.closed}
        open_ = [each for each in (*open_, *found) if each.kind not in over and each.closed is None]
    assert open_ == []


# --- on both databases, from feed to inbox ---------------------------------------------------------------


@pytest.fixture
def ready(room: Newsroom) -> Newsroom:
    room.has_source("gazette", BARLEY, SAMPLES)
    app = room.app()
    room.subscribe("a@example.org", "b@example.org")
    app.poll()
    app.curate()
    app.compose()
    return room


def explained(room: Newsroom, id_: str) -> str:
    app = room.app()
    return "\n".join(f"{label}: {text}" for label, text in explain(app.engine, app.config, id_, room.now))


def test_a_broken_template_costs_looks_and_no_letter(ready: Newsroom) -> None:
    ready.now = SLOT
    broken = own_template(ready.folder, "inline.css", "color: #5f6368", "color: #aaaaaa")
    (made,) = ready.app().compose()
    assert not made.held
    assert [incident.kind for incident in made.alerts] == ["plain"]
    assert "in the plain template: text in #aaaaaa on #ffffff" in made.outcome
    assert ready.app().deliver().accepted == 2
    assert all(b"#aaaaaa" not in accepted.letter for accepted in ready.sink.accepted)
    ready.app().publish()
    published = (ready.folder / "out" / "editions" / "daily" / "1" / "email.html").read_text()
    assert published == gated(ready, 1)
    said = explained(ready, "daily/1")
    assert "mail: goes out in the plain template; text in #aaaaaa on #ffffff" in said
    assert "incident: plain since 2020-05-14" in said
    assert "daily/1 goes out in the plain template" in (ready.folder / "state" / "alerts.xml").read_text()
    broken.unlink()
    ready.tells("gazette", YUAN)
    ready.now += DAY
    app = ready.app()
    app.poll(force=True)
    app.curate()
    (made,) = app.compose()
    assert [(each.kind, each.closed) for each in made.alerts] == [("plain", ready.now)]
    assert "it is over" in (ready.folder / "state" / "alerts.xml").read_text()
    assert ready.app().compose() == ()


def gated(room: Newsroom, number: int) -> str:
    """The HTML of what passes now, as the site may show it."""
    app = room.app()
    with reading(app.engine) as conn:
        kept = kept_editions.get(conn, "daily", number)
    assert kept is not None
    passed = gate(from_json(kept.data), app.config, app.folders)
    assert passed.mail is not None
    return public(passed.mail.html, app.config)


def test_what_cannot_be_mailed_waits_and_goes_out_when_it_is_mended(ready: Newsroom) -> None:
    ready.now = SLOT
    ready.publication = {"imprint": "A long way to say where we are. " * 4_000}
    app = ready.app()
    (made,) = app.compose()
    assert (made.held, made.letters, made.number) == (True, 2, 1)
    assert [incident.kind for incident in made.alerts] == ["held"]
    done = app.deliver()
    assert (done.accepted, done.alerts) == (0, ())
    (error,) = done.failed
    assert error.message.startswith("daily/1 cannot be mailed: the mail is larger than 90 KB")
    assert {letter.state for letter in ready.letters()} == {"planned"}
    assert [error.message for error in app.publish().failed] == [error.message]
    ready.publication = {}
    mended = ready.app()
    done = mended.deliver()
    assert (done.accepted, [(each.kind, each.closed) for each in done.alerts]) == (2, [("held", ready.now)])
    assert set(ready.mailed().values()) == {1}
    assert not write_feed(mended.engine, mended.config), "deliver brought it up to date"
