"""Curating, step by step: what is stored, how it is cut into runs and what publishers change decide no story."""

import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from aggregator.model import Entry
from aggregator.store import index
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = (
    "The ministry said on Thursday that the plant would be built within three years and cost the province a third. " * 8
)


@pytest.fixture
def desk(database: str) -> Iterator[Curating]:
    made = Curating(database)
    yield made
    made.app.close()


PLANT = "TSMC plans a chip plant in Arizona"
WEAK = "TSMC looks for workers in Arizona as schools add courses and bus lines"


@pytest.mark.parametrize("at_once", [True, False], ids=["one run", "one run each"])
def test_copies_of_one_text_are_no_further_evidence(desk: Curating, at_once: bool) -> None:  # noqa: FBT001  a table of cases
    """What joins no single report joins no story of one report and its copies."""
    copies = [
        entry(PLANT, LONG, source=source, published=NOW - 9 * HOUR + number * HOUR, seen=NOW + number * HOUR)
        for number, source in enumerate(("wire", "gazette", "courier") * 3)
    ]
    weak = entry(WEAK, published=NOW, seen=NOW + DAY)
    runs = [(*copies, weak)] if at_once else [(one,) for one in (*copies, weak)]
    for run in runs:
        desk.curates(*run)
    assert [desk.repeats(one) for one in copies] == [None] + [copies[0].id] * 8
    assert desk.story(weak) != desk.story(copies[0])


_ENDS = ("a", "elo", "ik", "ono", "umi", "kos", "lan", "met", "nur")
WORDS = [f"{first}{last}" for first in ("bar", "can", "tar", "har", "min", "chi", "wat", "sen") for last in _ENDS]
MANY_WORDS = [f"{one}{other}" for one in WORDS[::3] for other in WORDS[::5]]
ABOUT: list[dict[str, Any]] = [
    {"slug": first, "name": first.title(), "any": [f"{first}*"], "within": within}
    for first, within in (("bar", []), ("can", ["bar"]), ("tar", []), ("har", []))
]


