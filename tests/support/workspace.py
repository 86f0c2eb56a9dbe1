"""A workspace on loopback, and the program run in it as its operators run it: as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.config import Config
from aggregator.config.load import load

ROOT = Path(__file__).parents[2]


def rss(title: str, items: Mapping[str, str], *, base: str = "https://wire.example") -> bytes:
    """A feed whose entries (name -> title) are dated now."""
    now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    listed = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{said}</title><link>{base}/{name}</link>"
        f"<pubDate>{now}</pubDate><description>{said}. This is all that is known of {name} so far.</description></item>"
        for name, said in items.items()
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{listed}</channel></rss>".encode()


@dataclass
class Workspace:
    folder: Path
    sources: Mapping[str, str]
    """name -> address"""
    smtp: str
    database: str = "sqlite:///state/aggregator.db"
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write()

    @property
    def file(self) -> Path:
        return self.folder / "feeds.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def config(self) -> Config:
        return load(self.file, {})

    def write(self) -> None:
        """feeds.yaml as it stands now (JSON is YAML)."""
        said: dict[str, Any] = {
            "publication": {"title": "Test Briefing", "link": "https://briefing.example"},
            "database": self.database,
            "poll": {"allow_private_networks": True, "min": "1s", "every": "1s", "timeout": "5s"},
            "sources": [{"name": name, "url": url} for name, url in self.sources.items()],
            "categories": [{"slug": "technology", "name": "Technology", "any": ["chip", "芯片"]}],
            "newsletters": [{"name": "daily", "title": "Daily", "schedule": "07:00", "max_items": 20}],
            "delivery": {"smtp": self.smtp, "from": "Desk <desk@briefing.example>", "rate": "1000/s", "timeout": "5s"},
        }
        self.file.write_text(json.dumps(said | self.more, indent=1), encoding="utf-8")

    def start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "aggregator", "--config", str(self.file), *command],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command to its end; what it printed."""
        with self.start(*command) as process:
            out, errors = process.communicate(timeout=120)
        assert process.returncode == code, f"{command}: {process.returncode}\n{out}\n{errors}"
        return out

    def rows(self, *command: str) -> Sequence[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*command, "--json").splitlines()]
