"""Sources: how they are, and which there are."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, expect, shared
from aggregator.cli.lists import json_option
from aggregator.errors import UsageError
from aggregator.model import PollState, SourceState

if TYPE_CHECKING:  # the configuration's library loads where a command needs it: `--help` does not
    from aggregator.config import Source

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the due time of what was never asked."""


@click.group("sources", cls=Group, invoke_without_command=True)
@click.option("--state", type=click.Choice([*get_args(SourceState), "paused"]), help="In this state.")
@json_option
@click.pass_context
def sources_command(context: click.Context, *, state: str | None, as_json: bool) -> None:
    """List sources with their health, or change which there are."""
    if context.invoked_subcommand is not None:
        return
    options = context.find_object(Shared)
    assert options is not None, "the group above made it"
    found = [row for row in _rows(options) if state in {None, row["state"]}]
    columns = ["name", "state", "last_polled", "next_poll", "failures", "reason"]
    show.rows(found, columns, as_json=as_json, none="no sources")


def _rows(options: Shared) -> list[dict[str, Any]]:
    from aggregator.store import sources
    from aggregator.store.engine import reading

    app = options.app()
    with reading(app.engine) as conn:
        states = sources.load(conn)
    config = options.config
    return [_row(source, states.get(source.name), config.told_url(source)) for source in config.sources]


def _row(source: "Source", state: PollState | None, url: str) -> dict[str, Any]:
    if state is None:
        state = PollState(source=source.name, url=source.url, due=_EPOCH)
    reason = state.error or state.reason
    return {
        "name": source.name,
        "title": source.title or state.title,
        "url": url,
        "state": "paused" if source.paused else state.state,
        "next_poll": None if source.paused or state.due == _EPOCH else show.time(state.due),
        "last_polled": show.time(state.last_polled),
        "last_changed": show.time(state.last_changed),
        "etag": state.etag,
        "last_modified": state.last_modified,
        "failures": state.failures,
        "reason": "paused in feeds.yaml" if source.paused else reason,
    }


@sources_command.command("add")
@click.argument("url")
@click.option("--name", help="Its short name; default: made from title or host.")
@click.option("--title", help="As readers see it.")
@click.option("--section", help="Its section.")
@click.option("--language", help="Its language.")
@shared
def add_command(options: Shared, /, *, url: str, name: str | None, title: str | None, **keys: str | None) -> None:
    """Add a feed to feeds.yaml, keeping its comments."""
    from aggregator.config.edit import add_source

    made = add_source(
        options.file, url=url, name=name, title=title, **{key: said for key, said in keys.items() if said}
    )
    options.say(f"added {made} to {options.file}; `aggregator poll {made}` tries it")


@sources_command.command("remove")
@click.argument("name")
@shared
def remove_command(options: Shared, /, *, name: str) -> None:
    """Remove a source from feeds.yaml; its entries stay."""
    from aggregator.config.edit import remove_source

    remove_source(options.file, name)
    options.say(f"removed {name} from {options.file}")


@sources_command.command("pause")
@click.argument("name")
@shared
def pause_command(options: Shared, /, *, name: str) -> None:
    """Stop polling a source, until `resume`."""
    from aggregator.config.edit import set_source

    set_source(options.file, name, paused=True)
    options.say(f"{name} is paused")


@sources_command.command("resume")
@click.argument("name")
@shared
def resume_command(options: Shared, /, *, name: str) -> None:
    """Poll a paused source again; a source that answered “gone” is asked anew."""
    from aggregator.config.edit import set_source
    from aggregator.store import sources
    from aggregator.store.engine import writing

    set_source(options.file, name, paused=None)
    app = options.app()
    with writing(app.engine) as conn:
        state = sources.load(conn, [name]).get(name)
        if state is not None and state.state == "gone":
            sources.forget(conn, name)
    options.say(f"{name} is polled again")


@sources_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
def import_command(options: Shared, /, *, file: Path) -> None:
    """Add the feeds of an OPML file to feeds.yaml; those that are there already are left out."""
    from aggregator.collect import opml
    from aggregator.config.edit import add_sources
    from aggregator.errors import ParseError

    try:
        found = opml.read(file.read_bytes())
    except ParseError as error:
        raise UsageError(
            f"{file}: {error.message}", hint=error.hint or "an OPML file lists feeds as <outline xmlUrl=…>"
        ) from error
    if not found:
        raise UsageError(f"{file}: there is no feed in it", hint="an OPML file lists feeds as <outline xmlUrl=…>")
    wanted = [{"url": feed.url, "title": feed.title or None} for feed in found]
    added = add_sources(options.file, wanted)
    options.say(f"{len(added)} of {len(found)} feeds added to {options.file}")


@sources_command.command("export")
@shared
def export_command(options: Shared) -> None:
    """Print the sources as OPML; those with a secret in their address are left out."""
    from aggregator.pipeline.outlets import source_list
    from aggregator.store.engine import reading

    with reading(options.app().engine) as conn:
        click.echo(source_list(conn, options.config), nl=False)


@sources_command.command("check")
@click.argument("names", nargs=-1)
@json_option
@shared
def check_command(options: Shared, /, *, names: tuple[str, ...], as_json: bool) -> int:
    """Ask every source (or the named ones) once, store nothing, and say what came. Exits with 1 when one failed."""
    from aggregator.pipeline.try_out import try_out

    for name in names:
        expect("source", name, [source.name for source in options.config.sources])
    app = options.app()
    found = []
    for result in try_out(options.config, names, user_agent=app.user_agent, now=app.clock()):
        found.append(result)
        if not as_json:
            mark = "failed" if result.error else "ok"
            click.echo(f"{mark:<7} {result.source:<28} {show.plain(result.error or result.found)}")
    if as_json:
        rows = [
            {"name": one.source, "url": one.url, "ok": not one.error, "found": one.found, "error": one.error}
            for one in found
        ]
        show.rows(rows, [], as_json=True, none="")
    else:
        options.say(f"{sum(not one.error for one in found)} of {len(found)} sources answered with a feed")
    return 1 if any(one.error for one in found) else 0
