"""How well categories are given, or stories grouped, on texts of which the right answer is known."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import labelled
from aggregator.cli.base import Command, Shared, shared
from aggregator.cli.labelled import Row, WrongLineError
from aggregator.cli.lists import json_option
from aggregator.model import Entry

if TYPE_CHECKING:  # what judges loads where it is used: `--help` does not need it
    from aggregator.config import Config
    from aggregator.curate.measure import Grouping, Measure

_HINT = 'a line is as in {"title": "…", "summary": "…", "label": "technology"}; label: a category of feeds.yaml'
_STORIES_HINT = (
    'a line is as in {"title": "…", "summary": "…", "source": "…", "published": "2020-05-14T06:00:00Z", '
    '"cluster": "…"}; texts of one cluster tell one event'
)
_CLUSTER = ("cluster", "story", "label")
_DATE = ("published", "date")


@click.command("evaluate", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stories", "as_stories", is_flag=True, help="Measure how texts are grouped into stories.")
@json_option
@shared
def evaluate_command(options: Shared, /, *, file: Path, as_stories: bool, as_json: bool) -> None:
    """Run the classifier on labelled texts and measure it; with --stories, the grouping into stories.

    FILE holds a JSON object a line, with title, summary and label. A label is a category's slug or name; “other” stands
    for none.

    With --stories a line has title, summary (or text), source, url, published (or date), and cluster (or story, or
    label), the same for texts that tell the same event; only title and cluster are needed. The texts are placed one by
    one as new entries are, in the order of their times where every one has a time, else in the order of the file and
    as if all had come at once. Printed are B-cubed and pairwise precision, recall and F1.
    """
    if as_stories:
        _stories(file, options.config, as_json=as_json)
    else:
        _categories(file, options.config, as_json=as_json)


# --- categories ------------------------------------------------------------------------------------------


def _categories(file: Path, config: "Config", *, as_json: bool) -> None:
    from aggregator.curate.classify import Classifier
    from aggregator.curate.measure import measure

    classifier = Classifier(config.categories)

    def guess(entry: Entry) -> str:
        scored = classifier.categories(entry, None)
        return scored[0].slug if scored else labelled.NONE

    found = measure([(label, guess(entry)) for entry, label in labelled.texts(file, _classified(config), _HINT)])
    if as_json:
        said = {"accuracy": found.accuracy, "macro_f1": found.macro_f1, "n": found.n, "categories": found.rows}
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        _show(found)


def _classified(config: "Config") -> Callable[[int, Row], tuple[Entry, str]]:
    known = labelled.categories(config)

    def read(number: int, row: Row) -> tuple[Entry, str]:
        label = labelled.category(labelled.needed(row, "label"), known)
        return labelled.entry(number, row), label

    return read


def _show(found: "Measure") -> None:
    click.echo(f"{found.n} texts: accuracy {found.accuracy:.3f}, macro-F1 {found.macro_f1:.3f}")
    click.echo(f"{'category':<24} {'texts':>6} {'precision':>9} {'recall':>7} {'F1':>6}  mistaken for")
    for slug, row in found.rows.items():
        mistaken = ", ".join(f"{other} {count}" for other, count in row["mistaken_for"].items())
        click.echo(
            f"{slug:<24} {row['n']:>6} {row['precision']:>9.3f} {row['recall']:>7.3f} {row['f1']:>6.3f}  {mistaken}"
        )


# --- stories ---------------------------------------------------------------------------------------------


def _stories(file: Path, config: "Config", *, as_json: bool) -> None:
    from aggregator.curate.measure import grouping, placed
    from aggregator.curate.stories import StoryIndex

    texts = list(labelled.texts(file, _clustered, _STORIES_HINT))
    if all(entry.published is not None for entry, _ in texts):
        texts.sort(key=lambda text: text[0].when)
    else:
        texts = [(_undated(entry), cluster) for entry, cluster in texts]
    told = placed([entry for entry, _ in texts], StoryIndex(config.curate.story_window))
    found = grouping([(cluster, told[entry.id]) for entry, cluster in texts])
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        _show_grouping(found)


def _clustered(number: int, row: Row) -> tuple[Entry, str]:
    from aggregator.collect.normalise import LONGEST_SUMMARY, shorten
    from aggregator.collect.urls import canonical

    entry, date = labelled.entry(number, row), _date(row)
    url = str(row["url"]) if row.get("url") else None
    return replace(
        entry,
        source=str(row.get("source") or ""),
        url=url,
        canonical_url=canonical(url) if url else None,
        summary=shorten(entry.summary, LONGEST_SUMMARY),
        published=date,
        seen=date or entry.seen,
    ), labelled.needed(row, *_CLUSTER)


def _date(row: Row) -> datetime | None:
    from aggregator.collect.dates import parse_date

    said = next((str(row[name]) for name in _DATE if row.get(name)), None)
    date = parse_date(said)
    if said is not None and date is None:
        raise WrongLineError(f"has no date that can be read: {said!r}")
    return date


def _undated(entry: Entry) -> Entry:
    return replace(entry, published=None, seen=labelled.SOME_DAY)


def _show_grouping(found: "Grouping") -> None:
    click.echo(f"{found.n} texts: {found.stories} stories, {found.clusters} would be right")
    click.echo(f"{'':<10} {'precision':>9} {'recall':>7} {'F1':>6}")
    for name, score in (("B-cubed", found.b_cubed), ("pairwise", found.pairwise)):
        click.echo(f"{name:<10} {score.precision:>9.3f} {score.recall:>7.3f} {score.f1:>6.3f}")
