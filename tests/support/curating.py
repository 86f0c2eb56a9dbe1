"""A database, one curator, and the time that tests set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.app import App
from aggregator.config import Config
from aggregator.model import Entry, Judgement, Story
from aggregator.pipeline.explaining.explain import explain
from aggregator.pipeline.explaining.pair import explain_pair
from aggregator.store import entries, stories
from aggregator.store.engine import reading, writing
from aggregator.store.entries import Stored
from tests.support.entries import NOW

DAY = timedelta(days=1)


@dataclass
class Curating:
    database: str
    now: Any = NOW
    output: Path | None = None
    """Where it publishes, if it does."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What its configuration says besides."""

    def __post_init__(self) -> None:
        self.app = App(self._config(), clock=lambda: self.now)

    def says(self, **more: Any) -> None:
        """Its feeds.yaml says this from now on."""
        self.more = {**self.more, **more}
        engine = self.app.engine
        self.app = App(self._config(), clock=lambda: self.now)
        self.app.__dict__["engine"] = engine  # the same database, which may be in memory

    def _config(self) -> Config:
        names = ("wire", "gazette", "courier")
        said: dict[str, Any] = {
            "publication": {"title": "Test", "link": "https://desk.example"},
            "database": self.database,
            "sources": [{"name": name, "url": f"https://{name}.example/feed"} for name in names],
        }
        if self.output is not None:
            said["output"] = str(self.output)
        return Config.model_validate({**said, **self.more})

    def meets(self, *found: Entry, news: bool = True) -> entries.Added:
        with writing(self.app.engine) as conn:
            return entries.add(conn, found, news={one.id: news for one in found})

    def rewrites(self, one: Entry, **changes: Any) -> Entry:
        """As a publisher changes it and we see it a day later; `curates` what comes of it."""
        changed = replace(one, **changes)
        assert self.meets(replace(changed, seen=one.seen + DAY)).changed == (one.id,)
        self.app.curate()
        return changed

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

    def stories(self) -> dict[str, Story]:
        with reading(self.app.engine) as conn:
            return {story.id: story for story in stories.newest(conn, {})}

    def lines(self, one: str) -> Sequence[tuple[str, str]]:
        return explain(self.app.engine, self.app.config, one, self.now)

    def explained(self, one: str, other: str | None = None) -> dict[str, str]:
        """By label; of several lines under one label, the last."""
        engine, config = self.app.engine, self.app.config
        return dict(
            explain(engine, config, one, self.now) if other is None else explain_pair(engine, config, one, other)
        )
