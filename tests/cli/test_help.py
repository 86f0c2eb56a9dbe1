"""Help for everything, at no cost; and mistakes told in a line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from aggregator.cli import cli
from aggregator.cli.base import Lazy
from tests.support.workspace import ROOT

HEAVY = [
    "sqlalchemy",
    "aiohttp",
    "feedparser",
    "premailer",
    "lxml",
    "jinja2",
    "pydantic",
    "rich",
    "flask",
    "waitress",
    "structlog",
    "alembic",
    "ruamel",
    "sklearn",
    "apscheduler",
    "aiosmtpd",
    "nh3",
    "feedgen",
]


def paths() -> Iterator[tuple[str, ...]]:
    """Every command, with its sub-commands."""
    context = click.Context(cli)
    yield ()
    for name in cli.list_commands(context):
        yield (name,)
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.commands)


def test_help_of_everything_works_and_loads_nothing_heavy() -> None:
    """In one child process, so that what this one has loaded does not count."""
    script = (
        "import json, sys\n"
        "from aggregator.cli import run\n"
        f"for path in {list(paths())!r}:\n"
        "    assert run([*path, '--help']) == 0, path\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert done.stdout.count("Usage: aggregator") == len(list(paths()))


def test_the_listing_says_of_each_command_what_its_own_help_says(call: Any) -> None:
    listed = call("--help").out
    context = click.Context(cli)
    assert isinstance(cli, Lazy)
    for name in cli.list_commands(context):
        assert f"\n  {name} " in listed
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help


def test_a_bare_aggregator_explains_itself(process: Any) -> None:
    said = process()
    assert said.code == 0
    assert "aggregator demo" in said.out
    assert "aggregator init" in said.out


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["polll"], "No such command 'polll'. Did you mean 'poll'?", "`aggregator --help` shows"),
        (["nonsense"], "No such command 'nonsense'.", "`aggregator --help` shows"),
        (["sources", "ad"], "No such command 'ad'. Did you mean 'add'?", "`aggregator sources --help` shows"),
        (["entries", "--categroy", "x"], "Did you mean '--category'?", "`aggregator entries --help` shows"),
        (["entries", "--since", "soon"], "'soon' is no duration", "`aggregator entries --help` shows"),
        (["entries", "--limit", "-1"], "-1 is not in the range", "`aggregator entries --help` shows"),
        (["entries", "extra"], "No such command 'extra'.", "`aggregator entries --help` shows"),
        (["entries", "drop"], "say which entries", "`entries --held` lists"),
        (["entries", "drop", "e1", "--source", "wire"], "say which entries", "`entries --held` lists"),
        (["entries", "release", "e1"], "there is no entry 'e1'", "`entries --held` lists"),
        (["entries", "release", "--source", "wier"], "there is no source 'wier'", "did you mean wire?"),
        (["deliveries", "--state", "lost"], "'lost' is not one of 'planned'", "`aggregator deliveries --help` shows"),
        (["explain"], "Missing argument 'ID'", "`aggregator explain --help` shows"),
        (["serve", "--port", "99999"], "99999 is not in the range", "`aggregator serve --help` shows"),
        (["--log-format", "xml", "status"], "'xml' is not one of", "`aggregator --help` shows"),
        (["evaluate", "nowhere.jsonl"], "'nowhere.jsonl' does not exist", "`aggregator evaluate --help` shows"),
        (["backup", "nowhere/copy.db"], "there is no folder nowhere", "make it first"),
        (["entries", "--source", "wier"], "there is no source 'wier'", "did you mean wire?"),
        (["entries", "--section", "brief"], "there is no section 'brief'", "did you mean briefings?"),
        (["stories", "--category", "x"], "there is no category 'x'", "there are: technology"),
        (["editions", "dayly"], "there is no newsletter 'dayly'", "did you mean daily?"),
        (["deliveries", "dayly/3"], "there is no newsletter 'dayly'", "did you mean daily?"),
        (["deliveries", "daily/x"], "'daily/x' names no edition", "write it as in daily/3"),
        (["compose", "dayly"], "there is no newsletter 'dayly'", "did you mean daily?"),
        (["poll", "wier"], "there is no source 'wier'", "did you mean wire?"),
        (["sources", "check", "wier"], "there is no source 'wier'", "did you mean wire?"),
        (["sources", "remove", "wier"], "there is no source named wier", "did you mean wire?"),
        (["sources", "pause", "wier"], "there is no source named wier", "did you mean wire?"),
        (["subscribers", "--newsletter", "dayly"], "there is no newsletter 'dayly'", "did you mean daily?"),
        (["subscribers", "add", "a@x.example", "--newsletter", "dayly"], "no newsletter 'dayly'", "did you mean daily?"),
        (["subscribers", "remove", "a@x.example"], "there is no subscriber", "`aggregator subscribers` lists them"),
        (["deliveries", f"daily/{'9' * 30}"], "names no edition", "write it as in daily/3"),
        (["run", "--tick", "nan"], "nan is not between 0 and", "`aggregator run --help` shows"),
        (["run", "--tick", "-5"], "-5 is not between 0 and", "`aggregator run --help` shows"),
        (["run", "--tick", "1e30"], "1e+30 is not between 0 and", "`aggregator run --help` shows"),
        (["entries", "--search", "\udcff"], "is no text in UTF-8", "write it in UTF-8"),
        (["subscribers", "add", "a@x.example", "--name", "\udcff"], "is no text in UTF-8", "write it in UTF-8"),
        (["explain", "nothing"], "there is no entry, story, source", "list them"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_mistake_is_one_line_and_a_hint(empty: Any, args: list[str], error: str, hint: str) -> None:
    said = empty(*args)
    assert (said.code, said.out) == (2, "")
    first, second = said.err.splitlines()
    assert first.startswith("error: ")
    assert error in first
    assert second.startswith("hint: ")
    assert hint in second


def test_a_limit_may_be_any_number(empty: Any) -> None:
    assert empty("entries", "--limit", "9" * 30).out == "no entries\n"


def test_a_terminal_that_knows_no_chinese_shows_the_rest(process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert process("init").code == 0
    assert process("subscribers", "add", "a@x.example", "--name", "陳 Chen", "--newsletter", "daily").code == 0
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    said = process("subscribers")
    assert (said.code, said.err) == (0, "")
    assert "? Chen" in said.out


def test_all_mistakes_of_a_file_are_told_each_in_a_line(call: Any, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("publication: {title: T}\nsources: []\nnonsense: 1\n")
    said = call("status")
    assert said.code == 2
    assert len(said.err.splitlines()) > 1
    assert all(line.startswith("error: feeds.yaml") for line in said.err.splitlines())
    assert "Traceback" not in said.err


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_verbose_adds_the_traceback(call: Any, *, before: bool) -> None:
    plain, loud = call("status"), call(*(["--verbose", "status"] if before else ["status", "--verbose"]))
    assert plain.code == loud.code == 2
    assert (
        plain.err == "error: feeds.yaml: there is no such file (`aggregator init` writes one; --config names another)\n"
    )
    assert loud.err.startswith(plain.err)
    assert "Traceback (most recent call last)" in loud.err


def test_a_bug_is_one_line_too(empty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator.cli import show

    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("that should not be")

    monkeypatch.setattr(show, "rows", broken)
    said = empty("entries")
    assert said.code == 1
    assert (
        said.err
        == "error: internal error: ZeroDivisionError: that should not be\nhint: this is a bug; --verbose shows where\n"
    )


@pytest.mark.parametrize("at", ["before", "after"])
def test_what_all_commands_take_stands_before_or_after(empty: Any, at: str) -> None:
    for option in (["--quiet"], ["--verbose"], ["--log-format", "json"]):
        args = [*option, "entries"] if at == "before" else ["entries", *option]
        assert empty(*args).code == 0
    quiet = ["--quiet", "sources", "pause", "wire"] if at == "before" else ["sources", "pause", "wire", "--quiet"]
    assert empty(*quiet).out == ""
    assert empty("sources", "resume", "wire").out == "wire is polled again\n"


def test_config_names_the_file_and_paths_in_it_start_there(call: Any, empty: Any, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "other.yaml"
    (tmp_path / "feeds.yaml").rename(moved)
    assert call("--config", moved, "status").code == 0
    assert (tmp_path / "elsewhere" / "state" / "aggregator.db").exists()
    assert not (tmp_path / "state").exists()
