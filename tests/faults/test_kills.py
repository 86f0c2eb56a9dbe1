"""Killed at any moment and started again: nothing is lost, nobody is left out, nobody gets it twice.

Real processes, real HTTP, real SMTP. Each round lets a step begin (its lock names our process), kills it with SIGKILL
after a random moment, and goes on; at the end every step runs to its end and the books are compared with what the
servers saw.
"""

import contextlib
import json
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from lxml import etree

from tests.support.site import Site, serving
from tests.support.smtp import Sink
from tests.support.workspace import Workspace, rss

READERS = 24
SOURCES = 4
ENTRIES = 12


@pytest.fixture
def site() -> Iterator[Site]:
    with serving("127.0.0.1") as served:
        yield served


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path, site: Site, sink: Sink) -> Workspace:
    feeds = {f"s{number}": site.url(f"/s{number}") for number in range(SOURCES)}
    made = Workspace(tmp_path, feeds, sink.url)
    people = "email\n" + "".join(f"reader{number}@example.org\n" for number in range(READERS))
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    made.run("subscribers", "import", "people.csv")
    return made


class Publisher:
    """Serves feeds that grow: every guid that was ever served must be stored in the end."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.served: set[str] = set()
        self.items: dict[str, dict[str, str]] = {f"s{number}": {} for number in range(SOURCES)}

    def news(self, round_: int) -> None:
        for name, items in self.items.items():
            for number in range(ENTRIES // 3):
                guid = f"{name}-{round_}-{number}"
                items[guid] = f"Desk {name} reports matter {round_ * 100 + number} of the {_word(guid)} office"
                self.served.add(guid)
            self.site.gives(f"/{name}", rss(name, items, base=f"https://{name}.example"))


def _word(seed: str) -> str:
    """A word of its own for each entry, so that every entry is its own story."""
    return "".join(random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz", k=9))


def kill_in_the_middle(workspace: Workspace, command: list[str], lock: str, moment: float) -> bool:
    """Start a command, kill it `moment` seconds after it holds its lock; whether it was still at work."""
    process = workspace.start(*command)
    held = workspace.folder / "state" / f"aggregator.db.{lock}.lock"
    deadline = time.monotonic() + 60
    while process.poll() is None and not _names(held, process.pid):
        assert time.monotonic() < deadline, f"{command} never came to its work"
        time.sleep(0.002)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return killed


def _names(lock: Path, pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return lock.read_text(encoding="ascii").strip() == str(pid)
    return False


def test_nothing_is_lost_and_nobody_is_mailed_twice(workspace: Workspace, site: Site, sink: Sink) -> None:
    chance = random.Random(20200514)
    publisher = Publisher(site)
    kills: Counter[str] = Counter()
    steps = [
        ("poll", ["poll", "--force"], 0.5),
        ("compose", ["compose", "--now"], 0.12),
        ("publish", ["publish"], 0.5),
        ("deliver", ["deliver"], 0.25),
        ("deliver", ["deliver"], 0.25),
    ]
    for round_ in range(6):
        publisher.news(round_)
        for name, command, longest in steps:
            if name == "compose":
                workspace.run("poll", "--force")  # so that there is something to compose
            if name == "deliver" and not _waiting(workspace):
                workspace.run("compose", "--now")
            kills[name] += kill_in_the_middle(workspace, command, name, chance.uniform(0, longest))
    assert min(kills[name] for name in ("poll", "compose", "publish", "deliver")) >= 1, f"too few kills hit: {kills}"
    assert kills.total() >= 15, f"too few kills hit: {kills}"
    for command in (["poll", "--force"], ["compose", "--now"], ["publish"], ["deliver"]):
        workspace.run(*command)
    _nothing_lost(workspace, publisher)
    _ledger_is_right(workspace, sink, kills["deliver"])
    _files_are_whole(workspace)


def _waiting(workspace: Workspace) -> bool:
    return any(row["state"] in {"planned", "deferred", "claimed"} for row in workspace.rows("deliveries"))


def _nothing_lost(workspace: Workspace, publisher: Publisher) -> None:
    stored = workspace.rows("entries")
    assert Counter(row["guid"] for row in stored) == Counter(publisher.served)
    assert all(row["story"] for row in stored), "all of them are curated"
    told = Counter(
        story for row in workspace.rows("editions") for story in _stories(workspace, row["newsletter"], row["number"])
    )
    assert set(told.values()) == {1}, "a newsletter tells a story once"
    with sqlite3.connect(workspace.folder / "state" / "aggregator.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def _stories(workspace: Workspace, newsletter: str, number: int) -> list[str]:
    data = json.loads(
        (workspace.out / "editions" / newsletter / str(number) / "edition.json").read_text(encoding="utf-8")
    )
    return re.findall(r'"story": "(s[a-z2-7]+)"', json.dumps(data))


def _ledger_is_right(workspace: Workspace, sink: Sink, kills: int) -> None:
    ledger = workspace.rows("deliveries")
    editions = workspace.rows("editions")
    assert Counter(row["edition"] for row in ledger) == {row["edition"]: READERS for row in editions}
    accepted = Counter(message_from_bytes(one.letter)["Message-ID"] for one in sink.accepted)
    assert not [id_ for id_, count in accepted.items() if count > 1], "nobody is mailed twice"
    by_state: dict[str, set[str]] = {"accepted": set(), "in_doubt": set()}
    for row in ledger:
        by_state.setdefault(row["state"], set()).add(row["message_id"])
    assert set(by_state) == {"accepted", "in_doubt"}, "every letter came to an end"
    assert by_state["accepted"] <= set(accepted), "what we call accepted, the server has"
    assert set(accepted) - by_state["accepted"] <= by_state["in_doubt"], "what the server has, we know of"
    assert len(by_state["in_doubt"]) <= 2 * kills, "one letter a connection and kill at most"


def _files_are_whole(workspace: Workspace) -> None:
    files = [path for path in workspace.out.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".html":
            assert data.rstrip().endswith(b"</html>"), path
        elif path.suffix in {".xml", ".opml"}:
            etree.fromstring(data)
        elif path.suffix == ".json":
            json.loads(data)
        else:
            assert path.suffix in {".css", ".txt"}, f"nothing is left over: {path}"
