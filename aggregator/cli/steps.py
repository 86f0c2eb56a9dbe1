"""The five steps, one by one or all together."""

import signal
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Shared, expect, shared
from aggregator.cli.train import learned_lines
from aggregator.cli.write import wrote_lines
from aggregator.errors import AggregatorError, BusyError, SendError, UsageError

if TYPE_CHECKING:  # the steps load where a command runs them: `--help` does not
    from aggregator.app import App
    from aggregator.pipeline import Composed, Curated, Delivered, Polled, PollResult, Published

_TOLD = 10
"""Of mistakes of one kind: more would hide the rest."""
_LONGEST_TICK = 86_400


@click.command("poll", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--force", is_flag=True, help="Also what is not due by our schedule; a server's own wishes still count.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a source failed.")
@shared
def poll_command(options: Shared, names: tuple[str, ...], *, force: bool, strict: bool) -> int:
    """Poll the sources that are due, or the named ones, due or not.

    New entries are curated at once, so that lists and explanations are complete.
    """
    for name in names:
        expect("source", name, [source.name for source in options.config.sources])
    app = options.app()
    polled = app.poll(names, force=force, on_result=lambda result: _poll_line(options, result))
    curated = app.curate()
    options.say(_poll_summary(polled))
    options.say(_curate_line(curated))
    return 1 if strict and polled.failed else 0


def _poll_line(options: Shared, result: "PollResult") -> None:
    if result.outcome == "failed":
        click.echo(f"{result.source}: failed: {result.reason}", err=True)
    elif options.verbose:
        click.echo(f"{result.source}: {result.outcome}, {result.new} new, {result.changed} changed", err=True)


def _poll_summary(polled: "Polled") -> str:
    if not polled.results:
        return "no source is due"
    unchanged = sum(result.outcome == "unchanged" for result in polled.results)
    held = f"; {polled.for_review} entries are held for review: see `entries --held`" if polled.for_review else ""
    return (
        f"polled {len(polled.results)} sources: {polled.new} new entries, "
        f"{unchanged} sources unchanged, {len(polled.failed)} failed{held}"
    )


def _curate_line(curated: "Curated") -> str:
    return f"curated {curated.entries} entries: {curated.duplicates} duplicates, {curated.stories} stories changed"


@click.command("compose", cls=Command)
@click.argument("newsletter", required=False)
@click.option("--now", "at_once", is_flag=True, help="As if a slot were due at this moment.")
@shared
def compose_command(options: Shared, newsletter: str | None, *, at_once: bool) -> int:
    """Make the editions that are due: of one newsletter, or of all. Exits with 1 when one cannot be mailed: it is kept,
    and its letters wait.
    """
    if newsletter is not None:
        expect("newsletter", newsletter, [each.name for each in options.config.newsletters])
    app = options.app()
    app.curate()
    made = app.compose([newsletter] if newsletter else [], at_once=at_once)
    for composed in made:
        options.say(_compose_line(composed))
    if not made:
        options.say("no newsletter is due")
    return 1 if any(composed.held for composed in made) else 0


def _compose_line(composed: "Composed") -> str:
    number = f"/{composed.number}" if composed.number is not None else ""
    return f"{composed.newsletter}{number}: {composed.outcome}"


@click.command("publish", cls=Command)
@click.option("--rebuild", is_flag=True, help="Render every page anew.")
@shared
def publish_command(options: Shared, /, *, rebuild: bool) -> int:
    """Bring the published files up to date; unchanged ones are left alone. Exits with 1 when one could not be made."""
    app = options.app()
    app.curate()
    published = app.publish(rebuild=rebuild)
    if options.verbose:
        for path in published.written:
            click.echo(path, err=True)
        for path in published.removed:
            click.echo(f"{path}: removed", err=True)
    code = _published(options, published)
    _pinged(options, app)
    return code


def _published(options: Shared, published: "Published") -> int:
    """Say what became of the files; the exit code."""
    gone = f", {len(published.removed)} removed" if published.removed else ""
    changed = f"{len(published.written)} of {published.pages} files changed"
    options.say(f"{changed}{gone} in {options.config.output_folder}")
    return _failed(published.failed)


def _pinged(options: Shared, app: "App") -> None:
    """Say which hubs heard of it. What is published is published: one that does not answer is told later."""
    with suppress(BusyError):  # another process tells them
        done = app.ping()
        if done.told:
            options.say(f"hubs told of changed feeds: {done.told}")
        for reason in done.failed:
            click.echo(f"{reason}; it is tried again", err=True)


def _failed(errors: Sequence[AggregatorError]) -> int:
    """Say what could not be made, a hint after the last of those that it is for; the exit code."""
    told = errors[:_TOLD]
    for error, after in zip_longest(told, told[1:]):
        click.echo(f"error: {error.message}", err=True)
        if error.hint and (after is None or after.hint != error.hint):
            click.echo(f"hint: {error.hint}", err=True)
    if len(errors) > _TOLD:
        click.echo(f"error: and {len(errors) - _TOLD} more of the kind", err=True)
    return 1 if errors else 0


@click.command("deliver", cls=Command)
@shared
def deliver_command(options: Shared) -> int:
    """Hand queued mail to the SMTP server. Exits with 1 when letters were refused or could not be made, or the server
    is away.
    """
    if options.config.delivery is None:
        raise UsageError(
            f"{options.file} says nothing about delivery", hint="add a `delivery` block with smtp and from"
        )
    return _mailed(options, options.app())


def _mailed(options: Shared, app: "App") -> int:
    """Letters to readers, and alerts to operators; the exit code."""
    return max(_delivered(options, app.deliver()), _alerted(options, app))


def _alerted(options: Shared, app: "App") -> int:
    try:
        told = app.mail_alerts()
    except SendError as error:
        click.echo(f"error: operators were not told: {error.message}", err=True)
        return 1
    if told:
        options.say(f"incidents told to operators: {told}")
    return 0


def _delivered(options: Shared, delivered: "Delivered") -> int:
    """Say what became of the letters; the exit code."""
    options.say(_deliver_line(delivered))
    if delivered.away:
        click.echo(f"error: {delivered.away}", err=True)
        click.echo("hint: nothing is lost; what is left goes out at the next try", err=True)
    return max(_failed(delivered.failed), 1 if delivered.away or delivered.refused else 0)


def _deliver_line(delivered: "Delivered") -> str:
    return (
        f"{delivered.accepted} letters accepted, {delivered.deferred} deferred, "
        f"{delivered.refused} refused, {delivered.in_doubt} in doubt"
    )


@click.command("run", cls=Command)
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--tick", default=30.0, show_default=True, help="Seconds between two looks at what is due.")
@shared
def run_command(options: Shared, /, *, once: bool, tick: float) -> int:
    """The daemon: everything that is due, on schedule, until SIGTERM. SIGHUP reads the configuration again."""
    if not 0 < tick <= _LONGEST_TICK:
        raise click.BadParameter(f"{tick:g} is not between 0 and {_LONGEST_TICK:,} seconds.", param_hint="'--tick'")
    if once:
        return _once(options, options.app())
    # A SIGHUP that comes while we start (`systemctl reload` right after a start) would end us: it waits till we listen.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    from aggregator.daemon import run

    app = options.app(wait=0)
    return run(app, reload=lambda: _fresh(options), tick=tick)


def _fresh(options: Shared) -> "App":
    options.__dict__.pop("config", None)
    return options.app(wait=0)


def _learn(options: Shared, app: "App") -> None:
    for learnt in app.learn(at_once=True):
        learned_lines(options, learnt)
    for name, reason in app.broken_models():
        click.echo(f"{name} is passed over: {reason}", err=True)


def _write(options: Shared, app: "App") -> None:
    """That it stopped is no failure of the run: readers get what is chosen."""
    wrote = app.write()
    if options.config.writer is not None:
        wrote_lines(options, wrote)


def _once(options: Shared, app: "App") -> int:
    polled = app.poll(on_result=lambda result: _poll_line(options, result))
    options.say(_poll_summary(polled))
    _learn(options, app)
    options.say(_curate_line(app.curate()))
    _write(options, app)
    made = app.compose()
    for composed in made:
        options.say(_compose_line(composed))
    failed = max(_published(options, app.publish()), 1 if any(composed.held for composed in made) else 0)
    _pinged(options, app)
    return failed if options.config.delivery is None else max(failed, _mailed(options, app))
