"""The group, what all commands share, and the lazy loading of the commands themselves."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator import __version__
from aggregator.errors import UsageError

if TYPE_CHECKING:  # the real import is made where a command needs it: start-up time is tested
    from aggregator.app import App
    from aggregator.config import Config

_COMMANDS = {
    "demo": ("demo", "The whole job on sample sources: no network, no server, no configuration."),
    "init": ("setup", "Begin a workspace: a commented feeds.yaml and editable templates."),
    "check": ("setup", "Validate configuration and templates: every mistake at once."),
    "plan": ("plan", "What a changed feeds.yaml would do, before it is taken."),
    "run": ("steps", "The daemon: everything that is due, on schedule."),
    "poll": ("steps", "Poll the sources that are due."),
    "write": ("write", "Have briefings written, where a writer is configured."),
    "compose": ("steps", "Make the editions that are due."),
    "publish": ("steps", "Bring the published files up to date."),
    "deliver": ("steps", "Hand queued mail to the SMTP server."),
    "entries": ("entries", "List entries, and decide on what is held for review."),
    "stories": ("stories", "List stories, merge, split and pin them."),
    "categories": ("categories", "List categories, and see what changed rules would move."),
    "editions": ("lists", "List editions."),
    "deliveries": ("lists", "List the ledger of deliveries."),
    "sources": ("sources", "List sources, and change which there are."),
    "subscribers": ("subscribers", "List subscribers, add and remove them."),
    "explain": ("lists", "Why an entry, story, source, edition or delivery is as it is."),
    "lint": ("lint", "What would break in a mail program, before it goes out."),
    "train": ("train", "Learn to sort from labelled texts, and from what editors corrected."),
    "evaluate": ("evaluate", "How well labelled texts are classified, or grouped into stories."),
    "serve": ("serve", "The web application: the site, and unsubscribing."),
    "preview": ("preview", "See mails and pages while you edit templates."),
    "templates": ("templates", "List templates; copy, compare and update them."),
    "status": ("operate", "How things stand, in a few lines."),
    "backup": ("operate", "Copy the SQLite database while everything runs."),
}
"""Each command's module, and the line that `--help` shows without importing it."""


@dataclass
class Shared:
    """What the options before a command say."""

    file: Path
    quiet: bool = False
    verbose: bool = False
    log_format: str = "text"

    @cached_property
    def config(self) -> "Config":
        from aggregator.config.load import load

        return load(self.file, os.environ)

    def app(self, *, wait: float = 60.0) -> "App":
        """Closed with the command. `wait`: seconds to wait for another process that is at the same step."""
        from aggregator.app import App

        self.log()
        made = App(self.config, wait=wait)
        context = click.get_current_context(silent=True)
        if context is not None:
            context.call_on_close(made.close)
        return made

    def log(self) -> None:
        """Log as the options say, from now on."""
        from aggregator.cli.logs import configure

        configure(verbose=self.verbose, quiet=self.quiet, as_json=self.log_format == "json")

    def say(self, text: str) -> None:
        """For people, unless --quiet."""
        if not self.quiet:
            click.echo(text)


_LISTED = 12

shared = click.make_pass_decorator(Shared)


def of_group(context: click.Context) -> Shared:
    """The options, for what a group does by itself."""
    found = context.find_object(Shared)
    assert found is not None, "the group above made it"
    return found


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        found = context.find_object(Shared)
        if found is not None and value:
            setattr(found, name, value)

    return callback


def _everywhere() -> list[click.Parameter]:
    """The options that work before and after every command."""
    return [
        click.Option(["--quiet"], is_flag=True, expose_value=False, callback=_set("quiet"), help="Only errors."),
        click.Option(
            ["--verbose"], is_flag=True, expose_value=False, callback=_set("verbose"), help="Details, and tracebacks."
        ),
        click.Option(
            ["--log-format"],
            type=click.Choice(["text", "json"]),
            expose_value=False,
            callback=_set("log_format"),
            help="How log lines on standard error are written.",
        ),
    ]


class Command(click.Command):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_everywhere())


class Group(click.Group):
    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_everywhere())


class Lazy(click.Group):
    """Knows its commands by name, and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's interface
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"aggregator.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's interface
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = near(args[0], _COMMANDS)
            if meant is None:
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {meant!r}?", ctx) from error


@click.group(
    cls=Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("feeds.yaml"),
    show_default=True,
    help="The configuration; relative paths in it start at its folder.",
)
@click.option("--quiet", is_flag=True, help="Only errors.")
@click.option("--verbose", is_flag=True, help="Details, and tracebacks with errors.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="How log lines are written.")
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(context: click.Context, file: Path, *, quiet: bool, verbose: bool, log_format: str) -> None:
    """Join many feeds into one deduplicated, classified briefing: Atom, web site and e-mail digest.

    Try it with nothing but this program: `aggregator demo`. For real: `aggregator init`, edit feeds.yaml, then
    `aggregator check`, `aggregator run --once`, and `aggregator run` for ever.
    """
    context.obj = Shared(file, quiet, verbose, log_format)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    import difflib

    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def expect(kind: str, name: str, known: Sequence[str]) -> None:
    """Raises UsageError for a name that is none of those."""
    if name in known:
        return
    meant = near(name, known)
    listed = ", ".join(known[:_LISTED]) + (" …" if len(known) > _LISTED else "")
    hint = f"did you mean {meant}?" if meant else f"there are: {listed or 'none'}"
    raise UsageError(f"there is no {kind} {name!r}", hint=hint)
