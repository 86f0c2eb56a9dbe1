"""A preview shows what would be, on both databases, and leaves everything as it was."""

from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from aggregator.app import App
from aggregator.demo.week import NOW, week
from aggregator.edit.compose import from_json
from aggregator.errors import StoreError
from aggregator.pipeline import preview, preview_pages
from aggregator.store.engine import open_to_read, reading, writing
from aggregator.store.tables import newsletters
from tests.support.newsroom import DAY, ROCKET, SLOT, Newsroom, opened
from tests.support.workspace import ROOT

OURS = (ROOT / "templates",)


def test_what_is_shown_is_what_is_composed_and_published_then(app: App, room: Newsroom) -> None:
    room.now = SLOT
    shown = app.material()
    (draft,) = shown.drafts
    before, pages = preview.state_of(app.reader), preview_pages.catalogue(shown, OURS)
    made = {path: make() for path, make in pages.items()}
    assert (room.editions(), room.files()) == ([], {})
    app.compose()
    app.publish()
    (kept,) = room.editions()
    assert from_json(kept.data) == draft
    published = {path: data for path, (_, data) in room.files().items()}
    both = made.keys() & published.keys()
    assert {"index.html", "editions/daily/1/email.html", "editions/daily/1/index.html", "atom.xml"} <= both
    assert {path for path in both if made[path] != published[path]} == set()
    assert made.keys() - published.keys() == {
        f"stories/{preview_pages.WITHDRAWN}.html",
        f"stories/{preview_pages.MOVED}.html",
    }
    assert preview.state_of(app.reader) != before
    later = app.material()
    assert (later.drafts, later.editions) == ((), (draft,))
    assert later.edition("daily") == later.edition("daily", 1) == draft
    assert later.edition("daily", 2) is None


def test_new_stories_are_noticed_and_nothing_can_be_written(app: App, room: Newsroom) -> None:
    before = preview.state_of(app.reader)
    assert preview.state_of(app.reader) == before
    room.now += DAY
    room.tells("courier", replace(ROCKET, guid="other", title="A second stage falls on a village", link=None))
    app.poll(force=True)
    app.curate()
    assert preview.state_of(app.reader) != before
    row = {"newsletter": "x", "schedule": "x", "zone": "UTC", "since": SLOT}
    with pytest.raises((StoreError, DBAPIError), match=r"readonly|read-only"), writing(app.reader) as conn:
        conn.execute(insert(newsletters), row)
    with reading(app.engine) as conn:
        assert conn.execute(text("SELECT count(*) FROM newsletters WHERE newsletter = 'x'")).scalar() == 0


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        open_to_read(f"sqlite:///{tmp_path / 'state' / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_told_and_left(tmp_path: Path) -> None:
    with opened(tmp_path, f"sqlite:///{tmp_path / 'a.db'}") as room:
        room.has_source("gazette")
        app = room.app()
        with writing(app.engine) as conn:
            conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        with pytest.raises(StoreError, match="of another version"):
            app.material()
        with reading(app.engine) as conn:
            assert conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0000"


# --- samples ---------------------------------------------------------------------------------------------


def test_samples_stand_in_whatever_is_configured(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite:///:memory:") as room:
        room.has_source("gazette")
        room.newsletters = [{"name": "daily", "title": "The Daily", "schedule": "07:00", "categories": ["trade"]}]
        shown = preview.from_sample(room.app().config, week(), NOW)
    assert {slug for story in shown.stories for slug in story.categories} == {"trade"}
    (draft,), (before,) = shown.drafts, shown.editions
    assert (draft.number, before.number) == (2, 1)
    assert draft.lead is not None
    assert before.lead is not None
    assert {item.story for item in draft.items}.isdisjoint(item.story for item in before.items)
    assert {"zh", "en"} <= {(story.language or "").partition("-")[0] for story in shown.stories}


def test_samples_are_of_the_sample_sources() -> None:
    """Our own words; and every story that is named is there."""
    folder = ROOT / "aggregator" / "demo" / "sources"
    words = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    titles = {report.title for story in week() for report in story.reports}
    assert len(titles) > 40
    assert {title for title in titles if _spaceless(title) not in _spaceless(unescape(words))} == set()
    known = {story.id for story in week()}
    assert {other for story in week() for other in story.related} <= known


def _spaceless(text: str) -> str:
    return "".join(text.split())
