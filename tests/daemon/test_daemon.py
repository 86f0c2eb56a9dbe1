"""The daemon as a real process: it works by itself, ends when told, takes a changed configuration, and outlives trouble."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator import daemon
from aggregator.app import App
from aggregator.config.load import load
from aggregator.errors import StoreError
from aggregator.pipeline import Delivered, Polled
from tests.support.daemons import PATIENCE, Daemon, Daemons, until
from tests.support.hub import hub
from tests.support.newsroom import BARLEY, CANOLA, ROCKET, YUAN, Article, Newsroom
from tests.support.smtp import Stage

READERS = ("a@example.org", "b@example.org", "c@example.org")


def fresh(article: Article) -> Article:
    return replace(article, published=datetime.now(UTC) - timedelta(minutes=1))


@pytest.fixture
def staffed(room: Newsroom) -> Newsroom:
    room.has_source("gazette", fresh(BARLEY), fresh(ROCKET))
    room.subscribe(*READERS)
    return room


@contextmanager
def database_held(room: Newsroom) -> Iterator[None]:
    """By another process's write, as far as SQLite can tell."""
    file = room.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=20, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def everybody_has_a_letter(room: Newsroom) -> bool:
    return {letter.state for letter in room.letters()} == {"accepted"}


def nobody_has_two(room: Newsroom) -> None:
    assert set(room.mailed()) == {letter.message_id for letter in room.letters()}
    assert set(room.mailed().values()) == {1}


def test_it_works_by_itself_from_feeds_to_inboxes(staffed: Newsroom, daemons: Daemons) -> None:
    daemon = daemons.working()
    until(lambda: len(staffed.stories()) == 2, "two stories")
    daemons.newsletters_are_due()
    until(lambda: everybody_has_a_letter(staffed), "three letters")
    until((staffed.out / "editions/daily/1/email.html").exists, "the edition's page")
    staffed.tells("gazette", fresh(YUAN))
    until(lambda: YUAN.title in staffed.stories(), "what came later")
    page = staffed.out / "index.html"
    until(lambda: YUAN.title in page.read_text(encoding="utf-8"), "it on the front page")
    code, took = daemon.end()
    assert (code, took < 10) == (0, True), daemon.text()
    nobody_has_two(staffed)
    assert not daemon.log("bug"), daemon.text()
    assert {"polled", "composed", "published", "delivered", "ended"} <= {line["event"] for line in daemon.log()}


def test_what_an_editor_decides_meanwhile_is_published(staffed: Newsroom, daemons: Daemons) -> None:
    daemon = daemons.working()
    until(lambda: len(staffed.stories()) == 2, "two stories")
    story = staffed.stories()[BARLEY.title]
    until((staffed.out / "stories" / f"{story.id}.html").exists, "its page")
    app = App(load(staffed.file, {}))
    app.desk.move(story.lead.entry, None, "perspectives")
    app.close()
    page = staffed.out / "sections" / "perspectives" / "index.html"
    until(lambda: BARLEY.title in page.read_text(encoding="utf-8"), "it in its section")
    assert daemon.end()[0] == 0


def test_hubs_hear_of_what_was_published(staffed: Newsroom, daemons: Daemons) -> None:
    with hub() as away, hub() as near:
        away.status = 503
        staffed.publication = {"hubs": [away.url, near.url]}
        daemon = daemons.working()
        told = "https://briefing.example/atom.xml"
        until(lambda: told in [form["hub.url"] for form in near.asked], "the hub to hear")
        before = len(near.asked)
        staffed.tells("gazette", fresh(YUAN))
        until(lambda: told in [form["hub.url"] for form in near.asked[before:]], "it to hear of what came later")
        daemon.says("hub not told", reason="the hub 127.0.0.1 was not told")
        assert daemon.end()[0] == 0
        assert not daemon.log("bug"), daemon.text()


