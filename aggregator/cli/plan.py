"""What a changed feeds.yaml would do, before it is taken."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.lists import json_option

if TYPE_CHECKING:  # the steps load where a command runs them: `--help` does not
    from aggregator.pipeline.plan import Change

_MARKS = {"added": "+", "changed": "~", "removed": "-"}


@click.command("plan", cls=Command)
@json_option
@shared
def plan_command(options: Shared, /, *, as_json: bool) -> int:
    """Say what feeds.yaml, as it stands now, would change: sources, polls, newsletters, categories, sections.

    It is compared with what was last taken by `poll`, `run --once` or the daemon. Nothing is written. A wrong file is
    told as `check` tells it.
    """
    from aggregator.app import utc_now
    from aggregator.cli.setup import wrong
    from aggregator.pipeline.plan import plan

    if mistakes := wrong(options):
        for mistake in mistakes:
            click.echo(f"error: {mistake}", err=True)
        return 2
    changes = plan(options.config, utc_now())
    if as_json:
        show.rows([_row(change) for change in changes], [], as_json=True, none="")
        return 0
    for change in changes:
        click.echo(show.plain(_line(change)))
    if any(change.moves for change in changes):
        options.say("`categories test` shows what would move; it stays where it is until `categories apply` moves it")
    if not changes:
        options.say("nothing would change")
    return 0


def _row(change: "Change") -> dict[str, Any]:
    return {**asdict(change), "next": [show.time(moment) for moment in change.next]}


def _line(change: "Change") -> str:
    times = ", ".join(f"{moment:%Y-%m-%d %H:%M}" for moment in change.next)
    name = change.name if change.kind == "poll" else f"{change.kind} {change.name}"
    return f"{_MARKS[change.change]} {name}: {change.what}" + (f" (next, UTC: {times})" if times else "")