def weeks(chance: random.Random) -> list[Entry]:
    """Three weeks of events, each with words of its own, in several sources, some word for word, in any order."""
    events = [(chance.sample(MANY_WORDS, 9), chance.randrange(500)) for _ in range(16)]
    made: list[Entry] = []
    for number in range(80):
        words, hours = chance.choice(events)
        title, summary = (
            " ".join(chance.choices([*words, *chance.sample(MANY_WORDS, 3)], k=count)) for count in (6, 30)
        )
        same = chance.choice(made) if made and chance.random() < 0.2 else None
        made.append(
            entry(
                same.title if same else title,
                same.summary if same else summary,
                source=chance.choice(["wire", "gazette", "courier"]),
                published=NOW - timedelta(hours=hours + chance.randrange(90)),
                seen=NOW + timedelta(minutes=number // 20),
            )
        )
    return sorted(made, key=lambda one: (one.seen, one.when, one.id))


@pytest.mark.parametrize("seed", range(2))
def test_how_curating_is_cut_into_runs_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    found = weeks(random.Random(seed))
    outcomes = []
    for name, size, held in (
        ("at once", len(found), 20_000),
        ("in fifths, forgetting", len(found), 5),
        ("by sevens", 7, 20_000),
        ("one by one", 1, 20_000),
    ):
        for limit in ("_HELD_STORIES", "_HELD_TERMS"):
            monkeypatch.setattr(import_module("aggregator.curate.stories"), limit, held)
        monkeypatch.setattr(
            import_module("aggregator.pipeline.curate"), "_BATCH", len(found) // 5 if held == 5 else 250
        )
        desk = Curating(f"sqlite:///{tmp_path / name}.db", more={"categories": ABOUT})
        for start in range(0, len(found), size):
            desk.curates(*found[start : start + size])
        judgements = {one.id: (desk.judged(one).story, desk.judged(one).duplicate_of) for one in found}
        outcomes.append((judgements, desk.stories()))
        desk.app.close()
    assert outcomes[0] == outcomes[1] == outcomes[2] == outcomes[3]
    assert any(story.related for story in outcomes[0][1].values())
    assert any(len(story.categories) > 1 and len(story.originals) > 1 for story in outcomes[0][1].values())
    placed = Counter(story.value for story, _ in outcomes[0][0].values())
    assert 10 < len(placed) < len(found), "some are joined, and not all"


def test_what_is_older_than_the_first_batch_is_joined_as_well(desk: Curating) -> None:
    """A slow source tells in the second batch what another told a month ago and in the run before."""
    told = entry(PLANT, LONG, published=NOW - 30 * DAY, seen=NOW - 30 * DAY)
    desk.curates(told)
    fill = [
        entry(f"{number} {WORDS[number]}", published=NOW, seen=NOW, source="gazette", guid=f"fill{number}")
        for number in range(60)
    ]
    late = entry(PLANT, "The province pays a third of it.", published=NOW - 29 * DAY, seen=NOW + HOUR, source="courier")
    desk.curates(*fill, late)
    assert desk.story(late) == desk.story(told)


def test_an_old_entry_does_not_bring_everything_into_memory(desk: Curating, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []

    def counted(conn: Connection, numbers: Collection[int]) -> list[index.Profiled]:
        found = read_profiles(conn, numbers)
        loaded.append(len(found))
        return found

    read_profiles = index.read_profiles
    monkeypatch.setattr(index, "read_profiles", counted)
    desk.curates(*(entry(f"TSMC and the {WORDS[n]} of Arizona", published=NOW - 5 * n * DAY) for n in range(60)))
    assert len(desk.stories()) > 40
    del loaded[:]
    desk.curates(entry(PLANT, LONG, published=NOW - 30 * DAY, seen=NOW))
    assert 0 < sum(loaded) <= 15, "the nearest open ones and some others, of 60 that share a word"


OTHER = "Growers in four states wait for the tariff that the minister has announced, and look for other harbours. " * 8


def test_a_copy_that_is_rewritten_speaks_for_itself_in_its_story(desk: Curating) -> None:
    first, copy = entry(PLANT, LONG, source="wire"), entry("Arizona plant planned", LONG, source="gazette")
    desk.curates(first, copy)
    assert desk.repeats(copy) == first.id
    desk.rewrites(copy, summary=OTHER)
    assert desk.repeats(copy) is None
    assert desk.story(copy) == desk.story(first)
    (story,) = desk.stories().values()
    assert {report.entry for report in story.originals} == {first.id, copy.id}


def test_when_the_original_changes_its_text_its_copies_are_judged_again(desk: Curating) -> None:
    first, *copies = (entry(PLANT, LONG, source=source) for source in ("wire", "gazette", "courier"))
    desk.curates(first, *copies)
    assert [desk.repeats(copy) for copy in copies] == [first.id] * 2
    desk.rewrites(first, summary=OTHER)
    assert [desk.repeats(one) for one in (first, *copies)] == [None, None, copies[0].id]
    assert {desk.story(one) for one in (first, *copies)} == {desk.story(first)}


def test_an_original_that_is_changed_does_not_repeat_its_own_copy(desk: Curating) -> None:
    address = "wire.example/plant"
    first = entry(PLANT, LONG, canonical_url=address)
    copy = entry(PLANT, LONG, source="gazette", canonical_url=address)
    desk.curates(first, copy)
    desk.rewrites(first, summary=OTHER)
    assert (desk.repeats(first), desk.repeats(copy)) == (None, first.id)
    desk.rewrites(copy, title=f"{PLANT}, ministry says")
    assert (desk.repeats(first), desk.repeats(copy)) == (None, first.id)


def test_what_becomes_a_copy_keeps_its_story_and_its_copies_follow_the_first(desk: Curating) -> None:
    first, late = entry(PLANT, LONG, source="wire"), entry("Barley growers wait", OTHER, source="gazette")
    desk.curates(first, late)
    stood = desk.story(late)
    desk.rewrites(late, title=PLANT, summary=LONG)
    assert (desk.repeats(late), desk.story(late)) == (first.id, stood)
    third = entry(PLANT, LONG, source="courier", seen=NOW + 2 * DAY)
    desk.curates(third)
    assert (desk.repeats(third), desk.story(third)) == (first.id, desk.story(first))


def test_a_corrected_date_or_category_is_taken_over_and_is_no_news(desk: Curating) -> None:
    one = entry(PLANT, LONG)
    desk.meets(one, news=False)
    desk.app.curate()
    before = desk.stories()[desk.story(one)]
    desk.now = NOW + DAY
    desk.rewrites(one, published=NOW - 9 * DAY)
    after = desk.stories()[desk.story(one)]
    assert (after.first_published, after.last_published) == (NOW - 9 * DAY, NOW - 9 * DAY)
    assert after.updated == NOW + DAY > before.updated
    desk.rewrites(replace(one, published=NOW - 9 * DAY), tags=("opinion",))
    assert desk.stories()[desk.story(one)].section == "perspectives"
    assert not desk.stored(one).news
    assert not after.news


def test_a_feed_that_dates_everything_to_the_present_changes_nothing_from_the_second_time_on(desk: Curating) -> None:
    one = entry(PLANT, LONG, published=NOW - HOUR)
    desk.curates(one)
    changed = [
        desk.meets(replace(one, published=NOW + hours * HOUR, seen=NOW + (hours + 1) * HOUR)).changed
        for hours in range(1, 4)
    ]
    assert changed == [(one.id,), (), ()]
    assert desk.stored(one).entry.when == NOW
