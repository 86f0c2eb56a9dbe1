"""The first thing that a newcomer types."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.lists import json_option


@click.command("demo", cls=Command)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
@json_option
@shared
def demo_command(options: Shared, folder: Path, *, as_json: bool) -> None:
    """The whole job on bundled sample sources, in FOLDER (default: demo).

    They are served over real HTTP on loopback and mailed to a built-in SMTP sink; no network, no server, no
    configuration is needed. Run again in the same folder, it finds nothing new and mails nobody again.
    """
    from aggregator.demo.run import as_json as outcome_json
    from aggregator.demo.run import run

    options.log()
    outcome = run(folder, (lambda _: None) if as_json or options.quiet else _progress)
    if as_json:
        click.echo(outcome_json(outcome))
        return
    mail = sorted(outcome.letters.glob("*.eml"))
    edition = next((each for each in outcome.composed if each.number is not None), None)
    rows = [
        (
            "sources",
            f"{len(outcome.polled.results)} polled, {outcome.polled.new} new entries, {len(outcome.polled.failed)} failed",
        ),
        ("stories", f"{outcome.stories}, from entries of which {outcome.curated.duplicates} were duplicates"),
        ("editions", ", ".join(f"{each.newsletter}: {each.outcome}" for each in outcome.composed) or "none due"),
        ("letters", f"{outcome.delivered.accepted} accepted now, {len(mail)} kept in all"),
        ("time", f"{outcome.seconds:.1f} s"),
    ]
    options.say("")
    for label, text in rows:
        options.say(f"{label:<9} {text}")
    options.say("\nLook at:")
    options.say(f"  the site     {outcome.front}")
    if edition is not None:
        place = outcome.front.parent / "editions" / edition.newsletter / str(edition.number)
        options.say(f"  the mail     {place / 'email.html'}")
    options.say(f"  the letters  {outcome.letters}")
    options.say(f"  the feed     {outcome.front.parent / 'atom.xml'}")
    file = shlex.quote(str(folder / "feeds.yaml"))
    options.say(f"Ask why: {_program()} --config {file} explain ID (`entries` and `stories` list ids)")


def _progress(line: str) -> None:
    click.echo(line, err=True)


def _program() -> str:
    """How this program is called from here."""
    if shutil.which("aggregator"):
        return "aggregator"
    called = Path(sys.argv[0])
    return "python -m aggregator" if called.name == "__main__.py" else shlex.quote(os.path.relpath(called))
