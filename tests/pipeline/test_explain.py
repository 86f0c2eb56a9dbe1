"""What `explain` says of what is not as one would expect."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.app import App
from aggregator.pipeline.explaining.explain import Line, explain
from tests.support.newsroom import BARLEY, CANOLA, DAY, HOUR, MORNING, ROCKET, SAMPLES, SLOT, YUAN, Newsroom


def said(app: App, id_: str) -> list[Line]:
    return explain(app.engine, app.config, id_, app.clock())


def said_of_story(app: App, room: Newsroom, title: str) -> dict[str, str]:
    return dict(said(app, room.stories()[title].id))


def said_of_entry(app: App, room: Newsroom, guid: str) -> dict[str, str]:
    return dict(said(app, room.entries()[guid].entry.id))


def read(room: Newsroom) -> App:
    app = room.app()
    app.poll()
    app.curate()
    return app


def test_a_story_says_why_it_is_in_no_edition(room: Newsroom) -> None:
    room.newsletters.append(
        {"name": "trade", "title": "Trade", "schedule": "09:00 fri", "categories": ["trade"], "max_age": "7d"}
    )
    room.has_source("gazette", BARLEY, ROCKET, replace(CANOLA, published=MORNING - 9 * DAY))
    app = read(room)
    app.compose()
    assert said_of_story(app, room, BARLEY.title)["daily"] == "not told yet: it waits for the slot 2020-05-14T07:00:00Z"
    archived = said_of_story(app, room, CANOLA.title)
    assert archived["daily"] == archived["trade"] == "left out: no news: it was there when its source was polled first"
    rocket = said_of_story(app, room, ROCKET.title)
    assert rocket["trade"] == "left out: the newsletter takes other categories (the story has no category)"
    room.now = SLOT
    app.compose()
    told = said_of_story(app, room, BARLEY.title)
    assert told["daily/1"].startswith("place 1, lead: ")
    assert "daily" not in told
    assert told["trade"] == "not told yet: it waits for the slot 2020-05-15T09:00:00Z"
    room.now += 8 * DAY
    assert said_of_story(app, room, BARLEY.title)["trade"] == (
        "left out: its last news is of 2020-05-14T04:00:00Z, older than 7d at 2020-05-22T09:00:00Z"
    )


@pytest.mark.parametrize(
    ("published", "why"),
    [
        pytest.param(MORNING - 9 * DAY, "older than poll.backfill", id="old"),
        pytest.param(None, "without a date", id="undated"),
        pytest.param(MORNING + DAY, "dated later than that", id="of a day to come"),
    ],
)
def test_an_entry_says_why_it_is_no_news(room: Newsroom, published: datetime | None, why: str) -> None:
    room.has_source("gazette", replace(BARLEY, published=published))
    app = read(room)
    assert said_of_entry(app, room, "barley")["news"] == f"no: it was there when gazette was polled first, {why}"


def test_a_page_that_tells_something_else_now_is_no_duplicate_and_says_so(room: Newsroom) -> None:
    page = "https://gazette.example/live"
    yesterday = replace(BARLEY, link=page, published=MORNING - timedelta(hours=30))
    room.has_source("gazette", yesterday)
    app = read(room)
    room.now += HOUR
    room.tells("gazette", yesterday, replace(ROCKET, link=page, published=MORNING), YUAN)
    app = read(room)
    first = room.entries()["barley"].entry.id
    none = "no: nothing before it had the same text or address when it was judged"
    assert said_of_entry(app, room, "rocket")["duplicate"] == (
        f"no: {first} of gazette has the same address, but is another article"
    )
    assert said_of_entry(app, room, "barley")["duplicate"] == said_of_entry(app, room, "yuan")["duplicate"] == none


def test_a_changed_entry_says_that_it_waits(app: App, room: Newsroom) -> None:
    assert "curated" not in said_of_entry(app, room, "samples")
    room.now += HOUR
    room.tells("gazette", BARLEY, replace(SAMPLES, title="Laboratories were told to hand over virus samples"))
    app.poll()
    waiting = said_of_entry(app, room, "samples")
    assert waiting["curated"].startswith("to be done again: ")
    assert waiting["story"].endswith("the first to tell it")


def test_a_source_and_a_newsletter_of_one_name_both_answer(room: Newsroom) -> None:
    room.has_source("daily", BARLEY)
    app = read(room)
    app.compose()
    lines = said(app, "daily")
    labels = [label for label, _ in lines]
    assert labels.count("source") == labels.count("newsletter") == 1
    assert len(lines) == len(set(lines)), "nothing is said twice"


def test_a_newsletter_that_was_taken_out_still_answers(app: App, room: Newsroom) -> None:
    room.now = SLOT
    app.compose()
    room.newsletters = []
    found = said(room.app(), "daily")
    assert found == [
        ("newsletter", "daily: no longer in feeds.yaml"),
        ("2020-05-14T07:00:00Z", "daily/1: 3 stories, 3 letters"),
    ]


def test_what_a_wrong_clock_decided_is_not_told(app: App, room: Newsroom) -> None:
    room.now = SLOT + 30 * DAY
    app.compose()
    room.now = SLOT
    app.compose()
    assert [text for label, text in said(app, "daily") if label.startswith("2020")] == ["daily/1: 3 stories, 3 letters"]
