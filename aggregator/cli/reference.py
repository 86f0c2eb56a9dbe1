"""The reference part of docs/commands.md, from the commands themselves: `python -m aggregator.cli.reference FILE`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from aggregator.cli.base import cli

BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"
_EVERYWHERE = frozenset({"quiet", "verbose", "log_format", "help"})


def written(text: str) -> str:
    """The document with its reference part made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    return "\n".join(line for path, command in commands() for line in _section(path, command))


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and sub-command, in the order of `--help`."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None, "it is listed"
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, sub), each) for sub, each in command.commands.items())


def _section(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(path))
    own = [param for param in command.params if param.name not in _EVERYWHERE]
    usage = " ".join([*path, *(param.make_metavar(context) for param in own if isinstance(param, click.Argument))])
    yield f"{'#' * (2 + len(path))} `{usage}`"
    yield ""
    yield (command.help or "").strip()
    yield ""
    options = [param for param in own if isinstance(param, click.Option)]
    for option in options:
        record = option.get_help_record(context)
        assert record is not None, "no option is hidden"
        yield f"- `{record[0]}`: {' '.join(record[1].split())}"
    if options:
        yield ""


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
