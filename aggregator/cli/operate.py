"""How things stand, and keeping them safe."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Command, Shared, shared
from aggregator.errors import StoreError, UsageError

if TYPE_CHECKING:  # the database library loads where a command needs it: `--help` does not
    from aggregator.app import App


@click.command("status", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@shared
def status_command(options: Shared, /, *, as_json: bool) -> None:
    """How things stand, in a few lines."""
    found = _status(options, options.app())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for label, value in found.items():
        click.echo(f"{label.replace('_', ' '):<15} {_said(value)}")


def _said(value: Any) -> str:
    """Counts stand before what they count, times after what is due then."""
    if not isinstance(value, dict):
        return str(value)
    pairs = (f"{one} {name}" if isinstance(one, int) else f"{name} {one}" for name, one in value.items())
    return ", ".join(pairs) or "none"


def _status(options: Shared, app: "App") -> dict[str, Any]:
    from aggregator.pipeline import writer_limits
    from aggregator.pipeline.learning import learned_words
    from aggregator.slots import next_slot
    from aggregator.store import deliveries, entries, locks, pings, sources, stories, subscribers
    from aggregator.store import held as held_entries
    from aggregator.store.engine import reading
    from aggregator.store.examples import KINDS

    config, now = options.config, app.clock()
    with reading(app.engine) as conn:
        states = sources.load(conn)
        kept, people, letters = entries.count(conn), subscribers.load(conn), deliveries.counts(conn)
        waiting, told = entries.count(conn, waiting=True), stories.count(conn)
        held = sum(held_entries.by_source(conn).values())
        hubs, writer = pings.standing(conn), writer_limits.words(conn, config, now)
        learned = {kind: learned_words(conn, config, kind) for kind in KINDS}
    tally: dict[str, int] = {}
    for source in config.sources:
        state = "paused" if source.paused else states[source.name].state if source.name in states else "new"
        tally[state] = tally.get(state, 0) + 1
    due = [state.due for name, state in states.items() if (found := config.source(name)) and not found.paused]
    slots = {
        newsletter.name: show.time(next_slot(newsletter.schedule, config.zone_of(newsletter), now))
        for newsletter in config.newsletters
    }
    return {
        "daemon": "runs" if locks.is_held(app.engine, "daemon") else "does not run",
        "sources": tally,
        "next_poll": show.time(min(due, default=None)) or "at once",
        "entries": kept,
        "to_be_curated": waiting,
        "held_for_review": held,
        "stories": told,
        "learned": learned,
        "writer": writer,
        "next_slots": slots,
        "subscribers": sum(person.state == "active" for person in people),
        "letters": letters,
        "hubs": hubs,
    }


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@shared
def backup_command(options: Shared, /, *, file: Path) -> None:
    """Copy the SQLite database to FILE, whole and consistent, while everything runs."""
    database = options.config.database_file
    if database is None:
        raise UsageError("the database is PostgreSQL", hint="pg_dump makes its backup")
    if file.exists():
        raise UsageError(f"{file} is there already", hint="name a new file")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", hint="make it first, or name another")
    options.app().engine  # noqa: B018  brings the database to the present schema, or says why not
    part = file.with_name(f"{file.name}.part")
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise StoreError(f"the copy is damaged: {answer}")
        part.replace(file)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"no backup was made: {error}") from error
    options.say(f"{database} is copied to {file}: {file.stat().st_size:,} bytes")
