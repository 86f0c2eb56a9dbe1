"""Stories, for people and as JSON, and what an editor decides of them."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, of_group, shared
from aggregator.cli.lists import DurationType, json_option, limit_of, limit_option, names_known
from aggregator.model import Story

if TYPE_CHECKING:  # the database library loads where a command needs it: `--help` does not
    from aggregator.store.decisions import Decision


@click.group("stories", cls=Group, invoke_without_command=True)
@click.option("--category", help="With this category.")
@click.option("--section", help="In this section.")
@click.option("--since", type=DurationType(), help="With news not older than this: 2h, 3d.")
@limit_option(50)
@json_option
@click.pass_context
def stories_command(
    context: click.Context,
    *,
    category: str | None,
    section: str | None,
    since: timedelta | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List stories, those with the latest news first, or decide what is one story and what is not."""
    if context.invoked_subcommand is not None:
        return
    from aggregator.pipeline.outlets import outlets
    from aggregator.store import stories
    from aggregator.store.engine import reading

    options = of_group(context)
    app = options.app()
    oldest = app.clock() - since if since is not None else None
    with reading(app.engine) as conn:
        found = stories.newest(conn, outlets(conn, options.config), since=oldest)
    wanted = [story for story in found if _fits(story, category, section)]
    if not wanted:
        names_known(options, category=category, section=section)
    columns = ["id", "last_published", "section", "title", "categories", "sources"]
    listed = map(_story, wanted[: limit_of(limit, 50, as_json=as_json)])
    show.rows(listed, columns, as_json=as_json, none="no stories")


def _fits(story: Story, category: str | None, section: str | None) -> bool:
    return (category is None or category in story.categories) and (section is None or section == story.section)


def _story(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": story.title,
        "entries": [report.entry for report in story.reports],
        "sources": list(dict.fromkeys(report.source for report in story.reports)),
        "section": story.section,
        "categories": list(story.categories),
        "first_published": show.time(story.first_published),
        "last_published": show.time(story.last_published),
        "related": list(story.related),
    }


@stories_command.command("merge")
@click.argument("story")
@click.argument("other")
@shared
def merge_command(options: Shared, /, *, story: str, other: str) -> None:
    """Tell the story OTHER in STORY, which keeps its id and address; the other address leads there."""
    options.app().desk.merge(story, other)
    options.say(f"{other} is told in {story} now")


@stories_command.command("split")
@click.argument("story")
@click.argument("entries", nargs=-1, required=True, metavar="ENTRY…")
@shared
def split_command(options: Shared, /, *, story: str, entries: tuple[str, ...]) -> None:
    """Make entries of a story, with their copies, a story of their own."""
    founded = options.app().desk.split(story, entries)
    options.say(f"{founded} tells them now")


@stories_command.command("pin")
@click.argument("story")
@click.option("--newsletter", "newsletters", multiple=True, metavar="NAME", help="Of this one only; may be repeated.")
@click.option("--lead", is_flag=True, help="It leads the edition.")
@click.option("--undo", is_flag=True, help="The ranking decides again.")
@shared
def pin_command(options: Shared, /, *, story: str, newsletters: tuple[str, ...], lead: bool, undo: bool) -> None:
    """Have a story in the next edition of every newsletter, whatever its rank, its section and its categories."""
    if undo and lead:
        raise click.UsageError("--undo takes the pin back, --lead sets it: name one of them.")
    if undo:
        gone = options.app().desk.unpin(story, newsletters)
        options.say(f"{story} is pinned no more: {', '.join(gone)}")
        return
    pinned = options.app().desk.pin(story, newsletters, lead=lead)
    does = "leads" if lead else "is in"
    options.say(f"{story} {does} the next edition of {', '.join(pinned.newsletters)}")
    for name, number in pinned.told.items():
        options.say(f"{name} told it already, in {name}/{number}: it does not tell it again")


@stories_command.command("decisions")
@json_option
@shared
def decisions_command(options: Shared, /, *, as_json: bool) -> None:
    """List what editors decided: merged, split, told apart; entries that were moved, and freed again."""
    from aggregator.store import decisions
    from aggregator.store.engine import reading

    with reading(options.app().engine) as conn:
        found = decisions.everything(conn)
    show.rows(map(_decision, found), ["at", "kind", "one", "other", "was"], as_json=as_json, none="no decisions")


def _decision(one: "Decision") -> dict[str, Any]:
    return {"at": show.time(one.at), "kind": one.kind, "one": one.one, "other": one.other, "was": one.was}


@stories_command.command("examples")
@shared
def examples_command(options: Shared, /) -> None:
    """Print the entries of all stories that editors decided on, for `evaluate --stories`: a JSON object a line."""
    from aggregator.pipeline.desk import examples

    for entry, story in examples(options.app().engine):
        said = {
            "title": entry.title,
            "summary": entry.summary,
            "source": entry.source,
            "url": entry.url,
            "published": show.time(entry.when),
            "cluster": story,
        }
        click.echo(json.dumps(said, ensure_ascii=False))
