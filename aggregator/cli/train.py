"""Learn to sort from examples: labelled texts in files, and what editors corrected."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import labelled
from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.labelled import Row, WrongLineError
from aggregator.cli.lists import json_option
from aggregator.errors import ConfigError, Mistake, UsageError

if TYPE_CHECKING:  # what learns loads where it is used: `--help` does not need it
    from datetime import datetime

    from aggregator.config import Config
    from aggregator.pipeline.learning import Learnt
    from aggregator.store.examples import Kind, Taught

_HINT = (
    'a line is as in {"title": "…", "summary": "…", "label": "technology", "section": "analyses"}; '
    "one of label (a category, or other) and section is enough"
)
_SHOWN = 12


@click.command("train", cls=Command)
@click.argument("files", nargs=-1, metavar="[FILE]…", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--forget", is_flag=True, help="Forget what files taught; what editors corrected stays.")
@json_option
@shared
def train_command(options: Shared, /, *, files: tuple[Path, ...], forget: bool, as_json: bool) -> int:
    """Learn to sort from labelled texts, and from what editors corrected (`entries move`). Exits with 1 when nothing
    could be learned.

    A FILE holds a JSON object a line, with title, summary (or text), and label, section or both. A label is a category's
    slug or name, or “other”; a section's its slug or title. What FILES teach takes the place of what files taught before; without
    one, all is learned anew from the examples that there are. Corrections always stay, and are learned without being
    asked by `run`.

    The models are numbered files in the folder `models` beside the database. The newest that can be read is in use for
    what is curated from then on; `categories apply` sorts what is there already by it. Needs the extra `learn`: pip install 'aggregator[learn]'.
    """
    from aggregator.pipeline.learning import INSTALL, NO_EXTRA, available

    if forget and files:
        raise UsageError("--forget takes no files", hint="what a FILE teaches replaces what files taught before")
    if not available() and not forget:
        raise UsageError(NO_EXTRA, hint=INSTALL)
    config = options.config
    app = options.app()
    taught = _taught(files, config, app.clock()) if files else None
    learnt = app.teach(taught, forget=forget)
    if not learnt and not forget:
        raise UsageError(
            "there are no examples to learn from", hint="name a FILE, or correct entries by `entries move`"
        )
    for each in learnt:
        click.echo(json.dumps(_row(each), ensure_ascii=False)) if as_json else learned_lines(options, each)
    if forget and not learnt:
        options.say("all is forgotten: the rules sort alone")
    return 0 if forget or any(each.model is not None for each in learnt) else 1


def learned_lines(options: Shared, learnt: "Learnt") -> None:
    """What came of it, for people."""
    if learnt.model is None:
        assert learnt.failed is not None, "else there is a model"
        click.echo(f"{learnt.kind}: nothing new was learned: {learnt.failed.message}", err=True)
        if learnt.failed.hint:
            click.echo(f"hint: {learnt.failed.hint}", err=True)
        return
    about, file = learnt.model.learned, options.config.models_folder
    known = [label for label in about.labels if label in learnt.given]
    options.say(
        f"{learnt.kind}: {learnt.model.name} was learned of {about.n} texts in {len(known)} {learnt.kind}; "
        f"{about.accuracy:.1%} are found again (cross-validated)"
    )
    if learnt.left_out:
        few = sorted(learnt.left_out.items(), key=lambda pair: (-pair[1], pair[0]))
        more = f", and {len(few) - _SHOWN} more" if len(few) > _SHOWN else ""
        options.say(f"  too few texts of: {', '.join(f'{label} {count}' for label, count in few[:_SHOWN])}{more}")
    options.say(f"  in {file}, in use from now on")


def _row(learnt: "Learnt") -> dict[str, Any]:
    model = learnt.model
    return {
        "kind": learnt.kind,
        "model": model.name if model else None,
        "texts": sum(learnt.given.values()),
        "labels": dict(learnt.given),
        "left_out": learnt.left_out,
        "accuracy": model.learned.accuracy if model else None,
        "error": learnt.failed.message if learnt.failed else None,
    }


# --- files -----------------------------------------------------------------------------------------------


def _taught(files: Sequence[Path], config: "Config", now: "datetime") -> "list[Taught]":
    """Of all files. Raises ConfigError with every wrong line of all of them."""
    found: list[Taught] = []
    mistakes: list[Mistake] = []
    for file in files:
        try:
            found += [one for some in labelled.texts(file, _reader(file, config, now), _HINT) for one in some]
        except ConfigError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _reader(file: Path, config: "Config", now: "datetime") -> "Callable[[int, Row], list[Taught]]":
    from aggregator.collect.normalise import LONGEST_SUMMARY, shorten
    from aggregator.pipeline.learning import digest
    from aggregator.store.examples import Taught

    categories, sections = labelled.categories(config), labelled.sections(config)

    def read(number: int, row: Row) -> list[Taught]:
        entry = labelled.entry(number, row)
        title, summary = _whole(entry.title), _whole(shorten(entry.summary, LONGEST_SUMMARY))
        said: dict[str, Any] = {
            "digest": digest(title, summary),
            "title": title,
            "summary": summary,
            "origin": file.name,
            "at": now,
            "language": str(row["language"]) if row.get("language") else None,
        }
        return [Taught(kind=kind, label=label, **said) for kind, label in _labels(row, categories, sections)]

    return read


def _whole(text: str) -> str:
    """JSON may hold halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def _labels(row: Row, categories: dict[str, str], sections: dict[str, str]) -> "Iterator[tuple[Kind, str]]":
    label, section = labelled.said(row, "label"), labelled.said(row, "section")
    if not label and not section:
        raise WrongLineError("has no label or section")
    if label:
        yield "categories", labelled.meant(label, categories, "category")
    if section:
        yield "sections", labelled.meant(section, sections, "section")
