"""The schema, the reference and the models say the same."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML

from aggregator.config.kinds import Value
from aggregator.config.load import load
from aggregator.config.reference import documented_keys, rendered, schema_text
from aggregator.config.schema import schema
from aggregator.config.values import Config

PARTS: list[type[BaseModel]] = [model for model in Value.__subclasses__() if model is not Config]
ROOT = Path(__file__).parents[2]
REFRESH = "run: python -m aggregator.config.reference"
SMALL = "publication: {title: T, link: https://x}\nsources: [{name: a, url: https://y}]\n"


def data(text: str) -> Any:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def wrong(text: str) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema()).iter_errors(data(text))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_repositorys_own_file_is_valid() -> None:
    text = (ROOT / "feeds.yaml").read_text(encoding="utf-8")
    assert wrong(text) == []
    assert text.splitlines()[0] == "# yaml-language-server: $schema=docs/feeds.schema.json"
    variables = {"SMTP_PASSWORD": "x", "DATABASE_PASSWORD": "x"}
    assert len(load(ROOT / "feeds.yaml", variables).sources) >= 25


@pytest.mark.parametrize(
    "more",
    [
        "poll: {every: 2h, max_bytes: 10MB, timeout: 250ms}",
        "poll: {every: '${EVERY}', per_host: '${N}', allow_private_networks: '${YES}', max_bytes: 5000}",
        "sections: [analyses, {slug: sport, title: Sport}]",
        "delivery: {smtp: 'smtp://u:${P}@h', from: a@b, rate: 600/m, reply_to: null}",
        "newsletters: [{name: daily, title: D, schedule: '07:00 mon-fri', categories: ['${C}']}]",
        "database: ${DB}",
    ],
)
def test_what_is_right_is_taken_by_schema_and_loader(tmp_path: Path, more: str) -> None:
    assert wrong(SMALL + more) == []
    environ = {"EVERY": "1h", "N": "3", "YES": "true", "P": "p", "C": "c", "DB": "sqlite:///a"}
    (tmp_path / "feeds.yaml").write_text(SMALL + more + "\ncategories: [{slug: c, name: C}]\n")
    load(tmp_path / "feeds.yaml", environ)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (SMALL + "pol: {}", "$"),
        (SMALL + "poll: {every: soon}", "$.poll.every"),
        (SMALL + "poll: {max_bytes: many}", "$.poll.max_bytes"),
        (SMALL + "poll: {concurrency: 0}", "$.poll.concurrency"),
        (SMALL + "poll: {allow_private_networks: yes please}", "$.poll.allow_private_networks"),
        (SMALL + "sections: [sport]", "$.sections[0]"),
        (SMALL + "delivery: {smtp: http://h, from: a@b}", "$.delivery"),
        (SMALL + "database: mysql://h", "$.database"),
        (SMALL + "newsletters: [{name: d, title: D, schedule: noon}]", "$.newsletters[0].schedule"),
        (SMALL.replace("name: a", "name: A b"), "$.sources[0].name"),
        (SMALL.replace("https://y", "y"), "$.sources[0].url"),
        (SMALL.replace("link:", "lnk:"), "$.publication"),
    ],
)
def test_what_is_wrong_is_marked(text: str, path: str) -> None:
    assert path in wrong(text)


def test_the_written_schema_is_the_models() -> None:
    assert (ROOT / "docs" / "feeds.schema.json").read_text(encoding="utf-8") == schema_text(), REFRESH


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == rendered(page), REFRESH
    for key in documented_keys():
        assert f"| `{key.rsplit('.', maxsplit=1)[-1]}` |" in page
    assert len(list(documented_keys())) > 60


def test_every_key_has_a_meaning_and_an_example() -> None:
    models: list[type[BaseModel]] = [Config, *PARTS]
    for model in models:
        for name, field in model.model_fields.items():
            assert field.description, (model, name)
            plain = field.examples or model is Config or name == "author"
            assert plain, (model, name)


def test_the_documents_examples_are_valid(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (example,) = [block.partition("```")[0] for block in page.split("```yaml\n")[1:]]
    (tmp_path / "feeds.yaml").write_text(example)
    assert load(tmp_path / "feeds.yaml", {}).sources[0].name == "example"


def examples() -> list[tuple[str, FieldInfo, Any]]:
    """Each with the place of its key in the schema."""
    places = {Config: "#/properties"} | {model: f"#/$defs/{model.__name__}/properties" for model in PARTS}
    return [
        (f"{place}/{field.alias or name}", field, example)
        for model, place in places.items()
        for name, field in model.model_fields.items()
        for example in field.examples or ()
    ]


@pytest.mark.parametrize(("place", "field", "example"), examples(), ids=[place for place, _, _ in examples()])
def test_the_keys_examples_are_valid(place: str, field: FieldInfo, example: Any) -> None:
    kind: Any = Annotated[field.annotation, "as the model has it", *field.metadata]
    TypeAdapter(kind).validate_python(example)
    made = schema()
    part = {
        "$defs": {**made["$defs"], "Config": made},
        "$ref": place.replace("#/properties", "#/$defs/Config/properties"),
    }
    assert list(Draft202012Validator(part).iter_errors(example)) == []
