"""docs/commands.md says what the program does: every command, option and example, and none that is not there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from aggregator.cli import cli
from aggregator.cli.reference import BEGIN, END, commands, written
from tests.support.workspace import ROOT

FILE = ROOT / "docs" / "commands.md"
TEXT = FILE.read_text(encoding="utf-8")
COMMANDS = dict(commands())
EXAMPLES = [
    line.removeprefix("$ ").split("  #")[0].split(" | ")[0].split(" > ")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ aggregator")
]


def test_the_reference_is_that_of_this_program() -> None:
    assert written(TEXT) == TEXT, "run `python -m aggregator.cli.reference docs/commands.md`"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_option_is_there_with_a_sentence(path: tuple[str, ...]) -> None:
    reference = TEXT.partition(BEGIN)[2].partition(END)[0]
    heading = f"{'#' * (2 + len(path))} `{' '.join(path)}"
    assert re.search(rf"^{re.escape(heading)}[ `]", reference, re.MULTILINE)
    assert COMMANDS[path].help
    for param in COMMANDS[path].params:
        if isinstance(param, click.Option):
            assert param.help, f"{param.opts} has no sentence"
            assert all(f"`{option}" in TEXT or f" {option}" in TEXT for option in param.opts), param.opts


def test_every_command_has_an_example() -> None:
    shown = {_path(shlex.split(example)) for example in EXAMPLES}
    assert {path for path in COMMANDS if path not in shown} == set()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_command_line_that_is_understood(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsed by click as the program would, up to the point where it would begin to work."""
    monkeypatch.chdir(tmp_path)
    for name in ("labelled.jsonl", "people.csv", "subscriptions.opml"):
        (tmp_path / name).touch()
    args = shlex.split(example)[1:]
    if args[:1] == ["--config"]:
        args = args[2:]
    path = _path(["aggregator", *args])
    context = click.Context(cli)
    command = COMMANDS[path]
    made = command.make_context(" ".join(path), args[len(path) :], parent=context)
    assert made.command is command


def test_every_name_in_code_is_known() -> None:
    """`--option` in the prose, and `command` where a table names one."""
    options = {option for _, command in commands() for param in command.params for option in param.opts}
    options |= {option for param in cli.params for option in param.opts} | {"--help", "--version", "--originals"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) <= options


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_as_documented(shell: str) -> None:
    assert f"_AGGREGATOR_COMPLETE={shell}_source aggregator" in TEXT
    asked = {"bash": {"COMP_WORDS": "aggregator sub", "COMP_CWORD": "1"}}.get(
        shell, {"COMP_WORDS": "aggregator sub", "COMP_CWORD": "sub"}
    )
    if shell == "zsh":
        asked = {"COMP_WORDS": "aggregator sub", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "aggregator"],
        cwd=ROOT,
        env={"_AGGREGATOR_COMPLETE": f"{shell}_complete", "PATH": "/usr/bin:/bin", **asked},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert "subscribers" in done.stdout


def _path(args: list[str]) -> tuple[str, ...]:
    """Which command an example is of."""
    words = args[1:]
    if words[:1] == ["--config"]:
        words = words[2:]
    return tuple(words[:2]) if tuple(words[:2]) in COMMANDS else tuple(words[:1])