def test_it_ends_while_a_source_hangs(staffed: Newsroom, daemons: Daemons) -> None:
    staffed.has_source("sleeper")
    staffed.site.gives("/sleeper.rss", b"late", pause=60)
    daemon = daemons.working()
    until(lambda: staffed.site.asked("/sleeper.rss"), "the source to be asked")
    code, took = daemon.end()
    assert (code, took < 10) == (0, True), daemon.text()
    with closing(sqlite3.connect(staffed.database.removeprefix("sqlite:///"))) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_source_in_trouble_is_one_line_that_warns_and_one_when_it_is_over(
    staffed: Newsroom, daemons: Daemons
) -> None:
    staffed.has_source("lost", fresh(CANOLA))
    staffed.site.gives("/lost.rss", status=404)
    daemon = daemons.working()
    daemon.says("alert", source="lost", kind="down")
    asked = len(staffed.site.asked("/lost.rss"))
    until(lambda: len(staffed.site.asked("/lost.rss")) > asked + 1, "it to be asked again and again")
    staffed.tells("lost", fresh(CANOLA))
    daemon.says("over", source="lost", kind="down")
    daemon.end()
    assert [line["event"] for line in daemon.log() if line["event"] in {"alert", "over"}] == ["alert", "over"]


def test_it_ends_whichever_thread_is_given_the_signal(room: Newsroom, daemons: Daemons) -> None:
    """The system picks one; the thread that waits for signals then sleeps on, unless it is woken otherwise."""
    room.has_source("gazette", fresh(BARLEY))
    daemon = daemons.working()
    until(room.stories, "stories")
    main = daemon.process.pid
    others = [int(thread.name) for thread in Path(f"/proc/{main}/task").iterdir() if int(thread.name) != main]
    os.kill(min(others), signal.SIGTERM)
    assert daemon.process.wait(timeout=PATIENCE) == 0
    assert daemon.log("ended"), daemon.text()


def test_it_ends_while_the_mail_server_hangs(staffed: Newsroom, daemons: Daemons) -> None:
    staffed.delivery |= {"timeout": "60s", "connections": 1}
    for _ in range(3):
        staffed.sink.fail("MAIL", wait=True)
    daemon = daemons.working()
    until(staffed.stories, "stories")
    daemons.newsletters_are_due()
    until(lambda: "MAIL" in " ".join(staffed.sink.commands), "the mail server to be asked")
    code, took = daemon.end()
    assert (code, took < 10) == (0, True), daemon.text()
    staffed.sink.release()
    staffed.sink.mend()
    daemons.working()
    until(lambda: everybody_has_a_letter(staffed), "three letters, after a new start")
    nobody_has_two(staffed)


def test_sighup_takes_a_changed_configuration(staffed: Newsroom, daemons: Daemons) -> None:
    daemon = daemons.working()
    until(staffed.stories, "stories")
    staffed.has_source("courier", fresh(YUAN))
    staffed.write()
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration taken", sources=2)
    until(lambda: YUAN.title in staffed.stories(), "the new source's story")
    until(lambda: "courier.rss" in (staffed.out / "sources.opml").read_text(encoding="utf-8"), "it in the OPML")
    assert daemon.end()[0] == 0


