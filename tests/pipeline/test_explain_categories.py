"""`explain` says which rules speak, what they are worth, and why the winner won; and what a category takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.pipeline import models, moves
from aggregator.pipeline.explaining.explain import explain
from tests.support.curating import DAY, Curating
from tests.support.entries import NOW, entry
from tests.support.learned import model

CHIPS = {
    "slug": "technology",
    "name": "Technology",
    "any": ["chip", "foundry"],
    "none": ["fish"],
    "rules": [{"any": ["wafers"], "fields": ["tags"], "weight": 2}],
}
ECONOMY = {"slug": "economy", "name": "Economy", "any": ["prices", "exports"]}
FINANCE = {"slug": "finance", "name": "Finance", "any": ["shares"], "within": ["economy"]}

PLANT = entry("A chip foundry for Arizona", "It lowers prices.", tags=("Wafers",))
FISH = entry("Chips and fish get dearer", "It says that prices rise.", published=NOW - DAY)
SHARES = entry("Exports and shares fall", "Prices too.", published=NOW - 2 * DAY)
FERRY = entry("The ferry timetable changes", "", content="<p>Prices stay.</p>", published=NOW - 3 * DAY)


@pytest.fixture(scope="module")
def desk() -> Iterator[Curating]:
    made = Curating("sqlite:///:memory:", more={"categories": [CHIPS, ECONOMY, FINANCE]})
    made.curates(PLANT, FISH, SHARES, FERRY)
    yield made
    made.app.close()


def said(desk: Curating, id_: str, *labels: str) -> list[tuple[str, str]]:
    found = explain(desk.app.engine, desk.app.config, id_, desk.now)
    return [(label, text) for label, text in found if label in labels]


LEARNED = model(
    ["economy", "other", "technology"], {"ferry": (0, 0, 4), "timetable": (1, 0, 2), "growers": (0, 0.5, 0)}
)
RULED = ("rule", "forbidden", "not enough", "winner", "mark", "now")


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        pytest.param(
            PLANT,
            [
                ("rule", "Technology: “chip” in title, +3 (any)"),
                ("rule", "Technology: “foundry” in title, +3 (any)"),
                ("rule", "Technology: “wafers” in tags, +4 (rules[0])"),
                ("rule", "Economy: “prices” in summary, +1 (any)"),
                ("winner", "Technology 10.00 before Economy 1.00: title has “chip”, “foundry”; tags has “wafers”"),
            ],
            id="what speaks",
        ),
        pytest.param(
            FISH,
            [
                ("rule", "Economy: “prices” in summary, +1 (any)"),
                ("rule", "Technology: “chip” in title, +3 (any)"),
                ("forbidden", "Technology: “fish” forbids it"),
                ("winner", "Economy 1.00: no other category is heard"),
            ],
            id="what forbids",
        ),
        pytest.param(
            SHARES,
            [
                ("rule", "Finance: “shares” in title, +3 (any)"),
                ("rule", "Economy: “prices” in summary, +1 (any)"),
                ("rule", "Economy: “exports” in title, +3 (any)"),
                ("winner", "Finance 3.00 before Economy 4.00: it lies within it, and has at least half its score"),
            ],
            id="what lies within",
        ),
        pytest.param(
            FERRY,
            [
                ("rule", "Economy: “prices” in body, +0.5 (any)"),
                ("not enough", "Economy: one term of the body alone does not count"),
            ],
            id="what does not suffice",
        ),
    ],
)
def test_every_rule_that_spoke(desk: Curating, one: Any, lines: list[tuple[str, str]]) -> None:
    assert said(desk, one.id, *RULED) == lines


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param({"enough": 4}, "3 points, where 4 is enough", id="too little"),
        pytest.param({"enough": 2, "weight": 2}, "", id="enough"),
        pytest.param({"rules": [{"any": ["shares"], "weight": -1}]}, "no more speaks for it than against it", id="against it"),
    ],
)  # fmt: skip
def test_what_is_missing(more: dict[str, Any], why: str) -> None:
    desk = Curating("sqlite:///:memory:", more={"categories": [ECONOMY | {"any": ["exports"]} | more]})
    desk.curates(SHARES)
    assert said(desk, SHARES.id, "not enough") == ([("not enough", f"Economy: {why}")] if why else [])
    desk.app.close()


def test_every_mark_of_a_section(desk: Curating) -> None:
    letter = entry("Opinion | A ferry for all", url="https://x.example/analysis/a", author="A Columnist")
    desk.curates(letter)
    assert said(desk, letter.id, *RULED) == [
        ("mark", "perspectives by title: the title bears the mark “opinion:”, and decides"),
        ("mark", "analyses by address: the address has /analysis/"),
        ("mark", "perspectives by author: the author is “A Columnist” (“columnist”)"),
    ]


def test_what_was_decided_stands_first_and_what_would_be_now_last() -> None:
    desk = Curating("sqlite:///:memory:", more={"categories": [CHIPS, ECONOMY]})
    desk.curates(PLANT)
    desk.says(
        categories=[CHIPS, ECONOMY | {"any": ["arizona"], "weight": 10}], sections=[{"slug": "talk", "title": "Talk"}]
    )
    lines = said(desk, PLANT.id, "category", "section", *RULED)
    assert [label for label, _ in lines] == ["category", "category", "section", *["rule"] * 4, "winner", "now"]
    assert lines[0][1].startswith("Technology, 10.00: ")
    assert lines[-1][1] == "as the rules stand now: Economy, Technology, section talk; `categories apply` would move it"
    desk.app.resort(moves.WINDOW)
    assert said(desk, PLANT.id, "now") == []
    assert said(desk, PLANT.id, "category")[0][1].startswith("Economy, 30.00: ")
    assert (
        "sorted again: technology, economy -> economy, technology; section briefings -> talk"
        in desk.explained(PLANT.id).values()
    )
    desk.app.desk.move(PLANT.id, [], None)
    assert said(desk, PLANT.id, "winner", "now") == []
    assert desk.app.resort(moves.WINDOW).moved == 0, "what an editor moved stays"
    assert said(desk, PLANT.id, "category")[0][1].startswith("none: an editor said so")
    desk.app.close()


def test_a_category_says_what_it_takes(desk: Curating) -> None:
    found = dict(explain(desk.app.engine, desk.app.config, "economy", desk.now))
    assert found == {
        "category": "economy: Economy",
        "any": "prices, exports",
        "entries": "3 of the last 30 days have it, 1 of them first",
        "stories": "3 with news of the last 30 days have it",
        "terms": "prices 3, exports 1",
    }
    technology = dict(explain(desk.app.engine, desk.app.config, "technology", desk.now))
    assert technology["rules[0]"] == "{any: [wafers], fields: [tags], weight: 2.0}"
    assert technology["terms"] == "chip 1, foundry 1, wafers 1"


def test_a_category_says_when_it_was_sorted_again() -> None:
    desk = Curating("sqlite:///:memory:", more={"categories": [CHIPS, ECONOMY]})
    desk.curates(PLANT, FERRY)
    desk.says(categories=[CHIPS | {"any": ["ferry"], "rules": []}, ECONOMY])
    desk.app.resort(moves.WINDOW)
    assert "sorted again: 1 came to it, 1 left it" in desk.explained("technology").values()
    assert "sorted again: 1 came to it, 0 left it" in desk.explained("economy").values()
    desk.app.close()


def test_what_was_learned_is_told_with_its_words_and_whether_it_counts(tmp_path: Path) -> None:
    desk = Curating(f"sqlite:///{tmp_path}/a.db", more={"categories": [CHIPS, ECONOMY]})
    models.keep(tmp_path / "models", "categories", 1, LEARNED)
    growers = entry("Growers wait", "")
    desk.curates(FERRY, growers)
    assert said(desk, FERRY.id, "category", "learned", "winner") == [
        ("category", "Technology, 8.62: learned: 96%"),
        ("learned", "Technology, 96%: “ferry” +1.89, “timetable” +0.71"),
        ("winner", "Technology 8.62: no other category is heard"),
    ]
    assert said(desk, growers.id, "category", "learned", "winner") == [
        ("category", "none: no rule applies"),
        ("learned", "no category, 45%, less than curate.confidence (50%): it does not count: “growers” +0.33"),
        ("learned", "Technology, 27%: “growers” -0.17"),
        ("learned", "Economy, 27%: “growers” -0.17"),
    ]
    desk.app.close()
