"""How well categories and sections are given, or stories grouped, on texts of which the right answer is known."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import labelled
from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.evaluate_stories import evaluate_stories
from aggregator.cli.labelled import Row
from aggregator.errors import UsageError
from aggregator.model import OTHER, Entry

if TYPE_CHECKING:  # what judges loads where it is used: `--help` does not need it
    from aggregator.config import Config
    from aggregator.curate.measure import Measure
    from aggregator.pipeline.sorting import Layer, Sorter
    from aggregator.store.examples import Kind

_HINT = (
    'a line is as in {"title": "…", "summary": "…", "label": "technology"}; label: a category of feeds.yaml, or other'
)
_SECTION_HINT = 'a line is as in {"title": "…", "summary": "…", "section": "analyses"}; section: one of feeds.yaml'
_MORE = ("url", "author", "source", "language", "content")
"""What a line may say besides, and tags: rules ask for it."""


@click.command("evaluate", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sections", "measured", flag_value="sections", help="Measure which section is chosen.")
@click.option("--stories", "measured", flag_value="stories", help="Measure how texts are grouped into stories.")
@click.option("--rules", "alone", flag_value="rules", help="Measure the rules alone.")
@click.option("--learned", "alone", flag_value="learned", help="Measure what was learned from examples alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@shared
def evaluate_command(
    options: Shared, /, *, file: Path, measured: str | None, alone: "Layer | None", as_json: bool
) -> None:
    """Sort labelled texts and measure it; with --stories, the grouping into stories.

    FILE holds a JSON object a line, with title, summary and label, and if you like url, author, source (its name in
    feeds.yaml), tags, language and content. A label is a category's slug or name, however it is spaced or capitalised;
    “other” stands for none.

    Where no text of FILE is labelled other, each is held to have a category, and the best guess counts for accuracy,
    F1 and the confusion, also one that is too unsure to be given to readers. Where some are, silence is an answer. A
    guess that lies within the right category (finance within economy) is right, and counts under the label. `spoken` is
    the share of the texts that readers would see with a category, `precision` how many of those are right.

    With --rules or --learned, one layer is measured without the other.

    With --sections a line has section (a slug or title) in place of label. `spoken` is the share that was placed
    anywhere but in the section of plain news.

    With --stories a line has title, summary (or text), source, url, published (or date), and cluster (or story, or
    label), the same for texts that tell the same event; only title and cluster are needed. The texts are placed one by
    one as new entries are, in the order of their times where every one has a time, else in the order of the file and
    as if all had come at once. Printed are B-cubed and pairwise precision, recall and F1.
    """
    if measured == "stories" and alone is not None:
        raise UsageError(f"--{alone} has no say in stories", hint="leave it out, or measure categories or sections")
    if measured == "stories":
        evaluate_stories(file, options.config, as_json=as_json)
        return
    found = (_sections if measured == "sections" else _categories)(file, options.config, alone)
    if as_json:
        click.echo(json.dumps(_said(found), ensure_ascii=False))
    else:
        _show(found)


@dataclass(frozen=True, slots=True)
class _Text:
    entry: Entry
    label: str


def _categories(file: Path, config: "Config", alone: "Layer | None") -> "Measure":
    from aggregator.curate.measure import measure

    seen, best = (_sorter(config, "categories", alone, least) for least in (None, 0.0))
    texts = list(labelled.texts(file, _reader(labelled.categories(config), "label"), _HINT))
    silence = any(text.label == OTHER for text in texts)
    given = [_given(seen, text.entry) for text in texts]
    guesses = given if silence else [_given(best, text.entry) for text in texts]
    pairs = [(text.label, guess) for text, guess in zip(texts, guesses, strict=True)]
    return measure(pairs, given=given, broader=seen.classifier.broader)


def _sorter(config: "Config", kind: "Kind", alone: "Layer | None", confidence: float | None = None) -> "Sorter":
    from aggregator.pipeline import models
    from aggregator.pipeline.sorting import Sorter

    if alone == "learned" and models.in_use(config.models_folder, kind).model is None:
        raise UsageError(
            f"nothing was learned of {kind} yet", hint="`aggregator train FILE` learns from labelled texts"
        )
    return Sorter.on(None, config, alone=alone, confidence=confidence)


def _given(sorter: "Sorter", entry: Entry) -> str:
    return sorter.sort(entry, _language(entry)).first or OTHER


def _sections(file: Path, config: "Config", alone: "Layer | None") -> "Measure":
    from aggregator.curate.measure import measure

    sorter = _sorter(config, "sections", alone)
    texts = labelled.texts(file, _reader(labelled.sections(config), "section"), _SECTION_HINT)
    pairs = [(text.label, sorter.sort(text.entry, _language(text.entry)).section.value) for text in texts]
    return measure(pairs, silence=config.news_section)


def _language(entry: Entry) -> str | None:
    from aggregator.curate import language

    return language.detect(entry.title, entry.summary, entry.language)


def _reader(known: Mapping[str, str], key: str) -> Callable[[int, Row], _Text]:
    """Of lines whose label stands under `key`."""

    def read(number: int, row: Row) -> _Text:
        label = labelled.needed(row, key)
        return _Text(_entry(number, row), labelled.meant(label, known, "category" if key == "label" else key))

    return read


def _entry(number: int, row: Row) -> Entry:
    tags = row.get("tags") or []
    said = {name: str(row[name]) for name in _MORE if row.get(name)}
    return labelled.entry(number, row, tags=tuple(map(str, tags if isinstance(tags, list) else [tags])), **said)


def _said(found: "Measure") -> dict[str, object]:
    return {
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "n": found.n,
        "spoken": found.spoken,
        "precision": found.precision,
        "categories": found.rows,
        "confusion": found.confusion,
    }


def _show(found: "Measure") -> None:
    click.echo(f"{found.n} texts: accuracy {found.accuracy:.3f}, macro-F1 {found.macro_f1:.3f}")
    click.echo(f"{found.spoken:.1%} were given one, and of those {found.precision:.1%} the right one")
    click.echo(f"{'category':<24} {'texts':>6} {'precision':>9} {'recall':>7} {'F1':>6}  mistaken for")
    for slug, row in found.rows.items():
        mistaken = ", ".join(f"{other} {count}" for other, count in row["mistaken_for"].items())
        click.echo(
            f"{slug:<24} {row['n']:>6} {row['precision']:>9.3f} {row['recall']:>7.3f} {row['f1']:>6.3f}  {mistaken}"
        )
