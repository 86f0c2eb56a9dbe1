"""How well texts are grouped into stories, where it is known which of them tell one event."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import labelled
from aggregator.cli.labelled import Row, WrongLineError
from aggregator.model import Entry

if TYPE_CHECKING:  # what judges loads where it is used: `--help` does not need it
    from aggregator.config import Config
    from aggregator.curate.measure import Grouping

_HINT = (
    'a line is as in {"title": "…", "summary": "…", "source": "…", "published": "2020-05-14T06:00:00Z", '
    '"cluster": "…"}; texts of one cluster tell one event'
)
_CLUSTER = ("cluster", "story", "label")
_DATE = ("published", "date")


def evaluate_stories(file: Path, config: "Config", *, as_json: bool) -> None:
    from aggregator.curate.measure import grouping, placed
    from aggregator.curate.stories import StoryIndex

    texts = list(labelled.texts(file, _clustered, _HINT))
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
