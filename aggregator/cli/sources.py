"""Sources: how they are, and which there are."""

from collections import Counter
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
    from aggregator.config import Config, Source

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
    now, rows = _rows(options)
    found = [row for row in rows if state in {None, row["state"]}]
    if as_json:
        show.rows(found, [], as_json=True, none="")
        return
    columns = ["name", "state", "since", "last_polled", "next_poll", "entries_a_week", "reason"]
    show.rows([_at_a_glance(row, now) for row in found], columns, as_json=False, none="no sources")
    options.say(_tally(found))


def _at_a_glance(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Times as people say them, from now."""
    times = {name: show.from_now(row[name], now) for name in ("since", "last_polled", "next_poll")}
    return row | times


def _tally(found: list[dict[str, Any]]) -> str:
    counts = Counter(row["state"] for row in found)
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "no sources"


def _rows(options: Shared) -> tuple[datetime, list[dict[str, Any]]]:
    from aggregator.store import sources
    from aggregator.store.engine import reading

    app = options.app()
    with reading(app.engine) as conn:
        states = sources.load(conn)
    config, now = options.config, app.clock()
    return now, [_row(source, config, states.get(source.name), now) for source in config.sources]


def _row(source: "Source", config: "Config", state: PollState | None, now: datetime) -> dict[str, Any]:
    from aggregator.collect import rhythm

    if state is None:
        state = PollState(source=source.name, url=source.url, due=_EPOCH)
    weekly = rhythm.per_week(state.times, now)
    return {
        "name": source.name,
        "title": source.title or state.title,
        "url": config.shown_url(source),
        "state": "paused" if source.paused else state.state,
        "since": show.time(state.since),
        "next_poll": None if source.paused or state.due == _EPOCH else show.time(state.due),
        "last_polled": show.time(state.last_polled),
        "last_changed": show.time(state.last_changed),
        "etag": state.etag,
        "last_modified": state.last_modified,
        "failures": state.failures,
        "entries_a_week": round(weekly, 1) if weekly is not None else None,
        "proposed_url": config.masked(proposed) if (proposed := _proposed(source, state)) else None,
        "reason": "paused in feeds.yaml" if source.paused else _reason(source, state),
    }


def _reason(source: "Source", state: PollState) -> str:
    return (
        f"{state.health}; `sources adopt {source.name}` takes the new address"
        if _proposed(source, state)
        else state.health
    )


def _proposed(source: "Source", state: PollState) -> str | None:
    """An address that feeds.yaml should have instead: one that was found, or that redirects led to."""
    adopted = state.adopted_url if state.url == source.url else None
    return state.proposed_url or adopted


@sources_command.command("adopt")
@click.argument("name")
@click.option("--url", help="This address instead of the one that is proposed.")
@shared
def adopt_command(options: Shared, /, *, name: str, url: str | None) -> None:
    """Put the address that `sources` proposes for NAME into feeds.yaml, in place of the one that is there.

    What is known of the source stays where permanent redirects led to it; its entries stay in any case.
    """
    from aggregator.config.edit import set_source
    from aggregator.store import sources
    from aggregator.store.engine import reading

    expect("source", name, [source.name for source in options.config.sources])
    source = options.config.source(name)
    assert source is not None, "it was just found"
    with reading(options.app().engine) as conn:
        state = sources.load(conn, [name]).get(name)
    proposed = url or (_proposed(source, state) if state else None)
    if proposed is None:
        raise UsageError(
            f"no other address is known for {name}", hint="`sources discover` finds feeds; give one with --url"
        )
    set_source(options.file, name, url=proposed)
    options.say(f"{name} is asked at {options.config.masked(proposed)} from now on")


@sources_command.command("ledger")
@click.argument("name")
@json_option
@shared
def ledger_command(options: Shared, /, *, name: str, as_json: bool) -> None:
    """List the last fetches of a source, the newest first."""
    from aggregator.store import sources
    from aggregator.store.engine import reading

    expect("source", name, [source.name for source in options.config.sources])
    with reading(options.app().engine) as conn:
        lines = sources.ledger(conn, name)
    rows = [
        {
            "at": show.time(line.at),
            "status": line.status,
            "bytes": line.received,
            "new": line.new,
            "took": line.took,
            "outcome": line.outcome,
        }
        for line in lines
    ]
    show.rows(
        rows, ["at", "status", "bytes", "new", "took", "outcome"], as_json=as_json, none=f"{name} was never asked"
    )


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
    """Print the sources as OPML; those whose addresses hold a secret are left out."""
    from aggregator.pipeline.outlets import source_list, unlisted
    from aggregator.store.engine import reading

    with reading(options.app().engine) as conn:
        click.echo(source_list(conn, options.config), nl=False)
    if left_out := unlisted(options.config):
        click.echo(f"left out, for their addresses are not for others: {', '.join(left_out)}", err=True)


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
