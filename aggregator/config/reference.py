"""The tables of docs/configuration.md and the schema beside it, made from the models.

`python -m aggregator.config.reference` writes both anew in a checkout; a test keeps them equal to the code.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aggregator.config import kinds
from aggregator.config.schema import schema
from aggregator.config.splice import flow
from aggregator.config.values import Config

BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
_KINDS = {
    "read_duration": "duration",
    "read_size": "size",
    "read_rate": "rate",
    "_flag": "true or false",
    "_zone": "time zone",
    "_web_address": "web address",
    "_schedule": "schedule",
    "_mailbox": "mail address",
    "_listen": "host:port",
    "_smtp": "mail server",
    "_database": "database address",
    "_headers": "mapping of names to texts",
    "_term": "term",
    "_pattern": "pattern",
}
_SHOWN: dict[str, Callable[[Any], str]] = {
    "duration": kinds.show_duration,
    "size": kinds.show_size,
    "rate": kinds.show_rate,
}
_TYPES = {str: "text", int: "whole number", float: "number", Path: "path"}


def reference() -> str:
    """Markdown: one table for each mapping in the file, in the file's order."""
    return "\n".join(line for name, model in _models("", Config) for line in _table(name, model))


def rendered(page: str) -> str:
    """The page with fresh tables between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{reference()}\n{END}{tail}"


def schema_text() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def documented_keys(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[str]:
    """Every key, as in poll.every or sources[].url."""
    for name, part in _models(prefix, model):
        yield from (f"{name}.{field.alias or key}".removeprefix(".") for key, field in part.model_fields.items())


def _models(name: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield name, model
    for key, field in model.model_fields.items():
        inner, many = _inner(field.annotation)
        if inner is not None:
            yield from _models(f"{name}.{key}{'[]' if many else ''}".removeprefix("."), inner)


def _inner(annotation: Any, *, many: bool = False) -> tuple[type[BaseModel] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, many
    many = many or get_origin(annotation) is tuple
    found = (_inner(part, many=many) for part in get_args(annotation))
    return next((one for one in found if one[0] is not None), (None, many))


def _table(name: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"### {f'`{name}`' if name else 'The file'}"
    yield ""
    yield " ".join((model.__doc__ or "").split())
    yield ""
    yield "| key | type | default | meaning | example |"
    yield "| --- | --- | --- | --- | --- |"
    for key, field in model.model_fields.items():
        cells = (f"`{field.alias or key}`", _kind(field), _default(field), field.description or "", _example(field))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _kind(field: FieldInfo) -> str:
    named = _named(field.metadata)
    return named or _said(field.annotation)


def _said(annotation: Any) -> str:
    """A type in words. Annotated types are told by the function that reads them."""
    if hasattr(annotation, "__metadata__"):
        return _named(annotation.__metadata__) or _said(annotation.__origin__)
    parts = [part for part in get_args(annotation) if part not in {NoneType, ...}]
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list {_many(_said(parts[0]))}"
    if origin in {UnionType, Union}:
        return " or ".join(_said(part) for part in parts)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return _TYPES.get(annotation, "mapping")


def _many(kind: str) -> str:
    if kind.startswith("`"):
        return f"out of {kind}"
    return f"of {kind.replace('list of', 'lists of')}" if kind.startswith("list") else f"of {kind}s"


def _named(metadata: Any) -> str | None:
    for one in metadata:
        name = getattr(getattr(one, "func", None), "__name__", "")
        if name in _KINDS:
            return _KINDS[name]
        pattern = getattr(one, "pattern", None) or next(
            (part.pattern for part in getattr(one, "metadata", ()) if hasattr(part, "pattern")), None
        )
        if pattern is not None:
            return "slug" if pattern == kinds.SLUG else "language tag"
    return None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{getattr(one, 'slug', one)}`" for one in value)
    return f"`{_written(value, field)}`"


def _written(value: Any, field: FieldInfo) -> str:
    show = _SHOWN.get(_named(field.metadata) or "")
    return show(value) if show else flow(value if isinstance(value, bool | int | float) else str(value))


def _example(field: FieldInfo) -> str:
    return ", ".join(f"`{flow(example)}`" for example in field.examples or ())


def _write(root: Path) -> None:
    page = root / "docs" / "configuration.md"
    page.write_text(rendered(page.read_text(encoding="utf-8")), encoding="utf-8")
    (root / "docs" / "feeds.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    _write(Path.cwd())
