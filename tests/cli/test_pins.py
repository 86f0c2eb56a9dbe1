"""`stories pin` has a story told, says what it cannot do, and takes it back."""

from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.store import entries
from aggregator.store.engine import reading, writing
from tests.support.entries import entry
from tests.support.workspace import Workspace

NEWSLETTERS = [{"name": name, "title": name.title(), "schedule": "07:00", "max_items": 1} for name in ("daily", "late")]


@pytest.fixture
def stories(tmp_path: Path) -> list[str]:
    space = Workspace(
        tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9", more={"newsletters": NEWSLETTERS}
    )
    app = App(space.config)
    now = app.clock()
    found = [entry(title, published=now, seen=now) for title in ("Ships wait in the bay", "A bridge is built of oak")]
    with writing(app.engine) as conn:
        entries.add(conn, found, news={one.id: True for one in found})
    app.curate()
    with reading(app.engine) as conn:
        judged = [stored.judgement for stored in entries.load(conn, [one.id for one in found]).values()]
    app.close()
    return [judgement.story.value for judgement in judged if judgement is not None]


def test_a_story_is_pinned_told_and_not_pinned_again(stories: list[str], call: Any) -> None:
    _, oak = stories
    assert call("stories", "pin", oak, "--lead").out == f"{oak} leads the next edition of daily, late\n"
    assert call("stories", "pin", oak, "--newsletter", "late", "--undo").out == f"{oak} is pinned no more: late\n"
    assert "it is in the next edition of daily, and leads it" in call("explain", oak).out
    call("compose", "daily", "--now")
    assert "place 1, lead: an editor pinned it there" in " ".join(call("explain", oak).out.split())
    assert call("stories", "pin", oak).out == (
        f"{oak} is in the next edition of late\ndaily told it already, in daily/1: it does not tell it again\n"
    )


def test_what_makes_no_sense_is_refused(stories: list[str], call: Any) -> None:
    ships, _ = stories
    refused = {
        ("--lead", "--undo"): "name one of them",
        ("--undo",): "is not pinned",
        ("--newsletter", "weekly"): "there is no newsletter 'weekly'",
    }
    for options, why in refused.items():
        said = call("stories", "pin", ships, *options)
        assert said.code == 2
        assert why in said.err
