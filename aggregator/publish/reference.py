"""The reference part of docs/templates.md, from what templates are given: `python -m aggregator.publish.reference FILE`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from aggregator.publish.labels import labels
from aggregator.publish.variables import EVERYWHERE, FILTERS, TEMPLATES, VALUES, Names

BEGIN, END = "<!-- variables: begin -->", "<!-- variables: end -->"


def written(text: str) -> str:
    """The document with its reference part made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    parts = (_templates(), _values(), _filters(), _words())
    return "\n".join(line for part in parts for line in part)


def _templates() -> Iterator[str]:
    yield "## Every template"
    yield ""
    yield "In each of them, macros included:"
    yield ""
    yield from _table("variable", EVERYWHERE)
    for name, template in TEMPLATES.items():
        yield f"### `{name}`"
        yield ""
        yield template.about
        yield ""
        if template.given:
            yield from _table("variable", template.given)


def _values() -> Iterator[str]:
    yield "## What the variables are made of"
    yield ""
    yield "A time is a moment with its zone: show it by a filter. Text from feeds may hold anything; it is escaped."
    yield ""
    for name, value in VALUES.items():
        yield f"### {name}"
        yield ""
        yield value.about
        yield ""
        yield from _table("has", value.has)


def _filters() -> Iterator[str]:
    yield "## Filters"
    yield ""
    yield "Besides [Jinja's own](https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters):"
    yield ""
    yield from _table("filter", FILTERS, of="takes", meaning="gives")


def _words() -> Iterator[str]:
    yield "## Words"
    yield ""
    yield "Our own few words, in English, and in simplified and traditional Chinese; elsewhere English stands. In"
    yield "`{…}` something is put in: `{{ words.number.format(number=edition.number) }}`."
    yield ""
    yield "| word | English | 简体 | 繁體 |"
    yield "| --- | --- | --- | --- |"
    english, simplified, traditional = labels("en"), labels("zh-Hans"), labels("zh-Hant")
    for name, text in english.items():
        yield f"| `{name}` | {_cell(text)} | {_cell(simplified[name])} | {_cell(traditional[name])} |"
    yield ""


def _table(first: str, names: Names, *, of: str = "is", meaning: str = "meaning") -> Iterator[str]:
    yield f"| {first} | {of} | {meaning} |"
    yield "| --- | --- | --- |"
    for name, (kind, said) in names.items():
        yield f"| `{name}` | {kind} | {_cell(said)} |"
    yield ""


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|")


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