def test_sighup_refuses_a_broken_configuration_and_goes_on(staffed: Newsroom, daemons: Daemons) -> None:
    daemon = daemons.working()
    until(staffed.stories, "stories")
    good = staffed.file.read_text(encoding="utf-8")
    staffed.file.write_text(good.replace('"title": "Gazette"', '"titel": "Gazette"'), encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration refused", reason="titel")
    staffed.file.write_text(good.replace("aggregator.db", "another.db"), encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration refused", reason="takes a restart")
    staffed.file.unlink()
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration refused", reason="feeds.yaml")
    staffed.tells("gazette", fresh(YUAN))
    until(lambda: YUAN.title in staffed.stories(), "work going on with the old one")
    assert daemon.end()[0] == 0


def test_a_sighup_while_it_starts_is_heard_once_it_listens(staffed: Newsroom, tmp_path: Path) -> None:
    """The configuration is a pipe here: who opens it for writing knows that the daemon is about to read it."""
    text = staffed.write().read_text(encoding="utf-8")
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "aggregator", "--config", str(pipe), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True) as process:
        with pipe.open("w", encoding="utf-8") as writer:
            process.send_signal(signal.SIGHUP)
            writer.write(text)
        assert process.stderr is not None
        assert "started" in process.stderr.readline()
        pipe.write_text(text, encoding="utf-8")
        assert any("configuration taken" in line for line in process.stderr)
        process.terminate()
    assert process.returncode == 0


@pytest.mark.parametrize(("least", "times"), [("1h", 1), ("0.1s", 2)])
def test_no_site_is_asked_at_every_tick_because_its_answers_cannot_be_kept(
    staffed: Newsroom, monkeypatch: pytest.MonkeyPatch, least: str, times: int
) -> None:
    """But after `poll.min` it is."""
    staffed.poll = {"min": least}
    tried: list[App] = []
    others: list[App] = []

    def poll(app: App, most: int | None = None) -> Polled:
        tried.append(app)
        raise StoreError("there is no room left")

    def deliver(app: App) -> Delivered:
        others.append(app)
        if len(tried) >= times and len(others) >= 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return Delivered()

    monkeypatch.setattr(App, "poll", poll)
    monkeypatch.setattr(App, "deliver", deliver)
    app = App(load(staffed.write(), {}))
    assert daemon.run(app, reload=lambda: app, tick=0.05) == 0
    assert len(tried) == times


def test_a_log_that_cannot_be_written_stops_nothing(staffed: Newsroom) -> None:
    command = [sys.executable, "-m", "aggregator", "--config", str(staffed.write()), "run", "--tick", "0.2"]
    with (
        Path("/dev/full").open("wb") as full,
        subprocess.Popen(command, stderr=full, stdout=full, cwd=Path(__file__).parents[2]) as process,
    ):
        until(lambda: len(staffed.stories()) == 2, "two stories")
        until((staffed.out / "index.html").exists, "the front page")
        process.terminate()
    assert process.returncode == 0


def test_it_ends_by_sigterm_after_a_reload_as_well(staffed: Newsroom, daemons: Daemons) -> None:
    """A step that began with the configuration of before is told to stop, too."""
    staffed.delivery |= {"rate": "1/s", "connections": 1}
    staffed.subscribe(*(f"reader{number}@example.org" for number in range(27)))
    daemon = daemons.working()
    until(staffed.stories, "stories")
    daemons.newsletters_are_due()
    until(lambda: staffed.sink.accepted, "the first letter")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.says("configuration taken")
    code, took = daemon.end()
    assert (code, took < 10) == (0, True), daemon.text()
    assert daemon.log("ended"), "at a safe point, not in the middle"
    assert {letter.state for letter in staffed.letters()} == {"accepted", "planned"}
    staffed.delivery["rate"] = 1000
    daemons.working()
    until(lambda: everybody_has_a_letter(staffed), "the rest of the letters")
    nobody_has_two(staffed)


def test_a_second_daemon_is_refused(staffed: Newsroom, daemons: Daemons) -> None:
    first = daemons.working()
    second = daemons.start()
    assert second.process.wait(timeout=40) == 1
    assert f"error: the daemon runs already on this database, by process {first.process.pid}" in second.text()
    assert "Traceback" not in second.text()
    assert first.process.poll() is None


def test_after_a_kill_the_next_daemon_goes_on(staffed: Newsroom, daemons: Daemons) -> None:
    first = daemons.working()
    until(staffed.stories, "stories")
    first.process.kill()
    first.process.wait()
    daemons.newsletters_are_due()
    daemons.working()
    until(lambda: everybody_has_a_letter(staffed), "three letters")
    nobody_has_two(staffed)


def test_a_locked_database_is_waited_out(staffed: Newsroom, daemons: Daemons) -> None:
    """What came meanwhile is told, and a letter that the server took meanwhile is in no doubt."""
    staffed.delivery |= {"connections": 1}
    daemon = daemons.working()
    until(staffed.stories, "stories")
    with ExitStack() as lock:

        def hold_at_the_first_dot(stage: Stage) -> None:
            if stage == "dot" and not staffed.sink.accepted:
                lock.enter_context(database_held(staffed))

        staffed.sink.watch = hold_at_the_first_dot
        daemons.newsletters_are_due()
        until(lambda: staffed.sink.accepted, "the first letter")
        staffed.tells("gazette", fresh(YUAN))
        daemon.says("failed", reason="database is locked", step="poll")
        daemon.says("failed", reason="database is locked", step="edit")
    until(lambda: everybody_has_a_letter(staffed), "three letters")
    until(lambda: YUAN.title in staffed.stories(), "what came while it was locked")
    assert daemon.end()[0] == 0
    assert not daemon.log("bug"), daemon.text()
    nobody_has_two(staffed)


class Limited:
    """No file of the daemon's may grow beyond a size: writes fail half-way, as on a full disk."""

    def __init__(self, _room: Newsroom) -> None:
        pass

    def full(self, daemon: Daemon) -> None:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))

    def free(self, daemon: Daemon) -> None:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        pass


