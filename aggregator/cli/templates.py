"""Templates: which are the workspace's own, and how they stand to ours."""

from pathlib import Path

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, of_group, shared
from aggregator.cli.lists import json_option

_SAID = {
    "ours": "ours",
    "copied": "a copy of ours, not changed",
    "older": "a copy of an older version of ours, not changed",
    "changed": "changed",
    "behind": "changed, and made from an older version of ours",
    "own": "your own",
}


@click.group("templates", cls=Group, invoke_without_command=True)
@json_option
@click.pass_context
def templates_command(context: click.Context, *, as_json: bool) -> None:
    """List templates: which of them are in the workspace, and how they stand to ours.

    A file in the workspace's templates/ stands in for ours of the same name; where there is none, ours is used. Not
    changed, a copy of an older version is brought up to date by `templates update`; changed, it is yours to compare.
    """
    if context.invoked_subcommand is not None:
        return
    from aggregator.config.templates import listed

    found = listed(_base(of_group(context)))
    rows = [{"name": one.name, "state": one.state, "is": _SAID[one.state]} for one in found]
    show.rows(rows, ["name", "is"], as_json=as_json, none="no templates")


@templates_command.command("copy")
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@click.option("--overwrite", is_flag=True, help="Replace files that are there already.")
@shared
def copy_command(options: Shared, names: tuple[str, ...], *, overwrite: bool) -> None:
    """Copy our templates of these names into the workspace, to be changed there."""
    from aggregator.config.templates import copy

    for path in copy(_base(options), names, overwrite=overwrite):
        options.say(f"written: {path}")


@templates_command.command("diff")
@click.argument("names", metavar="[NAME]…", nargs=-1)
@shared
def diff_command(options: Shared, names: tuple[str, ...]) -> None:
    """Show what the workspace's templates have otherwise than ours; all that are changed, or those of these names."""
    from aggregator.config.templates import difference, listed

    base = _base(options)
    for name in names or [one.name for one in listed(base) if one.state in {"older", "changed", "behind"}]:
        click.echo(show.plain(difference(base, name)), nl=False)


@templates_command.command("update")
@shared
def update_command(options: Shared) -> None:
    """Bring copies that nobody changed up to date with this version of the program. What you changed is left alone."""
    from aggregator.config.templates import listed, update

    base = _base(options)
    for path in update(base):
        options.say(f"updated: {path}")
    for one in listed(base):
        if one.state == "behind":
            options.say(f"left alone: {one.name} (changed; `templates diff {one.name}` compares it with ours)")


def _base(options: Shared) -> Path:
    """Also where feeds.yaml is wrong, or not there yet."""
    return options.file.absolute().parent
