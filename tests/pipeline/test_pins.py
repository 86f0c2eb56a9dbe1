"""What an editor pinned is in the next edition, once; and where each story of an edition stands, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from aggregator.edit.compose import from_json
from aggregator.errors import UsageError
from aggregator.model import Edition, Entry
from aggregator.store import editions, pins
from aggregator.store.engine import reading
from tests.support.curating import Curating
from tests.support.entries import NOW, entry

DAY = timedelta(days=1)
TOLD = (
    ("wire", "TSMC plans a chip plant in Arizona", "It is to open in 2024 and to employ 1,600 people."),
    ("gazette", "Beijing weighs duties on Australian barley", "Growers in four states wait for the tariff."),
    ("courier", "Long March rocket stage falls into the Atlantic", "The core was the heaviest in decades."),
    ("wire", "Four cities try out a digital currency", "Civil servants in Suzhou get their allowances in it."),
)


@pytest.fixture
def desk(database: str) -> Any:
    made = Curating(database, more={"newsletters": [newsletter("daily"), newsletter("weekly", schedule="07:00 fri")]})
    yield made
    made.app.close()


def newsletter(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "title": name.title(), "schedule": "07:00", "max_items": 2, "max_links": 1, **more}


def curated(desk: Curating, *, hours: float = 1, published: datetime | None = None) -> list[Entry]:
    """So that the first of them is the best-ranked."""
    found = [
        entry(title, text, source=source, published=(published or NOW) - (at + hours) * timedelta(hours=1))
        for at, (source, title, text) in enumerate(TOLD)
    ]
    desk.curates(*found)
    return found


def composed(desk: Curating, name: str = "daily") -> Edition:
    (made,) = desk.app.compose([name], at_once=True)
    assert made.number is not None, made.outcome
    with reading(desk.app.engine) as conn:
        kept = editions.get(conn, name, made.number)
    assert kept is not None
    return from_json(kept.data)


def headlines(edition: Edition) -> list[str]:
    return [item.headline.split()[0] for item in edition.items]


def waiting(desk: Curating, story: str) -> Sequence[str]:
    with reading(desk.app.engine) as conn:
        return list(pins.of_story(conn, story))


def test_without_pins_the_order_of_worth_decides(desk: Curating) -> None:
    curated(desk)
    made = composed(desk)
    assert (headlines(made), [link.title.split()[0] for link in made.quick], made.more) == (
        ["TSMC", "Beijing"],
        ["Long"],
        1,
    )


def test_a_pinned_story_is_in_the_next_edition_of_each_newsletter_once(desk: Curating) -> None:
    last = desk.story(curated(desk)[3])
    assert desk.app.desk.pin(last).newsletters == ("daily", "weekly")
    assert desk.explained(last)["pinned"] == "2020-05-14T12:00:00Z, by an editor: it is in the next edition of weekly"
    assert ("pinned", f"{last}, 2020-05-14T12:00:00Z") in desk.lines("daily")
    assert headlines(composed(desk)) == ["TSMC", "Four"]
    assert waiting(desk, last) == ["weekly"]
    assert headlines(composed(desk, "weekly")) == ["TSMC", "Four"]
    assert waiting(desk, last) == []
    told = desk.explained(last)
    assert told["daily/1"].startswith("place 2, chosen: an editor pinned it; rank 4 of 4, score ")
    assert "pinned" not in told
    desk.now += DAY
    assert headlines(composed(desk)) == ["Long"]


def test_a_pinned_lead_leads(desk: Curating) -> None:
    last = desk.story(curated(desk)[3])
    desk.app.desk.pin(last, ["daily"], lead=True)
    made = composed(desk)
    assert headlines(made) == ["Four", "TSMC"]
    assert made.subject == "Four cities try out a digital currency"
    assert desk.explained(last)["daily/1"].startswith("place 1, lead: an editor pinned it there; ")
    assert headlines(composed(desk, "weekly")) == ["TSMC", "Beijing"]


def test_age_section_and_category_do_not_bar_a_pin(desk: Curating) -> None:
    desk.says(newsletters=[newsletter("daily", sections=["analyses"], max_age="1h")])
    first = desk.story(curated(desk, hours=30)[0])
    desk.app.desk.pin(first)
    assert desk.explained(first)["daily"] == "not told yet: it waits for the slot 2020-05-15T07:00:00Z"
    assert headlines(composed(desk)) == ["TSMC"]


def test_a_pin_is_taken_back(desk: Curating) -> None:
    last = desk.story(curated(desk)[3])
    desk.app.desk.pin(last, lead=True)
    assert desk.app.desk.unpin(last, ["weekly"]) == ("weekly",)
    assert desk.app.desk.unpin(last) == ("daily",)
    assert headlines(composed(desk)) == ["TSMC", "Beijing"]
    events = [event for _, event in desk.lines(last)]
    assert "an editor pinned it: it leads the next edition of daily, weekly" in events
    assert "an editor took its pin back: weekly" in events


def test_who_pins_again_says_anew_whether_it_leads(desk: Curating) -> None:
    last = desk.story(curated(desk)[3])
    desk.app.desk.pin(last, ["daily"], lead=True)
    desk.app.desk.pin(last, ["daily"])
    assert headlines(composed(desk)) == ["TSMC", "Four"]


def test_what_was_told_is_not_pinned(desk: Curating) -> None:
    first = desk.story(curated(desk)[0])
    composed(desk)
    pinned = desk.app.desk.pin(first)
    assert (pinned.newsletters, pinned.told) == (("weekly",), {"daily": 1})
    with pytest.raises(UsageError, match=f"{first} was told already, in daily/1"):
        desk.app.desk.pin(first, ["daily"])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        pytest.param(["monthly"], "there is no newsletter 'monthly'", id="newsletter"),
        pytest.param([], "there is no story 's9'", id="story"),
    ],
)
def test_what_is_not_there_is_not_pinned(desk: Curating, names: list[str], message: str) -> None:
    first = desk.story(curated(desk)[0])
    with pytest.raises(UsageError, match=message):
        desk.app.desk.pin(first if names else "s9", names)
    with pytest.raises(UsageError, match=f"{first} is not pinned"):
        desk.app.desk.unpin(first)


def test_a_publication_without_newsletters_has_nothing_to_pin_to(desk: Curating) -> None:
    first = desk.story(curated(desk)[0])
    desk.says(newsletters=[])
    with pytest.raises(UsageError, match="there is no newsletter to pin it to"):
        desk.app.desk.pin(first)


def test_a_pin_follows_a_story_that_is_merged(desk: Curating) -> None:
    found = [desk.story(one) for one in curated(desk)]
    desk.app.desk.pin(found[3], lead=True)
    desk.app.desk.merge(found[2], found[3])
    assert (waiting(desk, found[3]), waiting(desk, found[2])) == ([], ["daily", "weekly"])
    assert [item.story for item in composed(desk).items] == [found[2], found[0]]


def test_a_pin_of_what_becomes_a_part_of_a_told_story_is_used_up(desk: Curating) -> None:
    found = [desk.story(one) for one in curated(desk)]
    composed(desk)
    desk.app.desk.pin(found[3])
    desk.app.desk.merge(found[0], found[3])
    assert waiting(desk, found[0]) == ["weekly"]


def test_an_edition_says_in_its_own_order_why_each_story_stands_where_it_stands(desk: Curating) -> None:
    desk.says(newsletters=[newsletter("daily", max_items=2, max_links=1, sections=["briefings"])])
    found = curated(desk)
    opinion = entry("Opinion | What the tariff is for", source="gazette", published=NOW)
    desk.curates(opinion)
    composed(desk)
    first, second, third, fourth, view = (desk.story(one) for one in (*found, opinion))
    lines = desk.lines("daily/1")
    assert [label for label, _ in lines[1:6]] == ["1 lead", "2 chosen", "3 quick link", "only on the web", "left out"]
    told = [text for _, text in lines[1:6]]
    assert told[0].startswith(
        f"{first} “TSMC plans a chip plant in Arizona”: the best-ranked news story; rank 1 of 4, score "
    )
    assert "(corroboration 1.00 × source 1.00 × freshness 0.97 × category 0.80)" in told[0]
    assert told[1].startswith(f"{second} “Beijing weighs duties on Australian barley”: by rank; rank 2 of 4")
    assert told[2].startswith(
        f"{third} “Long March rocket stage falls into the Atlantic”: no place of 2 was left; rank 3"
    )
    assert told[3] == f"1 story: no place of 2 was left: {fourth}"
    assert told[4] == f"1 story: the newsletter takes other sections than perspectives: {view}"
    assert desk.explained(third)["daily/1"].startswith("place 3, quick link: no place of 2 was left; rank 3 of 4")
    assert desk.explained(view)["daily/1"] == "left out: the newsletter takes other sections than perspectives"


def test_counts_of_one_are_told_as_one(desk: Curating) -> None:
    desk.curates(entry(TOLD[0][1], TOLD[0][2], published=NOW))
    (made,) = desk.app.compose(["daily"], at_once=True)
    assert made.outcome == "1 story, 0 letters"


def test_a_story_says_where_the_sentences_of_its_summary_stand(desk: Curating) -> None:
    (one, *_) = curated(desk)
    assert desk.explained(desk.story(one))["summary"].startswith(
        f"“It is to open in 2024 and to employ 1,600 people.”: sentence 1 of {one.id} wire, centrality "
    )
