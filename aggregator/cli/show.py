"""Tables for people, one JSON object a line for programs."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_LONG = frozenset(
    {"title", "summary", "reason", "subject", "categories", "sources", "newsletters", "states", "held", "retracted"}
)
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_PIPED = 200
"""Columns where nobody says how wide the screen is."""


def time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def from_now(moment: str | None, now: datetime) -> str | None:
    """A time as `time` writes it, as people say it: 5 min ago, in 2 h."""
    if moment is None:
        return None
    seconds = (datetime.fromisoformat(moment) - now).total_seconds()
    length, unit = next((size, name) for size, name in _UNITS if abs(seconds) >= size or size == 1)
    count = round(abs(seconds) / length)
    return f"in {count} {unit}" if seconds > 0 else f"{count} {unit} ago"


def rows(found: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, none: str) -> None:
    """`columns`: what the table shows of each row; JSON shows all. `none` is said where there is nothing."""
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    listed = list(found)
    if not listed:
        click.echo(none)
        return
    _table(listed, columns)


def _table(listed: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column not in _LONG)
    for row in listed:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    console = Console(soft_wrap=False, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _PIPED
    console.print(table)


def _cell(value: Any) -> str:
    """Text from feeds moves no cursor and turns no direction."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return _CONTROL.sub("", str(value)).replace("\n", " ")


def plain(text: str) -> str:
    return _CONTROL.sub("", text)
