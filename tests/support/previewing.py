"""A preview at work on loopback, of a workspace whose files a test writes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aggregator.app import utc_now
from aggregator.web.board import First, create
from aggregator.web.preview import Bench, Sample
from aggregator.web.server import serve_wsgi
from tests.support.web import Answer, ask, running

SAID: dict[str, Any] = {
    "publication": {"title": "The <China> Desk", "link": "https://desk.example", "timezone": "Asia/Hong_Kong"},
    "sources": [{"name": "wire", "url": "https://wire.example/feed"}],
    "categories": [{"slug": "technology", "name": "Technology", "any": ["chip"]}],
    "newsletters": [
        {"name": "daily", "title": "Morning Briefing", "schedule": "07:00", "max_items": 4},
        {"name": "weekly", "title": "The Week", "schedule": "08:00 sun", "max_items": 4},
    ],
    "delivery": {"smtp": "smtp://desk:hunter2-secret@127.0.0.1:9", "from": "Desk <desk@desk.example>"},
}


@dataclass(frozen=True, slots=True)
class Look:
    folder: Path
    port: int

    def ask(self, path: str, host: str = "127.0.0.1") -> Answer:
        return ask(self.port, path, Host=host)

    def text(self, path: str) -> str:
        answer = self.ask(path)
        assert answer.status == 200, answer.text
        return answer.text

    def say(self, **more: Any) -> None:
        (self.folder / "feeds.yaml").write_text(json.dumps(SAID | more, ensure_ascii=False), encoding="utf-8")

    def template(self, name: str, text: str) -> Path:
        path = self.folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@contextmanager
def looking(folder: Path, sample: Sample, first: First | None = None) -> Iterator[Look]:
    look = Look(folder, 0)
    look.say()
    bench = Bench(folder / "feeds.yaml", sample, utc_now)
    with running(serve_wsgi(create(bench, first or First(), "127.0.0.1"), "127.0.0.1", 0)) as port:
        yield replace(look, port=port)
    bench.close()
