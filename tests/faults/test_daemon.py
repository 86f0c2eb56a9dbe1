"""The daemon as its operators run it: a process, signals, and a world that fails."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.site import Site, serving
from tests.support.smtp import Sink
from tests.support.workspace import Workspace, rss

PATIENCE = 40.0
"""Seconds that a busy machine may take for what is a matter of a tick."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving("127.0.0.1") as served:
        served.gives("/one", rss("One", {"a": "A chip plant is planned", "b": "Rice prices fall in the south"}))
        yield served


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path, site: Site, sink: Sink) -> Workspace:
    return Workspace(tmp_path, {"one": site.url("/one")}, sink.url)


@contextlib.contextmanager
def daemon(workspace: Workspace, tick: float = 0.3) -> Iterator["subprocess.Popen[str]"]:
    log = workspace.folder / "daemon.log"
    with log.open("a") as errors:
        process = workspace.start("--log-format", "json", "run", "--tick", str(tick))
        process.stderr, ours = errors, process.stderr
        assert ours is not None, "start() makes a pipe"
        reader = subprocess.Popen(["cat"], stdin=ours, stdout=errors)
        try:
            until(lambda: "started" in log.read_text(), process, "the daemon never started")
            yield process
        finally:
            process.kill()
            process.wait()
            ours.close()
            reader.wait()
            assert process.stdout is not None, "start() makes a pipe"
            process.stdout.close()


def until(happened: Callable[[], object], process: "subprocess.Popen[str]", otherwise: str) -> None:
    """Wait for a condition, for as long as the daemon lives."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, f"{otherwise}: the daemon ended with {process.returncode}"
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def log_of(workspace: Workspace) -> str:
    return (workspace.folder / "daemon.log").read_text()


def ends(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def guids(workspace: Workspace) -> set[str]:
    return {row["guid"] for row in workspace.rows("entries")}


def test_it_works_through_all_steps_by_itself_and_ends_when_told(workspace: Workspace, sink: Sink, site: Site) -> None:
    workspace.run("subscribers", "add", "ann@example.org")
    with daemon(workspace) as process:
        until((workspace.out / "atom.xml").exists, process, "nothing was published")
        until(lambda: "rice prices" in (workspace.out / "index.html").read_text().lower(), process, "no story")
        workspace.run("compose", "--now")
        until(lambda: sink.accepted, process, "no letter went out")
        site.gives("/one", rss("One", {"c": "A bridge opens in the north"}))
        until(lambda: "A bridge opens" in (workspace.out / "atom.xml").read_text(), process, "no news")
        ends(process)
    assert '"event": "ended"' in log_of(workspace)
    assert [row["state"] for row in workspace.rows("deliveries")] == ["accepted"]


def test_it_ends_in_time_while_a_source_hangs(workspace: Workspace, site: Site) -> None:
    workspace.sources = {"one": site.url("/one"), "slow": site.gives("/slow", b"", pause=60)}
    workspace.more["poll"] = {"allow_private_networks": True, "timeout": "50s"}
    workspace.write()
    with daemon(workspace) as process:
        until(lambda: site.asked("/slow"), process, "the slow source was never asked")
        ends(process)
    assert guids(workspace) == {"a", "b"}, "what came before is kept"


def test_it_ends_in_time_while_the_mail_server_hangs(workspace: Workspace, sink: Sink) -> None:
    workspace.more["delivery"] = {"smtp": sink.url, "from": "desk@briefing.example", "timeout": "50s"}
    workspace.write()
    workspace.run("subscribers", "add", "ann@example.org")
    workspace.run("poll")
    workspace.run("compose", "--now")
    sink.fail("DATA", wait=True)
    with daemon(workspace) as process:
        until(lambda: "DATA" in "".join(sink.commands), process, "no letter was tried")
        ends(process)
    sink.release()
    workspace.run("deliver")
    assert len(sink.accepted) == 1
    assert [row["state"] for row in workspace.rows("deliveries")] == ["accepted"]


def test_a_changed_configuration_is_taken_and_a_broken_one_refused(workspace: Workspace, site: Site) -> None:
    with daemon(workspace) as process:
        until(lambda: site.asked("/one"), process, "nothing was polled")
        right = workspace.file.read_text()
        workspace.file.write_text(right.replace('"title": "Test Briefing"', '"titel": "Test Briefing"'))
        process.send_signal(signal.SIGHUP)
        until(lambda: "configuration refused" in log_of(workspace), process, "the mistake was not told")
        assert "titel" in log_of(workspace)
        site.gives("/two", rss("Two", {"z": "A harbour is dredged"}, base="https://two.example"))
        workspace.sources = {**workspace.sources, "two": site.url("/two")}
        workspace.write()
        process.send_signal(signal.SIGHUP)
        until(lambda: "configuration taken" in log_of(workspace), process, "the new one was not taken")
        until(lambda: "z" in guids(workspace), process, "the new source was not polled")
        ends(process)


def test_a_second_daemon_is_refused(workspace: Workspace) -> None:
    with daemon(workspace) as process:
        second = workspace.start("run")
        _, errors = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "the daemon runs already on this database" in errors
        assert str(process.pid) in errors
        assert "Traceback" not in errors


def test_a_locked_database_is_waited_for(workspace: Workspace, site: Site) -> None:
    with daemon(workspace) as process:
        until(lambda: guids(workspace) == {"a", "b"}, process, "nothing was read")
        with contextlib.closing(sqlite3.connect(workspace.folder / "state" / "aggregator.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            site.gives("/one", rss("One", {"c": "A dam is inspected"}))
            until(lambda: "database is locked" in log_of(workspace), process, "the lock was not told")
            other.rollback()
        until(lambda: "c" in guids(workspace), process, "the entry was lost")
        ends(process)


def test_a_full_disk_is_told_and_loses_nothing(workspace: Workspace, site: Site, tmp_path: Path) -> None:
    """A small file system of its own where we may mount one; the state stays on the other disk."""
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", small], check=False).returncode
    ):
        pytest.skip("mounting a small file system takes root")
    try:
        workspace.more["output"] = str(small)
        workspace.write()
        (small / "filler").write_bytes(b"x" * 190_000)
        with daemon(workspace) as process:
            until(lambda: "No space left on device" in log_of(workspace), process, "the full disk was not told")
            assert guids(workspace) == {"a", "b"}
            (small / "filler").unlink()
            workspace.run("publish")
            assert "A chip plant" in (small / "index.html").read_text()
            ends(process)
        assert not [path for path in small.rglob("*") if path.name.startswith(".")], "nothing half-written is left"
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_an_absent_mail_server_is_waited_for(workspace: Workspace) -> None:
    with Sink() as gone:
        address = gone.url
    workspace.smtp = address
    workspace.write()
    workspace.run("subscribers", "add", "ann@example.org")
    workspace.run("poll")
    workspace.run("compose", "--now")
    with daemon(workspace) as process:
        until(lambda: "mail server away" in log_of(workspace), process, "the absence was not told")
        assert [row["state"] for row in workspace.rows("deliveries")] == ["planned"]
        with Sink() as back:
            workspace.smtp = back.url
            workspace.write()
            process.send_signal(signal.SIGHUP)
            until(lambda: back.accepted, process, "the letter did not go out")
            ends(process)
            assert len(back.accepted) == 1
