"""How well the classifier does on texts whose category is known."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.lists import json_option
from aggregator.errors import ConfigError, Mistake
from aggregator.model import Entry

if TYPE_CHECKING:  # what classifies loads where it is used: `--help` does not need it
    from aggregator.config import Config
    from aggregator.curate.classify import Classifier
    from aggregator.curate.measure import Measure

_OTHER = "other"
_HINT = 'a line is as in {"title": "…", "summary": "…", "label": "technology"}; label: a category of feeds.yaml'


@click.command("evaluate", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@shared
def evaluate_command(options: Shared, /, *, file: Path, as_json: bool) -> None:
    """Run the classifier on labelled texts: a JSON object a line with title, summary and label.

    A label is a category's slug or name; “other” stands for none.
    """
    from aggregator.curate.classify import Classifier
    from aggregator.curate.measure import measure

    classifier = Classifier(options.config.categories)
    pairs = [(label, _guess(classifier, entry)) for entry, label in _texts(file, options.config)]
    if not pairs:
        raise ConfigError([Mistake(str(file), None, "", "holds no texts", _HINT)])
    found = measure(pairs)
    if as_json:
        said = {"accuracy": found.accuracy, "macro_f1": found.macro_f1, "n": found.n, "categories": found.rows}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        _show(found)


def _guess(classifier: "Classifier", entry: Entry) -> str:
    scored = classifier.categories(entry, None)
    return scored[0].slug if scored else _OTHER


def _texts(file: Path, config: "Config") -> Iterator[tuple[Entry, str]]:
    known = {category.slug.casefold(): category.slug for category in config.categories} | {_OTHER: _OTHER}
    known |= {category.name.casefold(): category.slug for category in config.categories}
    mistakes: list[Mistake] = []
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            yield _text(number, json.loads(line), known)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            mistakes.append(Mistake(str(file), number, "", _wrong(error), _HINT))
    if mistakes:
        raise ConfigError(mistakes)


def _wrong(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"is no JSON: {error.msg} at column {error.colno}"
        case KeyError():
            return f"has no {error.args[0]}" if error.args[0] in {"title", "label"} else f"names no category: {error}"
        case _:
            return "is no JSON object"


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ConfigError([Mistake(str(file), None, "", f"is not UTF-8 (byte {error.start})", "save it so")]) from error


def _text(number: int, row: dict[str, Any], known: dict[str, str]) -> tuple[Entry, str]:
    label = known[str(row["label"]).casefold()]
    title, summary = str(row["title"]), str(row.get("summary") or "")
    now = datetime.now(UTC)
    return Entry(
        id=f"e{number}",
        source="",
        guid=str(number),
        url=None,
        canonical_url=None,
        title=title,
        summary=summary,
        seen=now,
    ), label


def _show(found: "Measure") -> None:
    click.echo(f"{found.n} texts: accuracy {found.accuracy:.3f}, macro-F1 {found.macro_f1:.3f}")
    click.echo(f"{'category':<24} {'texts':>6} {'precision':>9} {'recall':>7} {'F1':>6}  mistaken for")
    for slug, row in found.rows.items():
        mistaken = ", ".join(f"{other} {count}" for other, count in row["mistaken_for"].items())
        click.echo(
            f"{slug:<24} {row['n']:>6} {row['precision']:>9.3f} {row['recall']:>7.3f} {row['f1']:>6.3f}  {mistaken}"
        )
