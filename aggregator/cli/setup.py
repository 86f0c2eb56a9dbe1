"""Beginning a workspace, and checking it."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Shared, shared
from aggregator.errors import ConfigError, Mistake

if TYPE_CHECKING:  # the real import is made where a command needs it
    from aggregator.config import Config


@click.command("init", cls=Command)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--overwrite", is_flag=True, help="Replace files that are there already.")
@shared
def init_command(options: Shared, folder: Path, *, overwrite: bool) -> None:
    """Begin a workspace in FOLDER (default: here): a commented feeds.yaml and editable templates.

    Files that are there already are left alone.
    """
    from aggregator.config.templates import remember
    from aggregator.config.workspace import write_starter

    written, kept = write_starter(folder, overwrite=overwrite)
    templates = folder / "templates"
    remember(folder, [path.relative_to(templates).as_posix() for path in written if path.is_relative_to(templates)])
    for path in written:
        options.say(f"written: {path}")
    for path in kept:
        options.say(f"left alone: {path}")
    file = folder / "feeds.yaml"
    options.say(f"next: edit {file}, then `aggregator --config {shlex.quote(str(file))} check`")


@click.command("check", cls=Command)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of feeds.yaml, for editors.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each mistake.")
@shared
def check_command(options: Shared, /, *, schema: bool, as_json: bool) -> int:
    """Validate configuration and templates: every mistake at once, with file, line, key and the mend."""
    if schema:
        from aggregator.config.reference import schema_text

        click.echo(schema_text(), nl=False)
        return 0
    mistakes, warnings = _found(options)
    if as_json:
        for kind, found in (("error", mistakes), ("warning", warnings)):
            for one in found:
                click.echo(json.dumps({"kind": kind, **_fields(one)}, ensure_ascii=False))
    else:
        for one in mistakes:
            click.echo(f"error: {one}", err=True)
        for one in warnings:
            click.echo(f"warning: {one}", err=True)
    if mistakes:
        return 2
    if not as_json:
        config = options.config
        options.say(
            f"{options.file} is valid: {len(config.sources)} sources, {len(config.categories)} categories, "
            f"{len(config.newsletters)} newsletters"
        )
    return 0


def _found(options: Shared) -> tuple[list[Mistake], list[Mistake]]:
    from aggregator.collect.fulltext import mistakes as fulltext_mistakes
    from aggregator.config.checks import warnings
    from aggregator.config.workspace import template_folders
    from aggregator.publish.syntax import mistakes as template_mistakes
    from aggregator.send.message import problems

    try:
        config = options.config
    except ConfigError as error:
        return list(error.mistakes), []
    folders = template_folders(config.base)
    wrong = template_mistakes(folders) or _rendered(config, folders)
    wrong += problems(config) if config.delivery else []
    return [*fulltext_mistakes(config), *wrong], [*warnings(config), *_outdated(config.base)]


def _outdated(base: Path) -> list[Mistake]:
    """Templates that our newer ones stand behind."""
    from aggregator.config.templates import listed

    said = {
        "older": (
            "is an unchanged copy of an older version of ours",
            "`aggregator templates update` brings it up to date",
        ),
        "behind": ("was made from an older version of ours", "`aggregator templates diff` shows what is otherwise now"),
    }
    states = [(one.name, said[one.state]) for one in listed(base) if one.state in said]
    return [Mistake(str(base / "templates" / name), None, "", message, hint) for name, (message, hint) in states]


def _rendered(config: "Config", folders: tuple[Path, ...]) -> list[Mistake]:
    """What only shows when the workspace's own templates meet stories; ours were tried before they were shipped."""
    from aggregator.config.templates import listed
    from aggregator.demo.week import NOW, week
    from aggregator.pipeline.preview import from_sample
    from aggregator.pipeline.proof import proof
    from aggregator.web.answers import answers

    if all(one.state in {"ours", "copied"} for one in listed(config.base)):
        return []
    material = from_sample(config, week(), NOW)
    return proof(material, folders, answers(config, folders))


def wrong(options: Shared) -> list[Mistake]:
    """Every mistake in the configuration and its templates."""
    return _found(options)[0]


def _fields(mistake: Mistake) -> dict[str, str | int | None]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "key": mistake.key,
        "message": mistake.message,
        "hint": mistake.hint,
    }
