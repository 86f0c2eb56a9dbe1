"""Curating, step by step: what is stored, how it is cut into runs and what publishers change decide no story."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from aggregator.app import App
from aggregator.config import Config
from aggregator.model import Entry, Judgement
from aggregator.store import entries
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from tests.support.entries import NOW, entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = (
    "The ministry said on Thursday that the plant would be built within three years and cost the province a third. " * 8
)


@dataclass
class Desk:
    """A database, one curator, and the time that tests set."""

    database: str
    now: Any = NOW

    def __post_init__(self) -> None:
        names = ("wire", "gazette", "courier")
        said = {
            "publication": {"title": "Test", "link": "https://desk.example"},
            "database": self.database,
            "sources": [{"name": name, "url": f"https://{name}.example/feed"} for name in names],
        }
        self.app = App(Config.model_validate(said), clock=lambda: self.now)

    def meets(self, *found: Entry, news: bool = True) -> entries.Added:
        with writing(self.app.engine) as conn:
            return entries.add(conn, found, news={one.id: news for one in found})

    def curates(self, *found: Entry) -> None:
        self.meets(*found)
        self.app.curate()

    def stored(self, one: Entry) -> Stored:
        with reading(self.app.engine) as conn:
            stored = entries.get(conn, one.id)
        assert stored is not None
        return stored

    def judged(self, one: Entry) -> Judgement:
        judgement = self.stored(one).judgement
        assert judgement is not None
        return judgement

    def repeats(self, one: Entry) -> str | None:
        original = self.judged(one).duplicate_of
        return original.value if original else None

    def story(self, one: Entry) -> str:
        return self.judged(one).story.value


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    made = Desk(database)
    yield made
    made.app.close()


PLANT = "TSMC plans a chip plant in Arizona"
WEAK = "TSMC looks for workers in Arizona as schools add courses and bus lines"


@pytest.mark.parametrize("at_once", [True, False], ids=["one run", "one run each"])
def test_copies_of_one_text_are_no_further_evidence(desk: Desk, at_once: bool) -> None:  # noqa: FBT001  a table of cases
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
