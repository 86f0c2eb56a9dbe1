"""Sources: how they are, and which there are."""

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, expect, of_group, shared
from aggregator.cli.lists import json_option
from aggregator.errors import AggregatorError, ParseError, UsageError
from aggregator.model import PollState, SourceState

if TYPE_CHECKING:  # the configuration's library loads where a command needs it: `--help` does not
    from aggregator.collect.opml import OpmlFeed
    from aggregator.config import Config, Source
    from aggregator.pipeline.discover import Discovered, Offer

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
    options = of_group(context)
    now, rows = _rows(options)
    found = [row for row in rows if state in {None, row["state"]}]
    if as_json:
        show.rows(found, [], as_json=True, none="")
        return
    columns = ["name", "state", "since", "last_polled", "next_poll", "entries_a_week", "reason"]
    show.rows([_at_a_glance(row, now) for row in found], columns, as_json=False, none="no sources")
    options.say(_tally(found))


def _at_a_glance(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Times as people say them, from now; and what waits for a decision."""
    if row["held"]:
        row = row | {"reason": f"{row['reason']}; {row['held']} entries are held for review"}
    times = {name: show.from_now(row[name], now) for name in ("since", "last_polled", "next_poll")}
    if row["next_poll"] is not None and datetime.fromisoformat(row["next_poll"]) <= now:
        times["next_poll"] = "due"
    return row | times


def _tally(found: list[dict[str, Any]]) -> str:
    counts = Counter(row["state"] for row in found)
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "no sources"


def _rows(options: Shared) -> tuple[datetime, list[dict[str, Any]]]:
    from aggregator.store import held as held_entries
    from aggregator.store import sources
    from aggregator.store.engine import reading

    app = options.app()
    with reading(app.engine) as conn:
        states, held = sources.load(conn), held_entries.by_source(conn)
    config, now = options.config, app.clock()
    rows = [_row(source, config, states.get(source.name), now) for source in config.sources]
    return now, [row | {"held": held.get(row["name"], 0)} for row in rows]


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
    shown = options.config.masked(proposed)
    if shown != proposed:
        raise UsageError(
            f"the address holds a secret: {shown}", hint=f"write it into {options.file} yourself, as it is shown"
        )
    set_source(options.file, name, url=proposed)
    options.say(f"{name} is asked at {shown} from now on")


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


@sources_command.command("discover")
@click.argument("url")
@click.option("--add", "number", type=click.IntRange(min=1), metavar="N", help="Add the N-th of them to feeds.yaml.")
@click.option("--add-first", "number", flag_value=1, type=int, help="Add the first of them.")
@json_option
@shared
def discover_command(options: Shared, /, *, url: str, number: int | None, as_json: bool) -> int:
    """Find the feeds of a site: of its address, of a page on it, or of its bare name. The likeliest stands first.

    Looks at what the page declares and links to, then at the common places; what is offered was asked for and read.
    Exits with 1 when there is none.
    """
    from aggregator.pipeline.discover import discover

    app = options.app()
    found = discover(options.config, url, user_agent=app.user_agent, now=app.clock())
    if not found.offers:
        raise _no_feed(url, found)
    rows = [_offered(at, offer) for at, offer in enumerate(found.offers, start=1)]
    columns = ["number", "title", "url", "format", "entries", "newest", "language", "how", "configured"]
    if number is None:
        show.rows(rows, columns, as_json=as_json, none="")
    if number is None and not as_json:
        options.say(f"add one: aggregator sources add {shlex.quote(found.offers[0].url)}")
    return 0 if number is None else _add_offer(options, found, number)


def _no_feed(url: str, found: "Discovered") -> AggregatorError:
    first, *others = [f"{address}: {reason}" for address, reason in found.tried]
    more = f"; and {len(others)} further addresses" if len(others) > 1 else f"; {others[0]}" if others else ""
    return AggregatorError(
        f"no feed was found at {url}. Tried: {first}{more}", hint="look for “RSS” on the site, and add that address"
    )


def _offered(number: int, offer: "Offer") -> dict[str, Any]:
    return {"number": number, **asdict(offer), "newest": show.time(offer.newest)}


def _add_offer(options: Shared, found: "Discovered", number: int) -> int:
    from aggregator.config.edit import add_source

    if number > len(found.offers):
        raise UsageError(f"there are {len(found.offers)} feeds, not {number}", hint="without --add, they are listed")
    offer = found.offers[number - 1]
    made = add_source(options.file, url=offer.url, title=offer.title or None)
    options.say(f"added {made} ({offer.url}) to {options.file}; `aggregator poll {made}` tries it")
    return 0


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
@click.option("--no-categories", is_flag=True, help="Take no notice of the folders.")
@shared
def import_command(options: Shared, /, *, file: Path, no_categories: bool) -> int:
    """Add the feeds of an OPML file to feeds.yaml; those that are there already are left out.

    The folder of a feed (the innermost one, and each that its `category` names) becomes its category: one that is
    configured by that slug or name, else a new one without rules. A feed in two folders has both. Exits with 1 when
    a line was left out, for its address is none.
    """
    from aggregator.config import kinds
    from aggregator.config.edit import import_sources

    listed = _listed(file)
    usable = [feed for feed in listed if kinds.is_web_address(feed.url)]
    for feed in listed:
        if feed not in usable:
            click.echo(f"left out, for it is no web address: {show.plain(feed.url)}", err=True)
    filed = {} if no_categories else _filed(usable)
    made = import_sources(options.file, [_wanted(feed) for feed in usable], filed)
    options.say(f"{len(made.sources)} of {len(listed)} feeds added to {options.file}")
    for slug, name in made.categories.items():
        options.say(f"new category {slug}: {show.plain(name)}")
    return 1 if len(usable) < len(listed) else 0


def _listed(file: Path) -> Sequence["OpmlFeed"]:
    from aggregator.collect import opml

    hint = "an OPML file lists feeds as <outline xmlUrl=…>"
    try:
        found = opml.read(file.read_bytes())
    except ParseError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint or hint) from error
    if not found:
        raise UsageError(f"{file}: there is no feed in it", hint=hint)
    return found


def _wanted(feed: "OpmlFeed") -> dict[str, str | None]:
    """What of a list goes into feeds.yaml, as far as it would be valid there."""
    from aggregator.config import kinds

    return {
        "url": feed.url,
        "title": feed.title if feed.title != feed.url else None,
        "home": feed.home if feed.home and kinds.is_web_address(feed.home) else None,
        "language": feed.language if feed.language and kinds.is_language(feed.language) else None,
    }


def _filed(feeds: Sequence["OpmlFeed"]) -> dict[str, list[tuple[str, str | None]]]:
    """The folders of each address, wherever it stands."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for feed in feeds:
        found.setdefault(feed.url, []).extend((folder.name, folder.slug) for folder in feed.folders)
    return found


@sources_command.command("export")
@shared
def export_command(options: Shared) -> None:
    """Print the sources as OPML, in folders by category; those whose addresses hold a secret are left out."""
    from aggregator.pipeline.outlets import source_list, subscriptions, unlisted
    from aggregator.store.engine import reading

    with reading(options.app().engine) as conn:
        click.echo(source_list(options.config, subscriptions(conn, options.config)), nl=False)
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
