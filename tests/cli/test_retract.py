"""`entries retract` and `restore`, which take and give back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.app import App
from aggregator.cli.base import Shared
from aggregator.cli.entries import entries_command, restore_command, retract_command
from aggregator.config.load import load
from aggregator.pipeline.explaining.explain import explain
from aggregator.store import entries
from aggregator.store.engine import reading, writing
from tests.support.entries import entry

Run = Callable[..., Result]


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "feeds.yaml").write_text(
        "publication: {title: T, link: https://t.example}\nsources: [{name: wire, url: https://wire.example/feed}]\n"
    )
    made = App(load(tmp_path / "feeds.yaml", {}))
    with writing(made.engine) as conn:
        entries.add(conn, [entry("Rain falls", id="e1"), entry("Snow falls", id="e2")], news={"e1": True, "e2": True})
    made.curate()
    return made


@pytest.fixture
def run(app: App) -> Run:
    def said(name: str, *arguments: str) -> Result:
        command = {"retract": retract_command, "restore": restore_command, "entries": entries_command}[name]
        return CliRunner().invoke(command, arguments, obj=Shared(app.config.base / "feeds.yaml"))

    return said


def standing(app: App) -> set[str]:
    with reading(app.engine) as conn:
        return {stored.entry.id for stored in entries.listed(conn)}


def test_entries_are_taken_back_and_restored(app: App, run: Run) -> None:
    assert run("retract", "e1", "--reason", "a court says so").output == "retracted: e1\n"
    assert standing(app) == {"e2"}
    assert (
        ": by the operator: a court says so; " in dict(explain(app.engine, app.config, "e1", app.clock()))["retracted"]
    )
    assert run("retract", "e1", "e2").output == "retracted: e2; e1: retracted before\n"
    assert run("restore", "e1", "e2").output == "restored: e1, e2\n"
    assert standing(app) == {"e1", "e2"}
    assert run("restore", "e1").output == "e1: not retracted\n"


def test_what_was_taken_back_is_listed_apart(app: App, run: Run) -> None:
    run("retract", "e1", "--reason", "a court says so")
    listed = {
        name: run("entries", *flags, "--json").output for name, flags in (("all", ()), ("gone", ("--retracted",)))
    }
    assert [json.loads(line)["id"] for line in listed["all"].splitlines()] == ["e2"]
    (row,) = map(json.loads, listed["gone"].splitlines())
    assert (row["id"], row["retracted"]) == ("e1", "by the operator: a court says so")
    assert "a court says so" in " ".join(run("entries", "--retracted").output.split())
    run("restore", "e1")
    assert run("entries", "--retracted").output == "no entries are retracted\n"


def test_what_is_no_entry_is_named(app: App, run: Run) -> None:
    said = run("retract", "e1", "e404")
    assert "there is no entry 'e404'" in str(said.exception)
    assert standing(app) == {"e1", "e2"}
    assert run("retract").exit_code == 2
