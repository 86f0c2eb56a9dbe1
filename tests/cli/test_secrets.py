"""What the address of a source hides is told by no command, and stands in nothing that is published."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import click
import pytest

from aggregator.app import App
from aggregator.cli import cli
from aggregator.config.load import load
from aggregator.store import sources
from aggregator.store.engine import reading
from tests.cli.conftest import Call
from tests.support.site import Site, serving
from tests.support.smtp import Sink
from tests.support.workspace import Workspace, rss

TOKEN, PASSWORD, WRITTEN = "t0ken~of/ours+1", "pass-w0rd", "written-out"
HIDDEN = (TOKEN, quote(TOKEN, safe=""), quote(TOKEN), TOKEN.replace("/", "%2F"), PASSWORD, WRITTEN)
COMMANDS = (
    "check", "check --json", "plan", "plan --json", "run --once", "poll --force", "poll --force --strict", "compose --now", "publish",
    "publish --rebuild", "deliver", "entries", "entries --json", "stories", "stories --json", "editions --json",
    "deliveries --json", "sources", "sources --json", "sources export", "sources check", "sources check --json",
    "sources pause written", "sources resume written", "subscribers --json", "explain open", "explain moved",
    "explain circle", "explain lost", "explain written", "explain moved --json", "evaluate feeds.yaml", "train feeds.yaml", "categories",
    "categories --json", "categories test", "categories test --json", "categories apply", "status",
    "status --json", "backup copy.db", "write", "write --dry-run", "write --test", "templates", "templates --json",
)  # fmt: skip
WITHOUT_SOURCES = {"demo", "init", "lint", "serve", "preview"}
"""`preview` is tried by tests/web, which look for the mail server's password in what templates can be made to say."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving("127.0.0.1") as made:
        yield made


@pytest.fixture
def space(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Addresses that answer, move for good, lead in a circle or to no web address; each with a key in it."""
    monkeypatch.setenv("NEWS_TOKEN", TOKEN)
    monkeypatch.setenv("NEWS_PASSWORD", PASSWORD)
    key = quote(TOKEN, safe="/+~")
    items = {"a": "A chip plant is planned", "b": "A bridge is opened", "#c": "A river rises", "?d": "A school opens"}
    for path in ("open", "moved-here", "written"):
        site.gives(f"/{path}?token={key}", rss(path, items, base="."))
    site.redirects(f"/moved?token={key}", 301, f"/moved-here?token={key}")
    site.redirects(f"/circle?token={key}", 302, f"/circle?token={key}")
    site.redirects(f"/lost?token={key}", 302, f"ftp://127.0.0.1/lost?token={key}")
    place = site.url("").removeprefix("http://")
    names = ("open", "moved", "circle", "lost")
    listed = {name: f"http://reader:${{NEWS_PASSWORD}}@{place}/{name}?token=${{NEWS_TOKEN}}" for name in names}
    listed["written"] = f"http://reader:{WRITTEN}@{place}/written"
    site.gives("/written", rss("written", {"e": "A harbour is dredged"}, base="."))
    with Sink() as sink:
        yield Workspace(tmp_path, listed, sink.url)


def told(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(secret in line for secret in HIDDEN)]


def test_the_commands_are_all_that_there_are() -> None:
    tried = {command.split()[0] for command in COMMANDS}
    assert tried | WITHOUT_SOURCES | {"reference"} >= set(cli.list_commands(click.Context(cli)))


def test_no_command_tells_a_secret_and_nothing_published_holds_one(space: Workspace, call: Call) -> None:
    for _ in range(3):
        call("poll", "--force")
    app = App(load(space.file, {"NEWS_TOKEN": TOKEN, "NEWS_PASSWORD": PASSWORD}))
    with reading(app.engine) as conn:
        states = sources.load(conn)
    app.close()
    assert TOKEN in str(states["moved"].adopted_url), "a redirect for good was taken, key and all"
    assert {name: state.state for name, state in states.items()} == {
        "open": "ok", "moved": "moved", "written": "ok", "circle": "failing", "lost": "failing",
    }  # fmt: skip
    ids = [row["id"] for command in ("entries", "stories") for row in call(command, "--json").rows]
    commands = [*COMMANDS, *(f"explain {id_}" for id_ in ids)]
    said = {command: call(*command.split(), "--verbose") for command in commands}
    assert {command: found for command, one in said.items() if (found := told(one.out + one.err))} == {}
    published = [path for path in space.out.rglob("*") if path.is_file()]
    assert len(published) > 10
    assert {path.name: found for path in published if (found := told(path.read_text()))} == {}


def test_its_operator_sees_the_address_as_the_file_says_it(space: Workspace, call: Call, site: Site) -> None:
    place = site.url("").removeprefix("http://")
    rows = {row["name"]: row["url"] for row in call("sources", "--json").rows}
    assert rows["open"] == f"http://***@{place}/open?token=${{NEWS_TOKEN}}"
    assert rows["written"] == f"http://***@{place}/written"
    assert f"open: {rows['open']}" in call("explain", "open").out
    tried = {row["name"]: row for row in call("sources", "check", "--json").rows}
    assert tried["open"]["url"] == rows["open"]
    assert f"moved for good to http://***@{place}/moved-here?token=${{NEWS_TOKEN}}" in tried["moved"]["found"]


def test_a_list_for_others_leaves_such_a_source_out_and_says_so(space: Workspace, call: Call, site: Site) -> None:
    shown = site.gives("/shown", rss("shown", {}))
    space.sources = {**space.sources, "shown": shown}
    space.write()
    said = call("sources", "export")
    assert said.out.count("<outline") == 1
    assert f'xmlUrl="{shown}"' in said.out
    assert said.err == "left out, for their addresses are not for others: open, moved, circle, lost, written\n"
    call("publish")
    assert (space.out / "sources.opml").read_text() == said.out