class SmallDisk:
    """The database stands on a disk of its own. Skipped where we may not mount one."""

    def __init__(self, room: Newsroom) -> None:
        self._folder = Path(room.database.removeprefix("sqlite:///")).parent
        self._folder.mkdir()
        if os.geteuid() != 0 or not self._mount("tmpfs", "-t", "tmpfs", "-o", "size=100m"):
            pytest.skip("a small disk can be mounted by root alone")

    def _mount(self, *how: str) -> bool:
        return subprocess.run(["mount", *how, self._folder], capture_output=True, check=False).returncode == 0

    def full(self, _daemon: Daemon) -> None:
        used = os.statvfs(self._folder)
        size = (used.f_blocks - used.f_bfree) * used.f_frsize + 65_536
        assert self._mount("-o", f"remount,size={size}")

    def free(self, _daemon: Daemon) -> None:
        assert self._mount("-o", "remount,size=100m")

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self._folder], check=False)


@pytest.mark.parametrize("kind", [Limited, SmallDisk])
def test_a_full_disk_is_told_and_outlived(room: Newsroom, daemons: Daemons, kind: type[Limited | SmallDisk]) -> None:
    with closing(kind(room)) as disk:
        room.has_source("gazette", fresh(BARLEY), fresh(ROCKET))
        room.subscribe(*READERS)
        daemon = daemons.working()
        until(lambda: len(room.stories()) == 2, "two stories")
        disk.full(daemon)
        paper = "Old paper. " * 3600
        opened = (fresh(Article(f"g{n}", f"Parish {n} opens its archive", paper)) for n in range(25))
        room.tells("gazette", fresh(BARLEY), fresh(ROCKET), *opened)
        daemon.says("failed", step="poll", reason="disk", hint="space")
        assert not daemon.log("bug"), daemon.text()
        disk.free(daemon)
        until(lambda: len(room.entries()) == 27, "all that came while it was full")
        daemons.newsletters_are_due()
        until(lambda: everybody_has_a_letter(room), "three letters")
        assert daemon.end()[0] == 0
        nobody_has_two(room)
        with closing(sqlite3.connect(room.database.removeprefix("sqlite:///"))) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        room.close()


def test_pages_that_could_not_be_written_are_written_later(staffed: Newsroom, daemons: Daemons) -> None:
    """Nothing new has to happen first."""
    staffed.out.write_text("a file where the folder belongs", encoding="utf-8")
    daemon = daemons.working()
    daemon.says("failed", step="edit")
    until(lambda: len(staffed.stories()) == 2, "two stories")
    failures = len(daemon.log("failed"))
    until(lambda: len(daemon.log("failed")) > failures + 2, "more tries, without anything new")
    staffed.out.unlink()
    until(lambda: "index.html" in staffed.files(), "the front page")
    assert BARLEY.title in (staffed.out / "index.html").read_text(encoding="utf-8")
    assert not daemon.log("bug"), daemon.text()


def test_a_broken_template_is_told_and_its_pages_come_when_it_is_mended(staffed: Newsroom, daemons: Daemons) -> None:
    template = staffed.folder / "templates" / "site" / "story.html"
    template.parent.mkdir(parents=True)
    template.write_text("{% if %}", encoding="utf-8")
    daemon = daemons.working()
    until(staffed.stories, "stories")
    daemon.says("failed", step="edit", reason=f"{template}:1: ")
    until(lambda: BARLEY.title.encode() in staffed.files().get("index.html", (0, b""))[1], "the front page")
    assert not any(path.startswith("stories/") for path in staffed.files())
    template.unlink()
    pages = {f"stories/{story.id}.html" for story in staffed.stories().values()}
    until(lambda: pages <= set(staffed.files()), "the stories' pages, without anything new")
    assert not daemon.log("bug"), daemon.text()


def test_a_mail_server_that_was_away_gets_the_letters_once(staffed: Newsroom, daemons: Daemons) -> None:
    for _ in range(6):
        staffed.sink.fail("connect", "421 4.3.2 closed for tonight", drop=True)
    daemon = daemons.working()
    until(staffed.stories, "stories")
    daemons.newsletters_are_due()
    daemon.says("mail server away", reason="closed for tonight")
    until(lambda: everybody_has_a_letter(staffed), "three letters")
    nobody_has_two(staffed)
    assert daemon.end()[0] == 0
