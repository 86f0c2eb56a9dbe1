"""Templates are the operator's: what they are given is written down, and a mistake in one is told with its place."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.config.workspace import ALWAYS_OURS
from aggregator.demo.week import NOW, week
from aggregator.errors import RenderError
from aggregator.pipeline import preview, preview_pages
from aggregator.pipeline.proof import proof
from aggregator.publish import scheme, syntax, theme
from aggregator.publish.reference import written
from aggregator.publish.sandbox import FOR_READERS
from aggregator.publish.variables import EVERYWHERE, FILTERS, TEMPLATES, VALUES
from aggregator.web.answers import answers
from tests.support.web import configured
from tests.support.workspace import ROOT

OURS = ROOT / "templates"
DOCUMENT = ROOT / "docs" / "templates.md"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return configured(
        tmp_path_factory.mktemp("desk"),
        publication={"title": "The China Desk", "link": "https://desk.example", "imprint": "1 Sample Street"},
        categories=[{"slug": "technology", "name": "Technology", "any": ["chip"]}],
        delivery={"smtp": "smtp://127.0.0.1:9", "from": "Desk <desk@desk.example>"},
    )


@pytest.fixture(scope="module")
def material(config: Config) -> preview.Material:
    return preview.from_sample(config, week()[:12], NOW)


def own(folder: Path, name: str, text: str) -> tuple[Path, Path]:
    """A workspace with this one template of its own, before ours."""
    path = folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder / "templates", OURS


def ours(name: str) -> str:
    return (OURS / name).read_text(encoding="utf-8")


# --- what is written down --------------------------------------------------------------------------------


def test_the_document_is_that_of_this_program() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert written(text) == text, "run `python -m aggregator.publish.reference docs/templates.md`"


def test_every_template_of_ours_is_documented_and_no_other() -> None:
    assert {path.relative_to(OURS).as_posix() for path in OURS.rglob("*") if path.is_file()} == set(TEMPLATES)


@pytest.fixture(scope="module")
def given_to(config: Config, material: preview.Material) -> dict[str, set[str]]:
    """What each template is given in fact, whoever renders it."""
    found: dict[str, set[str]] = defaultdict(set)
    honest = jinja2.Template.render

    def watched(template: jinja2.Template, *args: Any, **values: Any) -> str:
        found[str(template.name)] |= set(values)
        return honest(template, *args, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Template, "render", watched)
        assert proof(material, (OURS,), answers(config, (OURS,))) == []
    return found


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if template.given])
def test_what_a_template_is_given_is_documented_and_nothing_else(name: str, given_to: dict[str, set[str]]) -> None:
    if name != "site/base.html":  # extended by others, with what those are given
        assert set(TEMPLATES[name].given) == given_to[name]


def test_nothing_else_is_given_anything(given_to: dict[str, set[str]]) -> None:
    given = {name for name, values in given_to.items() if values}
    assert given - ALWAYS_OURS <= {name for name, template in TEMPLATES.items() if template.given}


def test_ours_name_nothing_that_is_not_documented() -> None:
    assert syntax.mistakes((OURS,)) == []


@pytest.mark.parametrize("name", VALUES)
def test_what_a_value_has_is_there(name: str) -> None:
    value = VALUES[name]
    fields = getattr(value.of, "model_fields", None) or getattr(value.of, "__dataclass_fields__", {})
    assert {one for one in value.has if one not in fields and not hasattr(value.of, one)} == set()


def test_the_configuration_is_read_as_far_as_is_written_down() -> None:
    assert set(VALUES["Config"].has) == FOR_READERS


def test_kinds_that_are_named_are_explained() -> None:
    said = [kind for template in TEMPLATES.values() for kind, _ in template.given.values()]
    said += [kind for value in VALUES.values() for kind, _ in value.has.values()]
    plain = {"Button"}  # explained where it stands
    assert set(re.findall(r"\b[A-Z]\w+", " ".join(said))) - plain <= set(VALUES)


def test_filters_and_names_of_everywhere_are_those_that_there_are() -> None:
    made = theme.environment((OURS,), language="en", timezone="UTC")
    plain = jinja2.Environment()
    assert set(made.filters) - set(plain.filters) == set(FILTERS)
    assert set(made.globals) - set(plain.globals) == set(EVERYWHERE)


def test_the_example_of_a_change_does_what_it_says(material: preview.Material, tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (change,) = re.findall(r"```jinja\n(.*?)```", text, re.DOTALL)
    (after,) = re.findall(r"below the line with `(<h1>.*?)`:", text)
    before = ours("mail/edition.html")
    assert before.count(after) == 1
    folders = own(tmp_path, "mail/edition.html", before.replace(after, f"{after}\n{change}"))
    edition = material.drafts[0]
    plain, changed = (preview_pages.letter(material, edition, one).html for one in ((OURS,), folders))
    assert changed.count("1 Sample Street") == plain.count("1 Sample Street") + 1


# --- what is wrong ---------------------------------------------------------------------------------------

BROKEN = {
    "syntax": ("site/front.html", "one\n{% if %}\n", 2, "Expected an expression"),
    "no end": ("site/front.html", "{% if main %}\n", 1, "Unexpected end of template"),
    "a variable": ("site/story.html", "\n{{ stroy.title }}\n", 2, "there is no variable 'stroy' (did you mean story?)"),
    "of another page": ("site/front.html", "{{ story }}", 1, "there is no variable 'story'"),
    "in a branch": ("site/list.html", "{% if total > 999 %}\n{{ totl }}{% endif %}", 2, "did you mean total?"),
    "a filter": ("mail/edition.txt", "\n\n{{ home_url | wbe }}", 3, "there is no filter 'wbe' (did you mean web?)"),
    "a test": ("site/front.html", "{{ main is emtpy }}", 1, "there is no test 'emtpy'"),
    "in the mail's styles": ("mail/dark.css", "a {{ b }}\n{% endif %}", 2, "Encountered unknown tag 'endif'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_without_rendering_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    name, text, line, said = BROKEN[case]
    (mistake, *_) = syntax.mistakes(own(tmp_path, name, text))
    assert (mistake.file, mistake.line) == (str(tmp_path / "templates" / name), line)
    assert said in str(mistake)


RIGHT = {
    "what may be missing": ("site/front.html", "{% if absent is defined %}{{ absent }}{% endif %}"),
    "its own": ("site/list.html", "{% set a = 1 %}{% for b in cards %}{{ a }}{{ b }}{{ loop.index }}{% endfor %}"),
    "a macro": ("site/list.html", "{% macro m(x) %}{{ x }}{% endmacro %}{% block c %}{{ m(total) }}{% endblock %}"),
    "imported": (
        "site/list.html",
        '{% import "site/_card.html" as c %}{% from "site/_card.html" import card as k %}{{ c }}{{ k }}',
    ),
    "set above": (
        "site/withdrawn.html",
        '{% extends "site/base.html" %}{% block content %}{{ here }}{% endblock %}',
    ),
    "one that extends itself": ("site/list.html", '{% extends "site/list.html" %}{{ total }}'),
    "one more": ("site/_mine.html", "{{ whatever }}"),
    "Jinja's own": ("site/front.html", "{{ [1, 2] | join | upper }}{{ range(3) | list }}{{ cycler(1) }}"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_not_told(case: str, tmp_path: Path) -> None:
    assert syntax.mistakes(own(tmp_path, *RIGHT[case])) == []


RENDERED = {
    "an attribute": ("site/story.html", "\n{{ story.ttle }}", 2, "has no attribute 'ttle'"),
    "a kind": ("site/list.html", "{{ total + heading }}", 1, "unsupported operand"),
    "a file": ("site/moved.html", '\n{% include "site/none.html" %}', 2, "there is no template site/none.html"),
    "in what is included": ("mail/item.html", "{% macro story(item, figures, lead) %}\n{{ item.no }}{% endmacro %}", 2, "has no attribute 'no'"),
    "the way out": ("mail/edition.html", "<!DOCTYPE html><html><head></head><body>{{ edition.title }}</body></html>", None, "unsubscribe"),
    "the way out of the text": ("mail/edition.txt", "{{ edition.title }}", None, "mail/edition.txt has no link to unsubscribe"),
    "styles": ("mail/inline.css", "{{ nothing }}", 1, "'nothing' is undefined"),
    "what the server says": ("web/answer.html", "{{ button.colour }}", 1, "has no attribute 'colour'"),
}  # fmt: skip


@pytest.mark.parametrize("case", RENDERED)
def test_what_only_shows_with_stories_is_told_with_its_place(
    case: str, tmp_path: Path, config: Config, material: preview.Material
) -> None:
    name, text, line, said = RENDERED[case]
    folders = own(tmp_path, name, text)
    found = proof(material, folders, answers(config, folders))
    assert {one.line for one in found} == {line}
    assert said in found[0].message
    assert line is None or found[0].file == str(tmp_path / "templates" / name)


# --- where templates are found ---------------------------------------------------------------------------


def test_one_that_comes_later_stands_in_for_ours_and_ours_for_one_that_went(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    (second / "page.html").write_text("ours")
    (second / "frame.html").write_text('({% include "page.html" %})')
    made = theme.environment((first, second), language="en", timezone="UTC")
    assert theme.render(made, "frame.html") == "(ours)"
    first.mkdir()
    (first / "page.html").write_text("theirs")
    assert theme.render(made, "frame.html") == "(theirs)"
    (first / "page.html").unlink()
    assert theme.render(made, "frame.html") == "(ours)"


def test_a_mistake_knows_its_place(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("one\n{{ two }}\n")
    made = theme.environment((tmp_path,), language="en", timezone="UTC")
    with pytest.raises(RenderError) as caught:
        theme.render(made, "page.html")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "page.html"), 2)


# --- as a device would show it ---------------------------------------------------------------------------

SHEET = "@media (prefers-color-scheme: dark) { a { color: red } } @media screen and (prefers-color-scheme:LIGHT) { b { c: d } }"


def test_by_night_what_is_for_the_night_holds_always_and_by_day_never() -> None:
    assert "@media (min-width: 0px) { a" in scheme.sheet(SHEET, "dark")
    assert "screen and (max-width: 0px) { b" in scheme.sheet(SHEET, "dark")
    assert "@media (max-width: 0px) { a" in scheme.sheet(SHEET, "light")
    assert "screen and (min-width: 0px) { b" in scheme.sheet(SHEET, "light")
    assert "filter: invert(1)" in scheme.sheet(SHEET, "inverted")
    assert scheme.sheet(SHEET, "asked") == SHEET


@settings(max_examples=30)
@given(st.text(), st.sampled_from(scheme.SCHEMES))
def test_the_words_of_a_document_stay(words: str, wanted: scheme.Scheme) -> None:
    shown = words.replace("<", "(")
    body = f"<body>(prefers-color-scheme: dark) {shown}</body>"
    html = f"<html><head><style>{SHEET}</style></head>{body}</html>"
    made = scheme.document(html, wanted)
    assert made.endswith(f"{body}</html>")
    assert (made == html) == (wanted == "asked")
