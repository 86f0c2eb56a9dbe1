"""What changed rules would move is seen before it is done; done, it is whole, and no more than that."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from aggregator.pipeline import models, moves
from aggregator.pipeline.moves import Preview, preview
from aggregator.store import journal
from aggregator.store.engine import reading
from aggregator.store.tables import entries, stories
from aggregator.store.tables import journal as journal_table
from tests.support.curating import DAY, Curating
from tests.support.entries import NOW, entry
from tests.support.learned import model

CHIPS = {"slug": "technology", "name": "Technology", "any": ["chip"]}
DUTIES = {"slug": "economy", "name": "Economy", "any": ["tariff"]}
ROCKETS = {"slug": "space", "name": "Space", "any": ["rocket"]}

PLANT = entry("A chip plant is planned in Arizona", "It is to cost twelve billion.")
BARLEY = entry("Growers fear a tariff on barley", "The ministry speaks next week.", published=NOW - DAY, seen=NOW - DAY)
BOTH = entry("A tariff on chip machines from the Netherlands", "", published=NOW - 2 * DAY, seen=NOW - 2 * DAY)
FERRY = entry("The ferry timetable changes", "", published=NOW - 3 * DAY, seen=NOW - 3 * DAY)
OLD = entry("A rocket falls into the sea", "", published=NOW - 60 * DAY, seen=NOW - 60 * DAY)
ALL = (PLANT, BARLEY, BOTH, FERRY, OLD)


@pytest.fixture
def desk(database: str) -> Iterator[Curating]:
    made = Curating(database, more={"categories": [CHIPS, DUTIES]})
    made.curates(*ALL)
    yield made
    made.app.close()


def seen(desk: Curating, since: timedelta = moves.WINDOW, most: int | None = None) -> Preview:
    return preview(desk.app.engine, desk.app.config, since=desk.now - since, most=most)


def said(found: Preview) -> list[tuple[Any, ...]]:
    return [(move.kind, move.before, move.after, [one.entry for one in move.examples]) for move in found.moves]


def everything(desk: Curating) -> list[Any]:
    """All that readers and `explain` may see."""
    tables = (entries, stories, journal_table)
    with reading(desk.app.engine) as conn:
        return [tuple(row) for table in tables for row in conn.execute(select(table).order_by(table.c.id))]


def told(desk: Curating, id_: str) -> list[str]:
    with reading(desk.app.engine) as conn:
        return [event for _, event in journal.read(conn, id_)]


def test_rules_that_stay_move_nothing(desk: Curating) -> None:
    found = seen(desk)
    assert (found.entries, found.moved, found.gained, found.lost, found.resectioned) == (4, 0, 0, 0, 0)
    assert found.moves == ()
    before = everything(desk)
    assert desk.app.resort(moves.WINDOW).moved == 0
    assert everything(desk) == before


def test_what_would_move_is_shown_and_stays(desk: Curating) -> None:
    before = everything(desk)
    desk.says(categories=[CHIPS | {"any": ["chip", "ferry"], "none": ["plant"]}, DUTIES | {"weight": 3}, ROCKETS])
    found = seen(desk)
    assert said(found) == [
        ("category", "technology", "economy", [BOTH.id]),
        ("category", "technology", None, [PLANT.id]),
        ("category", None, "technology", [FERRY.id]),
    ]
    assert (found.entries, found.moved, found.gained, found.lost) == (4, 3, 0, 0)
    assert found.moves[2].examples[0].why == "title has “ferry”"
    assert everything(desk) == before
    assert ("category", None, "space", [OLD.id]) in said(seen(desk, since=90 * DAY)), "as far back as is asked for"


@pytest.mark.parametrize(
    ("categories", "gained", "lost"),
    [
        pytest.param([CHIPS, DUTIES, ROCKETS | {"any": ["growers"], "weight": 0.5}], 1, 0, id="one more"),
        pytest.param([CHIPS], 0, 1, id="one less"),
        pytest.param([CHIPS, DUTIES | {"slug": "trade"}], 1, 1, id="one in place of another"),
    ],
)
def test_a_further_category_is_no_move(desk: Curating, categories: list[Any], gained: int, lost: int) -> None:
    desk.says(categories=categories)
    found = seen(desk)
    assert (found.gained, found.lost) == (gained, lost)
    assert (found.gains.total(), found.losses.total()) == (gained, lost)
    assert BOTH.id not in str(said(found))


def test_only_the_newest_are_looked_at_where_it_must_be_quick(desk: Curating) -> None:
    desk.says(categories=[])
    found = seen(desk, most=2)
    assert (found.entries, found.moved, found.whole) == (2, 2, False)
    assert seen(desk, most=4).whole
    assert seen(desk).whole


def test_sections_move_too(desk: Curating) -> None:
    desk.says(sections=["briefings", {"slug": "talk", "title": "Talk", "titles": ["Growers"]}])
    assert said(seen(desk)) == [("section", "briefings", "talk", [BARLEY.id])]
    assert desk.app.resort(moves.WINDOW).moved == 1
    assert desk.judged(BARLEY).section.value == "talk"
    assert told(desk, BARLEY.id) == ["sorted again: section briefings -> talk"]


def test_what_is_done_is_what_was_seen(desk: Curating) -> None:
    before, ids = desk.stories(), {one.id: desk.story(one) for one in ALL}
    desk.now += DAY
    desk.says(categories=[CHIPS, DUTIES | {"any": ["tariff", "ferry"]}])
    assert said(seen(desk)) == [("category", None, "economy", [FERRY.id])]
    done = desk.app.resort(moves.WINDOW)
    assert (done.entries, done.moved, done.stories) == (4, 1, 1)
    assert seen(desk).moves == ()
    after = desk.stories()
    ferry = ids[FERRY.id]
    assert {one.id: desk.story(one) for one in ALL} == ids
    assert after[ferry].categories == ("economy",)
    assert (after[ferry].updated, after[ferry].lead) == (desk.now, after[ferry].lead)
    assert all(after[id_] == before[id_] for id_ in after if id_ != ferry), "of the others, readers see no change"
    assert told(desk, FERRY.id) == told(desk, ferry) == ["sorted again: no category -> economy"]
    assert "sorted again" in " ".join(desk.explained(FERRY.id).values())
    settled = everything(desk)
    assert desk.app.resort(moves.WINDOW).moved == 0
    assert everything(desk) == settled


def test_what_was_learned_since_moves_entries_too(tmp_path: Path) -> None:
    desk = Curating(f"sqlite:///{tmp_path}/a.db", more={"categories": [CHIPS, DUTIES]})
    desk.curates(*ALL)
    models.keep(tmp_path / "models", "categories", 1, model(["economy", "other", "technology"], {"ferry": (4, 0, 0)}))
    assert said(seen(desk)) == [("category", None, "economy", [FERRY.id])]
    assert seen(desk).moves[0].examples[0].why == "learned: 96%"
    assert desk.app.resort(moves.WINDOW).moved == 1
    assert seen(desk).moves == ()
    desk.app.close()


def test_readers_see_it_on_the_pages_that_it_concerns(tmp_path: Path) -> None:
    desk = Curating("sqlite:///:memory:", output=tmp_path, more={"categories": [CHIPS, DUTIES]})
    desk.curates(*ALL)
    pages = {one.id: tmp_path / "stories" / f"{desk.story(one)}.html" for one in ALL}
    desk.app.publish()
    before = {id_: page.read_text() for id_, page in pages.items()}
    desk.says(categories=[CHIPS, DUTIES | {"any": ["tariff", "ferry"]}])
    desk.app.publish()
    assert {id_: page.read_text() for id_, page in pages.items()} == before
    desk.app.resort(moves.WINDOW)
    desk.app.publish()
    changed = {id_ for id_, page in pages.items() if page.read_text() != before[id_]}
    assert changed == {FERRY.id}
    assert "Economy" in pages[FERRY.id].read_text()
    desk.app.close()


def test_a_reason_that_alone_is_another_is_taken_and_no_news(desk: Curating) -> None:
    before = desk.stories()
    desk.now += DAY
    desk.says(categories=[CHIPS | {"any": ["chip plant", "chip machines"]}, DUTIES])
    assert seen(desk).moves == ()
    done = desk.app.resort(moves.WINDOW)
    assert (done.moved, done.stories) == (0, 0)
    assert desk.judged(PLANT).categories[0].reason == "title has “chip plant”"
    assert desk.stories() == before
    assert told(desk, PLANT.id) == []


def test_what_waits_to_be_curated_is_left_to_it(desk: Curating) -> None:
    desk.says(categories=[ROCKETS])
    desk.meets(changed := entry(**{**_fields(FERRY), "title": "The ferry is a rocket"}))
    assert FERRY.id not in str(said(seen(desk)))
    desk.app.resort(moves.WINDOW)
    assert desk.stored(FERRY).curated is None
    desk.app.curate()
    assert desk.judged(changed).categories[0].slug == "space"


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


class Death(BaseException):
    pass


def test_it_may_die_at_any_point(desk: Curating, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each of its statements in turn; what is left is done by the next run, and no story was told halfway."""
    monkeypatch.setattr(moves, "_SLICE", 2)
    left, engine = 0, desk.app.engine

    @event.listens_for(engine, "before_cursor_execute")
    def die(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Death

    deaths = 0
    for rules in ([CHIPS | {"any": ["plant", "tariff", "ferry"]}], [DUTIES | {"any": ["plant", "tariff", "ferry"]}]):
        desk.says(categories=rules)
        for point in range(1, 200):
            left = point
            try:
                desk.app.resort(moves.WINDOW)
            except Death:
                deaths += 1
            else:
                break
            left = 0
            for one in ALL[:4]:
                first = tuple(scored.slug for scored in desk.judged(one).categories)
                assert desk.stories()[desk.story(one)].categories == first
        left = 0
        assert {desk.judged(one).categories[0].slug for one in ALL[:4]} == {rules[0]["slug"]}
        assert all("->" in line for one in ALL[:4] for line in told(desk, one.id))
    assert deaths > 20
    assert all(len(told(desk, one.id)) <= 2 for one in ALL[:4]), "no move is told twice"


REPORTS = (
    ("wire", "Rescuers say that the tariff on fuel kept the crew from turning back, and count forty passengers."),
    ("gazette", "Two rocket engineers on board called the coast guard at dawn; helicopters searched until noon."),
    ("courier", "The harbour master saw a rocket flare. The owner had asked for new boats since last spring."),
)


def test_a_story_is_told_anew_once_however_its_entries_lie(desk: Curating, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would get its categories one by one, if it were told entry by entry."""
    monkeypatch.setattr(moves, "_SLICE", 1)
    some = []
    for hour, (name, text) in enumerate(REPORTS):
        at = NOW + timedelta(hours=hour)
        some.append(entry("Ferry sinks off the northern cape in a storm", text, source=name, seen=at, published=at))
    desk.curates(*some)
    story = desk.story(some[0])
    assert [(desk.story(one), desk.repeats(one)) for one in some] == [(story, None)] * 3
    desk.says(categories=[ROCKETS, CHIPS | {"any": ["harbour"]}])
    desk.app.resort(moves.WINDOW)
    assert told(desk, story) == ["sorted again: economy -> space, technology"]
