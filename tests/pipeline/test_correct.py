"""What an editor says of an entry holds against the rules, is explained, can be taken back, and is an example."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.errors import UsageError
from aggregator.model import Entry
from aggregator.store import decisions, examples, retractions
from aggregator.store.engine import reading, writing
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

HOUR = timedelta(hours=1)
TEXT = (
    "The ministry said on Thursday that the plant would be built within three years and cost the province a third. "
    "Workers for it are to be trained in two schools of the valley, and a bus line leads there from the spring on. "
)
CATEGORIES = [
    {"slug": "technology", "name": "Technology", "any": ["chip"]},
    {"slug": "economy", "name": "Economy", "any": ["duties"]},
    {"slug": "society", "name": "Society", "any": ["school"]},
]


def room(database: str, **more: Any) -> Curating:
    return Curating(database, more={"categories": CATEGORIES} | more)


@pytest.fixture
def desk(database: str) -> Iterator[Curating]:
    made = room(database)
    yield made
    made.app.close()


def plant(source: str = "wire", hours: int = 0, text: str = TEXT, **values: Any) -> Entry:
    at = NOW + hours * HOUR
    said: dict[str, Any] = {"title": "TSMC plans a chip plant in Arizona", "published": at, "seen": at}
    return entry(summary=text, source=source, **said | values)


def about(desk: Curating, one: Entry) -> tuple[str, ...]:
    return tuple(scored.slug for scored in desk.judged(one).categories)


def taught(desk: Curating, kind: examples.Kind = "categories") -> dict[str, str]:
    with reading(desk.app.engine) as conn:
        return {one.title: one.label for one in examples.load(conn, kind)}


def test_an_entry_is_moved_with_its_story_and_stays_when_its_publisher_changes_it(desk: Curating) -> None:
    one = plant()
    desk.curates(one)
    assert about(desk, one) == ("technology", "society")
    desk.now = NOW + HOUR
    desk.app.desk.move(one.id, ["economy", "society"], "analyses")
    assert about(desk, one) == ("economy", "society")
    (story,) = desk.stories().values()
    assert (story.categories, story.section, story.updated) == (("economy", "society"), "analyses", NOW + HOUR)
    desk.rewrites(one, title="TSMC plans a second chip plant")
    assert about(desk, one) == ("economy", "society")
    assert desk.judged(one).section.value == "analyses"
    said = desk.explained(one.id)
    assert said["section"] == "analyses: an editor put it there, 2020-05-14T13:00:00Z"
    assert "an editor moved it here, 2020-05-14T13:00:00Z" in said["category"]


def test_what_the_rules_say_is_explained_beside_it(desk: Curating) -> None:
    one = plant()
    desk.curates(one)
    desk.app.desk.move(one.id, [], "perspectives")
    said = desk.explained(one.id)
    assert said["category"] == "none: an editor said so, 2020-05-14T12:00:00Z"
    assert said["the rules say"].startswith("briefings: ")
    lines = [text for label, text in desk.lines(one.id) if label == "the rules say"]
    assert "Technology" in lines[0]
    assert "chip" in lines[0]


def test_none_applies_to_the_story_either(desk: Curating) -> None:
    one = plant()
    desk.curates(one)
    desk.app.desk.move(one.id, [])
    assert about(desk, one) == ()
    assert [story.categories for story in desk.stories().values()] == [()]


def test_the_votes_of_a_story_are_told(tmp_path: Path) -> None:
    desk = room(f"sqlite:///{tmp_path / 'desk.db'}")
    found = plant(text="It was said."), *(
        plant(source, hour, text=f"{words} in schools.", title="TSMC plans an Arizona plant", author=source)
        for hour, (source, words) in enumerate([("gazette", "Workers are trained"), ("courier", "Courses begin")], 1)
    )  # fmt: skip
    desk.curates(*found)
    (story,) = desk.stories()
    said = desk.explained(story)
    assert said["categories"] == "society, technology"
    assert said["votes"] == "society 2, technology 1, of 3 entries"
    assert said["kicker"].startswith(f"society instead of technology since {found[2].id} came")
    desk.app.desk.move(found[1].id, ["economy"])
    assert desk.explained(story)["an editor said"].startswith("economy, 2020-05-14T12:00:00Z, of ")
    assert "kicker" not in desk.explained(story)


def test_broader_categories_follow(tmp_path: Path) -> None:
    within = [{"slug": "chips", "name": "Chips", "within": ["technology"]}]
    desk, one = room(f"sqlite:///{tmp_path / 'desk.db'}", categories=[*CATEGORIES, *within]), plant()
    desk.curates(one)
    desk.app.desk.move(one.id, ["chips"])
    assert about(desk, one) == ("chips", "technology")
    assert [story.categories for story in desk.stories().values()] == [("chips", "technology")]
    assert desk.judged(one).categories[1].reason == "chips lies within it"


def test_a_word_on_a_copy_is_one_on_its_article(desk: Curating) -> None:
    first, copy = plant(), plant("gazette", 1)
    desk.curates(first, copy)
    assert desk.repeats(copy) == first.id
    done = desk.app.desk.move(copy.id, ["economy"])
    assert done.entry == first.id
    assert about(desk, first) == ("economy",)


def test_what_leads_an_article_later_has_the_word_on_it_and_frees_it(desk: Curating) -> None:
    """An agency's text that comes after those that repeat it."""
    first = plant("gazette", text=f"ARIZONA (The Wire) - {TEXT}")
    desk.curates(first)
    desk.app.desk.move(first.id, ["economy"], "analyses")
    agency = plant("wire", 1, title=first.title, author="The Wire")
    with writing(desk.app.engine) as conn:
        conn.exec_driver_sql("UPDATE sources SET title = 'The Wire' WHERE source = 'wire'")
    desk.curates(agency)
    assert desk.repeats(first) == agency.id
    assert about(desk, agency) == ("economy",)
    assert desk.judged(agency).section.value == "analyses"
    desk.rewrites(agency, author="The Wire, Arizona")
    assert about(desk, agency) == ("economy",), "also when it is judged again"
    desk.app.desk.free(agency.id)
    assert about(desk, agency) == ("technology", "society")
    assert taught(desk) == {}


