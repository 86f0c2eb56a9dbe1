"""The briefing writer, asked by hand."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from aggregator.cli import show
from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.lists import json_option
from aggregator.errors import UsageError, WriterError

if TYPE_CHECKING:  # what writes loads where it is used: `--help` does not need it
    from aggregator.app import App
    from aggregator.pipeline.writing import Tried, Wrote

_COLUMNS = ("story", "outcome", "tokens", "reason", "title")
FAILED = 1


@click.command("write", cls=Command)
@click.argument("stories", nargs=-1, metavar="[STORY]…")
@click.option("--limit", type=click.IntRange(1, 1000), help="At most so many; default: writer.per_run.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and how many tokens it may take; ask nothing.")
@click.option("--test", is_flag=True, help="Ask for a briefing of two sample reports, and say what came of it.")
@json_option
@shared
def write_command(
    options: Shared, /, *, stories: tuple[str, ...], limit: int | None, dry_run: bool, test: bool, as_json: bool
) -> int:
    """Have the briefings written of stories that have none, the best first; or of each STORY anew, though it was tried
    before or the writer pauses. Limits of a day hold always. Exits with 1 when it ended early.

    What does not hold is not shown, and `explain STORY` says why. `run` does this by itself; `run --once` does it before
    editions are composed.
    """
    if options.config.writer is None:
        raise UsageError(f"{options.file} says nothing about a writer", hint="add a `writer` block with url and model")
    if test and (stories or dry_run or limit):
        raise UsageError("--test stands alone", hint="leave out the rest")
    app = options.app()
    if test:
        return _test(options, app)
    if dry_run:
        return _planned(app, stories, limit, as_json=as_json)
    rows: list[Tried] = []
    wrote = app.write(stories, limit=limit, on_tried=rows.append if as_json else lambda one: tried_line(options, one))
    if as_json:
        show.rows(map(_row, rows), _COLUMNS, as_json=True, none="")
        return FAILED if wrote.stopped is not None else 0
    return wrote_lines(options, wrote)


def tried_line(options: Shared, tried: "Tried") -> None:
    """What came of a story, for people."""
    told = tried.text if tried.text is not None else tried.reason
    options.say(f"{tried.story}: {tried.outcome}: {show.plain(told)}")


def wrote_lines(options: Shared, wrote: "Wrote") -> int:
    """What came of it all; the exit code."""
    counts = ", ".join(f"{wrote.count(name)} {name}" for name in ("written", "refused", "failed"))
    options.say(f"briefings: {counts}; {wrote.changed} stories read otherwise now")
    if wrote.stopped is None:
        return 0
    click.echo(f"error: the writer stopped: {wrote.stopped}", err=True)
    if wrote.hint:
        click.echo(f"hint: {wrote.hint}", err=True)
    return FAILED


def _planned(app: "App", names: Sequence[str], limit: int | None, *, as_json: bool) -> int:
    from itertools import islice

    from aggregator.pipeline.writing import planned

    assert app.config.writer is not None, "who calls knows"
    found = planned(app.engine, app.config, now=app.clock(), names=names)
    some = islice(found, limit or app.config.writer.per_run)
    show.rows(map(_row, some), _COLUMNS, as_json=as_json, none="nothing is to be written")
    return 0


def _row(tried: "Tried") -> dict[str, object]:
    return {
        "story": tried.story,
        "outcome": tried.outcome,
        "tokens": tried.tokens,
        "reason": tried.reason,
        "title": tried.title,
        "text": tried.text,
    }


def _test(options: Shared, app: "App") -> int:
    try:
        done = app.try_writer()
    except WriterError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        return FAILED
    options.say(f"{done.model} answers: {show.plain(done.text or '')}" if done.text else f"{done.model} answers")
    options.say(f"{done.outcome}: {show.plain(done.reason)}")
    return 0 if done.outcome == "written" else FAILED
