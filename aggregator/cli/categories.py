"""Categories: how much each takes, and what changed rules would move, seen first and then done."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, of_group, shared
from aggregator.cli.lists import DurationType, json_option

if TYPE_CHECKING:  # the steps load where a command runs them: `--help` does not
    from aggregator.pipeline.moves import Move, Preview

since_option = click.option(
    "--since",
    type=DurationType(),
    default=timedelta(days=30),
    show_default="30d",
    help="Entries not older than this: 7d, 12h.",
)


@click.group("categories", cls=Group, invoke_without_command=True)
@since_option
@json_option
@click.pass_context
def categories_command(context: click.Context, *, since: timedelta, as_json: bool) -> None:
    """List categories with what they took of late, or sort entries again by changed rules.

    `entries` counts those that have the category, `leading` those whose first it is; `stories` those with news.
    """
    if context.invoked_subcommand is not None:
        return
    from aggregator.store import sorting
    from aggregator.store.engine import reading

    options = of_group(context)
    app = options.app()
    with reading(app.engine) as conn:
        counts = sorting.counts(conn, since=app.clock() - since)
    rows = [
        {
            "slug": category.slug,
            "name": category.name,
            "entries": counts.entries[category.slug],
            "leading": counts.leading[category.slug],
            "stories": counts.stories[category.slug],
        }
        for category in options.config.categories
    ]
    show.rows(rows, ["slug", "name", "entries", "leading", "stories"], as_json=as_json, none="no categories")
    if not as_json:
        options.say(f"{counts.without:,} of {counts.looked_at:,} entries have none")


@categories_command.command("test")
@since_option
@json_option
@shared
def test_command(options: Shared, /, *, since: timedelta, as_json: bool) -> None:
    """Show which entries would move, were they sorted again by feeds.yaml as it stands now. Nothing is written.

    An entry moves when its first category, or its section, would be another. What an editor moved stays.
    """
    from aggregator.pipeline.moves import preview

    app = options.app()
    found = preview(app.engine, options.config, since=app.clock() - since)
    if as_json:
        show.rows([_total(found), *map(_row, found.moves), *_further(found)], [], as_json=True, none="")
        return
    for line in _lines(found):
        click.echo(show.plain(line))
    if found.moves or found.gained or found.lost:
        options.say("nothing was written: `categories apply` does it")


@categories_command.command("apply")
@since_option
@shared
def apply_command(options: Shared, /, *, since: timedelta) -> None:
    """Sort entries again by feeds.yaml as it stands now, and tell their stories anew.

    Stories keep their ids and addresses, and editions that were made their words. What an editor moved stays. It may be
    ended at any point and run again; `publish` then brings the pages up to date.
    """
    done = options.app().resort(since)
    told = "1 story" if done.stories == 1 else f"{done.stories:,} stories"
    options.say(f"{done.moved:,} of {done.entries:,} entries are sorted otherwise now; {told} changed with them")


def _total(found: "Preview") -> dict[str, Any]:
    totals = ("entries", "moved", "gained", "lost", "resectioned")
    return {"kind": "total"} | {name: getattr(found, name) for name in totals}


def _row(move: "Move") -> dict[str, Any]:
    examples = [{"id": one.entry, "title": one.title, "why": one.why} for one in move.examples]
    return {
        "kind": move.kind,
        "from": move.before,
        "to": move.after,
        "entries": move.entries,
        "examples": examples,
    }


def _further(found: "Preview") -> list[dict[str, Any]]:
    slugs = sorted({*found.gains, *found.losses})
    return [
        {"kind": "further", "category": one, "gained": found.gains[one], "lost": found.losses[one]} for one in slugs
    ]


def _lines(found: "Preview") -> list[str]:
    moved = f"{found.moved:,} would move to another category, {found.resectioned:,} to another section"
    further = f"{found.gained:,} would gain a further category, {found.lost:,} would lose one"
    lines = [f"{found.entries:,} entries: {moved}; {further}"]
    for move in found.moves:
        lines += ["", f"{move.entries:,} {move.kind} {move.before or 'none'} -> {move.after or 'none'}"]
        lines += [f"    {one.entry}  {one.title}  ({one.why})" for one in move.examples]
    for row in _further(found):
        lines += ["", f"further category {row['category']}: {row['gained']:,} would gain it, {row['lost']:,} lose it"]
    return lines
