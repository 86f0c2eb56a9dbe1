"""The search: a page, a little script of our own, and what it looks through, in parts along the archive's drawers.

Without the script the page is a list of the archive, and so it is where a browser reads no other files (file://).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from aggregator.config import Config
from aggregator.publish.archive import Drawer, Drawers, Line, leaves, years
from aggregator.publish.site import Page, opening, page
from aggregator.publish.theme import iso, legal

_COLUMNS = ("id", "title", "brief", "kicker", "source", "date", "language", "brief_language")


def index(config: Config, drawers: Drawers, folders: Sequence[Path]) -> Page:
    found = years(drawers)
    total = sum(year.stories for year in found)
    return page(config, folders, opening, "search", "search/index.html", years=found, total=total)


def parts(drawers: Drawers) -> bytes:
    """What there is to look through, the newest first."""
    return _written({"parts": [[part_path(one).rpartition("/")[2], one.stories] for one in leaves(drawers)]})


def part_path(drawer: Drawer) -> str:
    return f"search/{drawer.name}.json"


def part(lines: Sequence[Line]) -> bytes:
    """The newest first."""
    rows = [
        [
            line.story,
            legal(line.title),
            legal(line.brief),
            line.kicker.name if line.kicker else "",
            legal(line.source_title),
            iso(line.first),
            line.language or "",
            line.brief_language or "",
        ]
        for line in lines
    ]
    return _written({"columns": _COLUMNS, "stories": rows})


def spellings(simplified: Mapping[str, str]) -> bytes:
    """Traditional characters and their simplified ones, for a script that finds either by either."""
    pairs = [(one, other) for one, other in sorted(simplified.items()) if len(one) == len(other) == 1]
    return _written({"these": "".join(one for one, _ in pairs), "those": "".join(other for _, other in pairs)})


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