def test_it_is_an_example_until_it_is_taken_back(desk: Curating) -> None:
    one, other = plant(), plant("wire", 1, title="Schools in the valley", text="")
    desk.curates(one, other)
    desk.app.desk.move(one.id, ["economy", "society"])
    desk.app.desk.move(other.id, [], "analyses")
    desk.app.desk.move(one.id, ["society"])
    assert taught(desk) == {one.title: "society", other.title: "other"}
    assert taught(desk, "sections") == {other.title: "analyses"}
    desk.app.desk.free(other.id)
    assert taught(desk) == {one.title: "society"}
    assert taught(desk, "sections") == {}
    assert about(desk, other) == ("society",)
    assert "the rules decide on" in desk.explained(other.id)["an editor"]


def test_words_hold_when_all_is_curated_from_scratch(desk: Curating, tmp_path: Path) -> None:
    found = plant(), plant("gazette", 1), plant("courier", 2, title="Schools in the valley", text="A bus line.")
    desk.curates(*found)
    desk.app.desk.move(found[1].id, ["economy"])
    desk.app.desk.move(found[2].id, ["economy"], "perspectives")
    desk.app.desk.free(found[2].id)
    with reading(desk.app.engine) as conn:
        decided = decisions.everything(conn)
    again = room(f"sqlite:///{tmp_path / 'again.db'}")
    with writing(again.app.engine) as conn:
        decisions.add(conn, decided)
    again.curates(*found)
    assert [again.judged(one).categories for one in found] == [desk.judged(one).categories for one in found]
    assert [about(again, one) for one in found] == [("economy",), about(desk, found[1]), ("society",)]
    assert {story.categories for story in again.stories().values()} == {
        story.categories for story in desk.stories().values()
    }
    again.app.close()


def test_a_category_that_is_no_more_is_said_in_vain(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    desk, one, other = room(database), plant(), plant("wire", 1, title="Schools in the valley", text="")
    desk.curates(one, other)
    desk.app.desk.move(one.id, ["economy"])
    desk.app.desk.move(other.id, ["economy", "technology"])
    later = room(database, categories=[each for each in CATEGORIES if each["slug"] != "economy"])
    for each in (one, other):
        later.rewrites(each, author="A. Writer")
    assert about(later, one) == ("technology", "society")
    assert about(later, other) == ("technology",)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unknown", "there is no entry 'enone'"),
        ("not curated", "is not curated yet"),
        ("held", "is held for review"),
        ("taken back", "was taken back"),
        ("not moved", "no editor has moved"),
    ],
)
def test_what_cannot_be_moved_is_refused(tmp_path: Path, state: str, words: str) -> None:
    desk, one = room(f"sqlite:///{tmp_path / 'desk.db'}"), plant()
    desk.meets(one)
    with writing(desk.app.engine) as conn:
        if state == "held":
            conn.exec_driver_sql("UPDATE entries SET held = 'a flood'")
        if state == "taken back":
            retractions.retract(conn, {one.id: "wrong"}, NOW)
    if state == "not moved":
        desk.app.curate()
    asked = "enone" if state == "unknown" else one.id
    with pytest.raises(UsageError, match=words):
        desk.app.desk.free(asked) if state == "not moved" else desk.app.desk.move(asked, ["economy"])
    with reading(desk.app.engine) as conn:
        assert decisions.everything(conn) == []
        assert list(examples.load(conn, "categories")) == []
