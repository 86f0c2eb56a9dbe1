"""Hot topics on the site and in the edition: what is reported now, the hottest first, and no longer than that."""

import json
import re
from dataclasses import replace

import pytest

from aggregator.app import App
from aggregator.pipeline.explaining.explain import explain
from tests.support.newsroom import BARLEY, DAY, HOUR, MORNING, ROCKET, SECOND, SLOT, Article, Newsroom

OUTLETS = ("gazette", "courier", "herald", "tribune")


IN_OTHER_WORDS = {
    "rocket": (
        ("Long March rocket stage falls into the Atlantic", "The core stage was the heaviest in decades."),
        ("Long March rocket stage comes down over the Atlantic", "Off Africa its core stage was seen to burn."),
        ("Atlantic: stage of a Long March rocket falls from orbit", "Nobody steered the heavy core stage."),
        ("Long stage of the Long March rocket falls in Atlantic", "Pieces of the core stage reached villages."),
    ),
    "barley": (
        ("Australian barley: Beijing weighs high duties", "Eighty per cent are spoken of, growers say."),
        ("Beijing weighs duties on Australian barley", "Growers in four states wait for the tariff."),
        ("Duties on barley from Australian growers weighed in Beijing", "Canberra asks for talks on the tariff."),
        ("Beijing weighs barley duties as Australian growers wait", "The harvest is sown, the tariff unknown."),
    ),
    "dam": (
        ("A dam on the upper river is filled", "Four valleys are under water since Monday."),
        ("Upper river: new dam filled to the brim", "Villages of four valleys were left in spring."),
        ("River dam filled, four valleys under water", "The upper locks were closed on Monday."),
        ("Filled at last: dam of the upper river", "Where four valleys were, there is water."),
    ),
}


def retold(article: Article, outlet: str) -> Article:
    """In an outlet's own words."""
    title, summary = IN_OTHER_WORDS[article.guid][OUTLETS.index(outlet)]
    return replace(article, guid=f"{article.guid}-{outlet}", title=title, summary=summary)


@pytest.fixture
def hot(room: Newsroom) -> Newsroom:
    """Barley is told by three, the rocket by four; polled and curated."""
    for at, outlet in enumerate(OUTLETS):
        told = [retold(ROCKET, outlet), *([retold(BARLEY, outlet)] if at else [])]
        room.has_source(outlet, *told)
    around(room.app())
    return room


def around(app: App) -> None:
    app.poll()
    app.curate()
    app.publish()


def listed(room: Newsroom, section: str) -> list[str]:
    """The first words of the headlines on a section's page."""
    page = (room.out / "sections" / section / "index.html").read_text()
    return re.findall(r'class="headline">.*?stories/s\w+\.html"[^>]*>(\w+)', page)


def test_hot_topics_are_listed_by_their_heat(hot: Newsroom) -> None:
    assert listed(hot, "hot-topics") == ["Long", "Beijing"]
    assert listed(hot, "briefings") == []
    heats = [story.heat for story in sorted(hot.stories().values(), key=lambda one: -one.heat)]
    assert heats[0] > heats[1] > 0


def test_within_the_hour_the_site_keeps_its_bytes(hot: Newsroom) -> None:
    before = hot.files()
    hot.now += HOUR - SECOND
    around(hot.app())
    assert hot.files() == before


def test_a_topic_that_nobody_tells_any_more_is_not_hot(hot: Newsroom) -> None:
    times = {title: story.updated for title, story in hot.stories().items()}
    hot.now += DAY
    curated = hot.app().curate()
    assert (curated.entries, curated.stories) == (0, 2)
    hot.app().publish()
    assert listed(hot, "hot-topics") == []
    assert sorted(listed(hot, "briefings")) == ["Beijing", "Long"]
    assert {title: story.updated for title, story in hot.stories().items()} == times, "no news of the story"
    assert b"<entry>" not in (hot.out / "sections/hot-topics/atom.xml").read_bytes()
    assert hot.app().curate().stories == 0


def test_an_edition_has_the_hottest_first(hot: Newsroom) -> None:
    for at, outlet in enumerate(OUTLETS[:3]):
        third = Article("dam", "A dam on the upper river is filled", "Four valleys are under water since Monday.")
        told = [retold(ROCKET, outlet), *([retold(BARLEY, outlet)] if at else []), retold(third, outlet)]
        hot.tells(outlet, *told)
    hot.met_newsletters(MORNING)
    hot.now = SLOT
    app = hot.app()
    around(app)
    app.compose()
    (kept,) = hot.editions()
    data = json.loads(kept.data)
    (section,) = (section for section in data["sections"] if section["slug"] == "hot-topics")
    heat = {story.id: story.heat for story in hot.stories().values()}
    shown = [heat[item["story"]] for item in section["items"]]
    assert len(shown) == 2
    assert shown == sorted(shown, reverse=True)


def test_explain_tells_how_hot_a_story_is_and_until_when_it_is_open(hot: Newsroom) -> None:
    app = hot.app()
    story = next(story for title, story in hot.stories().items() if title.startswith("Beijing"))
    lines = dict(explain(app.engine, app.config, story.id, hot.now))
    assert lines["heat"] == (
        "4.50 (sources 3.00 × weight 1.00 × speed 1.50): 3 outlets told it in their own words within 24 h; "
        "hot-topics takes 3 and more"
    )
    assert lines["open"] == "until 2020-05-17T04:00:00Z, unless there is news of it before: story_window is 3d"
    later = dict(explain(app.engine, app.config, story.id, hot.now + 4 * DAY))
    assert later["closed"] == "since 2020-05-17T04:00:00Z: 3d without news (story_window)"
    assert later["heat"].startswith("none: 0 outlets told it")
