"""A small publication that has been through a whole round, and the command line run in it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.cli import run
from aggregator.store import subscribers
from aggregator.store.engine import writing
from tests.support.site import serving
from tests.support.smtp import Sink
from tests.support.workspace import ROOT, Workspace, rss


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON: one object a line, and nothing else."""
        found = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(row, dict) for row in found)
        return found


Call = Callable[..., Said]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Run a command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def made(*args: str | Path) -> Said:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return made


@pytest.fixture
def process(tmp_path: Path) -> Call:
    """Run a command line as its users do, in an empty folder."""

    def made(*args: str | Path) -> Said:
        command = [sys.executable, "-m", "aggregator", *map(str, args)]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return made


@pytest.fixture(scope="module")
def round_done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two sources, one of them dead; three entries, one a duplicate; an edition; one letter accepted."""
    with Sink() as sink, serving("127.0.0.1") as site:
        site.gives("/good", rss("Wire", {"a": "A chip plant is planned", "b": "A bridge is opened"}))
        site.gives("/bad", b"no", status=500)
        sources = {"good": site.url("/good"), "bad": site.url("/bad")}
        space = Workspace(tmp_path_factory.mktemp("round"), sources, sink.url)
        app = App(space.config)
        with writing(app.engine) as conn:
            subscribers.add(
                conn, email="Ada@x.example", key="ada@x.example", name="Ada", newsletters=["daily"], now=app.clock()
            )
        app.poll()
        app.curate()
        app.compose(at_once=True)
        app.publish()
        app.deliver()
        app.close()
        assert len(sink.accepted) == 1
        yield space


@pytest.fixture
def here(round_done: Workspace, call: Call) -> Call:
    """`call` in that publication."""
    return lambda *args: call("--config", round_done.file, *args)


@pytest.fixture
def empty(call: Call, tmp_path: Path) -> Call:
    """`call` in a workspace of our own, where nothing happened yet."""
    Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9")
    return call
