"""`entries retract` and `entries restore`: the operator's word on what must not be read any more."""

from collections.abc import Sequence

import click

from aggregator.cli.base import Command, Shared, shared

_ENTRY = click.argument("entry", nargs=-1, required=True)


@click.command("retract", cls=Command)
@_ENTRY
@click.option("--reason", default="no reason given", help="Why; `explain` tells it.")
@shared
def retract_command(options: Shared, /, *, entry: Sequence[str], reason: str) -> None:
    """Take entries back: they leave their stories, the site, the feeds and the next editions.

    They stay in the database, and no later poll brings them back. Editions that were made keep their words. `publish`
    then takes them from the site.
    """
    app = options.app()
    done = app.retract(entry, reason=reason)
    options.say(_said(entry, done, "retracted", "retracted before"))


@click.command("restore", cls=Command)
@_ENTRY
@shared
def restore_command(options: Shared, /, *, entry: Sequence[str]) -> None:
    """Let entries that were taken back stand again, in the stories where they stood."""
    app = options.app()
    done = app.restore(entry)
    options.say(_said(entry, done, "restored", "not retracted"))


def _said(asked: Sequence[str], done: Sequence[str], what: str, otherwise: str) -> str:
    said = [f"{what}: {', '.join(done)}"] if done else []
    left = [id_ for id_ in dict.fromkeys(asked) if id_ not in done]
    return "; ".join([*said, *([f"{', '.join(left)}: {otherwise}"] if left else [])])
