"""JSON Schema for editors, made from the models: completion, descriptions, and a mark under what is wrong.

It cannot know what spans the file (a slug that nothing bears); `aggregator check` does.
"""

from typing import Any

from aggregator.config.sections import DEFAULT_SECTIONS
from aggregator.config.values import Config

FILE = "feeds.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema={FILE}"
_REFERENCE = {"$ref": "#/$defs/Environment"}
_ENVIRONMENT = {
    "type": "string",
    "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
    "description": "Taken from the environment.",
}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of feeds.yaml."""
    made = Config.model_json_schema(by_alias=True)
    parts = made.pop("$defs")
    shown = _section_or_slug(_open(made))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "feeds.yaml",
        "description": "What to read, how to sort it, what to send: the configuration of aggregator.",
        **{name: value for name, value in shown.items() if name not in {"title", "description"}},
        "$defs": {"Environment": _ENVIRONMENT, **{name: _open(part) for name, part in sorted(parts.items())}},
    }


def _open(part: dict[str, Any]) -> dict[str, Any]:
    """Each key without the title that only repeats its name, and open to ${NAME} where its own kind would refuse it."""
    keys = {name: _or_environment(_untitled(value)) for name, value in part["properties"].items()}
    return {**_untitled(part), "properties": keys}


def _untitled(value: dict[str, Any]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if name != "title"}


def _or_environment(value: dict[str, Any]) -> dict[str, Any]:
    if "items" in value:
        return {**value, "items": _or_environment(value["items"])}
    notes: dict[str, Any] = {name: value[name] for name in ("description", "default", "examples") if name in value}
    rule = {name: inner for name, inner in value.items() if name not in notes}
    free = rule.get("type") == "string" and not rule.keys() & {"pattern", "enum", "maxLength"}
    if free or "$ref" in rule or rule.get("type") == "object":
        return value
    choices = rule.get("anyOf", [rule])
    if any("$ref" in choice for choice in choices):
        return {**notes, "anyOf": choices}
    return {**notes, "anyOf": [*choices, _REFERENCE]}


def _section_or_slug(root: dict[str, Any]) -> dict[str, Any]:
    slug = {"enum": [section.slug for section in DEFAULT_SECTIONS], "description": "One of ours, as it is."}
    sections = root["properties"]["sections"]
    items = {"anyOf": [slug, *sections["items"].get("anyOf", [sections["items"]])]}
    default = [section.slug for section in DEFAULT_SECTIONS]
    changed = {**sections, "items": items, "default": default}
    return {**root, "properties": {**root["properties"], "sections": changed}}
