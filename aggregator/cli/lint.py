"""What would break in a mail program, before it goes out."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Shared, shared
from aggregator.errors import UsageError

if TYPE_CHECKING:  # the parsers load where a command needs them: `--help` does not
    from aggregator.publish.lint import Finding, Letter


@click.command("lint", cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@shared
def lint_command(options: Shared, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Say what would break in a mail program: in an HTML part, a text part (.txt), or a whole letter (.eml).

    Every edition is linted so before it is queued, published and sent. Exits with 1 where there is an error; warnings
    alone keep nothing back.
    """
    from aggregator.publish.lint import errors, lint

    found = [(file, lint(letter)) for file, letter in [(file, _read(file)) for file in files]]
    for file, findings in found:
        for finding in findings:
            _show(file, finding, as_json=as_json)
        if not (findings or as_json):
            options.say(f"{file}: nothing is wrong with it")
    return 1 if any(errors(findings) for _, findings in found) else 0


def _read(file: Path) -> "Letter":
    from aggregator.publish.lint import read

    try:
        return read(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error


def _show(file: Path, finding: "Finding", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"file": str(file), **asdict(finding)}, ensure_ascii=False))
        return
    click.echo(f"{file}: {finding}")
    click.echo(f"    {finding.mend}")
