"""What an editor decides of stories is kept, explained, and holds against every later run."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import UsageError
from aggregator.model import Entry
from aggregator.pipeline.desk import examples
from aggregator.store import decisions, editions, entries
from aggregator.store.engine import reading, writing
from aggregator.store.tables import told
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

HOUR = timedelta(hours=1)
TEXT = (
    "The ministry said on Thursday that the plant would be built within three years and cost the province a third. "
    "Workers for it are to be trained in two schools of the valley, and a bus line leads there from the spring on. "
)


@pytest.fixture
def desk(database: str) -> Iterator[Curating]:
    made = Curating(database)
    yield made
    made.app.close()


def plant(source: str, hours: int = 0, text: str = TEXT, title: str = "TSMC plans a chip plant in Arizona") -> Entry:
    at = NOW + hours * HOUR
    return entry(title, text, source=source, published=at, seen=at)


BARLEY = (
    "Growers in four states wait for the tariff on barley that the minister in Beijing has announced for the autumn."
)


def barley(source: str = "wire", hours: int = 0) -> Entry:
    at = NOW + hours * HOUR
    return entry("Beijing weighs duties on Australian barley", BARLEY, source=source, published=at, seen=at)


def lead_and_copies(desk: Curating) -> tuple[Entry, Entry, Entry]:
    found = plant("wire"), plant("gazette", 1), plant("courier", 2)
    desk.curates(*found)
    assert [desk.repeats(one) for one in found] == [None, found[0].id, found[0].id]
    return found


def test_merged_stories_are_one_under_the_first_id(desk: Curating) -> None:
    one, other = plant("wire"), barley("gazette")
    desk.curates(one, other)
    kept, gone = desk.story(one), desk.story(other)
    assert kept != gone
    desk.app.desk.merge(kept, gone)
    assert set(desk.stories()) == {kept}
    assert {report.entry for report in desk.stories()[kept].reports} == {one.id, other.id}
    assert desk.explained(gone)["story"] == f"{gone}: an editor merged it into {kept}"
    assert f"{gone} is told in {kept}" in desk.explained(kept)["an editor"]


def test_what_joins_a_merged_story_joins_the_one_that_is_left(desk: Curating) -> None:
    one, other = plant("wire"), barley("gazette")
    desk.curates(one, other)
    desk.app.desk.merge(desk.story(one), desk.story(other))
    later = barley("courier", 3)
    desk.curates(later)
    assert desk.story(later) == desk.story(one)


def test_whoever_told_the_merged_story_has_told_the_other(desk: Curating) -> None:
    one, other = plant("wire"), barley("gazette")
    desk.curates(one, other)
    with writing(desk.app.engine) as conn:
        conn.execute(told.insert().values(newsletter="daily", story=desk.story(other), number=3))
    kept = desk.story(one)
    desk.app.desk.merge(kept, desk.story(other))
    with reading(desk.app.engine) as conn:
        assert editions.told_by(conn, kept) == {"daily": 3}


def test_split_entries_stand_in_a_story_of_their_own_with_their_copies(desk: Curating) -> None:
    first, copy, last = lead_and_copies(desk)
    other = barley("wire", 3)
    desk.curates(other)
    story = desk.story(first)
    desk.app.desk.merge(story, desk.story(other))
    founded = desk.app.desk.split(story, [first.id])
    assert {desk.story(one) for one in (first, copy, last)} == {founded}
    assert desk.story(other) == story
    assert set(desk.stories()) == {story, founded}
    assert desk.stories()[story].lead.entry == other.id
    assert f"was split from {story}" in desk.explained(first.id)["an editor"]


def test_a_copy_that_is_split_off_speaks_for_itself_and_the_rest_follows_the_first(desk: Curating) -> None:
    first, copy, last = lead_and_copies(desk)
    founded = desk.app.desk.split(desk.story(first), [copy.id])
    assert (desk.story(copy), desk.repeats(copy)) == (founded, None)
    assert desk.repeats(last) == first.id
    again = plant("herald", 4)
    desk.curates(again)
    assert desk.repeats(again) == first.id


def test_what_a_lead_leaves_behind_has_a_lead_of_its_own(desk: Curating) -> None:
    first, copy, last = lead_and_copies(desk)
    story = desk.story(first)
    founded = desk.app.desk.split(story, [copy.id, last.id])
    assert [desk.repeats(one) for one in (first, copy, last)] == [None, None, copy.id]
    assert [desk.story(one) for one in (first, copy, last)] == [story, founded, founded]


def test_what_is_no_duplicate_stays_none_even_when_it_changes(desk: Curating) -> None:
    first, copy, _last = lead_and_copies(desk)
    desk.app.desk.unduplicate(copy.id)
    assert desk.repeats(copy) is None
    assert len(desk.stories()[desk.story(first)].originals) == 2
    desk.rewrites(copy, summary=f"{TEXT}It was said again on Friday.")
    assert desk.repeats(copy) is None
    assert f"{copy.id} does not repeat" in desk.explained(copy.id)["an editor"]


def test_decisions_hold_when_all_is_curated_from_scratch(desk: Curating, tmp_path: Path) -> None:
    found = *lead_and_copies(desk), barley("wire", 3), barley("gazette", 4)
    desk.curates(*found[3:])
    desk.app.desk.unduplicate(found[1].id)
    founded = desk.app.desk.split(desk.story(found[0]), [found[2].id])
    desk.app.desk.merge(founded, desk.story(found[3]))
    with reading(desk.app.engine) as conn:
        decided = decisions.everything(conn)
    again = Curating(f"sqlite:///{tmp_path / 'again.db'}")
    with writing(again.app.engine) as conn:
        decisions.add(conn, decided)
    again.curates(*found)
    assert placed(again, found) == placed(desk, found)
    again.app.close()


def placed(desk: Curating, found: Sequence[Entry]) -> list[tuple[str, str | None]]:
    return [(desk.story(one), desk.repeats(one)) for one in found]


def test_what_was_split_can_be_merged_again(desk: Curating) -> None:
    first, copy, _last = lead_and_copies(desk)
    story = desk.story(first)
    founded = desk.app.desk.split(story, [copy.id])
    desk.app.desk.merge(story, founded)
    assert set(desk.stories()) == {story}
    other = desk.app.desk.split(story, [copy.id])
    assert other not in {story, founded}
    assert desk.story(copy) == other


def test_what_cannot_be_decided_is_refused_and_nothing_is_changed(desk: Curating) -> None:
    first, _copy, last = lead_and_copies(desk)
    story = desk.story(first)
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: desk.app.desk.merge(story, "snone"), "there is no story 'snone'"),
        (lambda: desk.app.desk.merge(story, story), "are one story"),
        (lambda: desk.app.desk.split(story, ["enone"]), "enone is not in"),
        (lambda: desk.app.desk.split(story, [first.id, last.id]), "has no other entries"),
        (lambda: desk.app.desk.unduplicate(first.id), "is no duplicate"),
    ]
    for decide, words in refused:
        with pytest.raises(UsageError, match=words):
            decide()
    with reading(desk.app.engine) as conn:
        assert decisions.everything(conn) == []
        assert len(entries.of_story(conn, story)) == 3


def test_decisions_are_examples_to_measure_by(desk: Curating) -> None:
    first, copy, _last = lead_and_copies(desk)
    founded = desk.app.desk.split(desk.story(first), [copy.id])
    assert {(entry.id, story) for entry, story in examples(desk.app.engine)} == {
        (first.id, desk.story(first)),
        (copy.id, founded),
    }


def test_a_pair_is_explained_as_texts_and_as_events(desk: Curating) -> None:
    first, copy, _last = lead_and_copies(desk)
    other = barley("wire", 3)
    desk.curates(other)
    alike = desk.explained(first.id, copy.id)
    assert alike["duplicate"] == f"yes: {first.id} leads both"
    assert alike["story"] == f"one: {desk.story(first)}"
    assert alike["as events"] == "alike: the headline of story of the other word for word"
    apart = desk.explained(first.id, other.id)
    assert apart["as texts"].startswith("not the same article: the headlines are not the same; 0%")
    assert apart["as events"].startswith("not alike")
    assert desk.explained(desk.story(first), desk.story(other))["as events"].startswith("not alike")
    with pytest.raises(UsageError, match="no entry or story"):
        desk.explained(first.id, "enone")


def test_the_address_of_a_merged_story_leads_to_the_other_and_feeds_tell_that_it_is_gone(
    database: str, tmp_path: Path
) -> None:
    desk, one, other = Curating(database, output=tmp_path / "out"), plant("wire"), barley("gazette")
    desk.curates(one, other)
    kept, gone = desk.story(one), desk.story(other)
    desk.app.publish()
    desk.app.desk.merge(kept, gone)
    desk.app.publish()
    desk.app.close()
    page = (tmp_path / "out" / "stories" / f"{gone}.html").read_text()
    assert f'content="0; url={kept}.html"' in page
    assert f'<a href="{kept}.html">{one.title}</a>' in page
    feed = (tmp_path / "out" / "atom.xml").read_text()
    assert f'<at:deleted-entry ref="tag:desk.example,2020:story/{gone}"' in feed
    assert feed.count("</entry>") == 1
