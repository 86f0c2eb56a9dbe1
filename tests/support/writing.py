"""A desk whose briefings a model writes, behind a real connection."""

from dataclasses import dataclass, field
from typing import Any

from aggregator.model import Entry, Story
from aggregator.pipeline.writing import Wrote
from aggregator.store import briefings
from aggregator.store.engine import reading
from tests.support.curating import Curating
from tests.support.entries import entry
from tests.support.writer_server import WriterServer


@dataclass
class Room:
    """A database, a curator, a model behind a real connection, and the time."""

    desk: Curating
    server: WriterServer
    settings: dict[str, Any] = field(default_factory=dict)

    def configure(self, **values: Any) -> None:
        self.settings |= values
        self.desk.says(writer={"url": self.server.url, "model": "test-model", "retries": 0, **self.settings})

    def writes(self, *names: str, **values: Any) -> Wrote:
        return self.desk.app.write(names, **values)

    def meets(self, told: tuple[str, str], **values: Any) -> Entry:
        one = entry(*told, **{"language": "en", **values})
        self.desk.curates(one)
        return one

    def story(self, one: Entry) -> Story:
        return self.desk.stories()[self.desk.story(one)]

    def written(self, one: Entry) -> str | None:
        found = self.story(one).written
        return found.text if found is not None else None

    def why(self, one: Entry) -> str:
        return self.desk.explained(self.desk.story(one))["briefing"]

    def calls(self) -> list[tuple[str, int, int]]:
        with reading(self.desk.app.engine) as conn:
            return [(one.outcome, one.input, one.output) for one in reversed(briefings.last_calls(conn, 99))]
