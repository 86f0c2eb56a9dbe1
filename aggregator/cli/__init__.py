"""The command line: parse, call one function, show. Heavy libraries load only in the commands that use them.

Exit codes: 0 done; 1 done, but something that was asked for failed; 2 the command line or the configuration is wrong,
and nothing was changed.
"""

import io
import re
import sys
import traceback
from typing import Any

import click

from aggregator.cli.base import cli
from aggregator.errors import AggregatorError, ConfigError, UsageError

__all__ = ["cli", "main"]

WRONG = 2
FAILED = 1
INTERRUPTED = 130
_SURROGATE = re.compile("[\ud800-\udfff]")


def main(args: list[str] | None = None) -> None:
    """Run the command line and end the process. Errors are one clear line and a hint, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # none at all where it was closed
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese is no reason to end
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    verbose = "--verbose" in (sys.argv[1:] if args is None else args)
    try:
        code: Any = cli.main(args, prog_name="aggregator", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (click.exceptions.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit:
        return 0  # what click makes of a reader that has gone (`| head`), and `serve` of SIGTERM
    except Exception as error:  # noqa: BLE001  the outermost place: whatever it is, it is told in a line
        return _told(error, verbose=verbose)


def _told(error: Exception, *, verbose: bool) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, click.ClickException):
        _say(" ".join(error.format_message().split()), _help_of(error), verbose=verbose)
        return error.exit_code
    if isinstance(error, AggregatorError):
        return _told_of_ours(error, verbose=verbose)
    if isinstance(error, OSError):
        _say(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", None, verbose=verbose)
        return FAILED
    if isinstance(error, UnicodeEncodeError) and _SURROGATE.search(error.object):
        # Bytes of the command line that are no text come as these, which nothing can store or show.
        _say(f"{error.object!r} is no text in UTF-8", "write it in UTF-8", verbose=verbose)
        return WRONG
    _say(f"internal error: {type(error).__name__}: {error}", "this is a bug; --verbose shows where", verbose=verbose)
    return FAILED


def _help_of(error: click.ClickException) -> str | None:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows what there is" if context is not None else None


def _told_of_ours(error: AggregatorError, *, verbose: bool) -> int:
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            click.echo(f"error: {mistake}", err=True)
        if verbose:
            click.echo(traceback.format_exc(), err=True)
        return WRONG
    _say(error.message, error.hint, verbose=verbose)
    return WRONG if isinstance(error, UsageError) else FAILED


def _say(message: str, hint: str | None, *, verbose: bool) -> None:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    if verbose:
        click.echo(traceback.format_exc(), err=True)
