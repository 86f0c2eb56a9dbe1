"""Rules by the support table: what mail clients do not know, wherever it stands."""

import re
from collections.abc import Iterator
from typing import Any

from aggregator.publish.lint import css, support
from aggregator.publish.lint.letter import Finding, Letter, line, style_of
from aggregator.publish.lint.support import Feature

_SHORT_HEX, _LONG_HEX = 4, 8
_COLOURS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_FLEX = frozenset({"flex", "inline-flex", "grid", "inline-grid"})
_SVG = re.compile(r"\.svgz?(?:[?#]|$)", re.IGNORECASE)
_AMP = frozenset({"⚡4email", "amp4email", "⚡", "amp"})


def styles(letter: Letter) -> Iterator[Finding]:
    """What stands in style attributes and blocks, property by property."""
    if letter.page is None:
        return
    for element in letter.page.elements:
        for declaration in style_of(element):
            yield from (_finding(feature, line(element)) for feature in _of_declaration(declaration))
    for sheet in letter.page.blocks:
        for rule in sheet.rules:
            if rule.nested:
                yield _finding(support.NESTING, rule.line)
            for declaration in rule.declarations:
                yield from (_finding(feature, declaration.line) for feature in _of_declaration(declaration))
        for at in sheet.ats:
            if (feature := support.AT_RULES.get(at.name)) is not None:
                yield _finding(feature, at.line)


def markup(letter: Letter) -> Iterator[Finding]:
    """Tags and attributes."""
    if letter.page is None:
        return
    for element in letter.page.elements:
        yield from (_finding(feature, line(element)) for feature in _of_element(element))


def images(letter: Letter) -> Iterator[Finding]:
    """What kind of file an image is."""
    if letter.page is None:
        return
    for image in letter.page.all("img"):
        source = (image.get("src") or "").strip()
        if source.lower().startswith("data:"):
            yield _finding(support.BASE64, line(image))
        elif _SVG.search(source):
            yield _finding(support.SVG_IMAGE, line(image))


def _of_declaration(declaration: css.Declaration) -> Iterator[Feature]:
    name = declaration.name
    if (feature := support.PROPERTIES.get(name)) is not None and declaration.value != "none":
        yield feature
    if name.startswith("--"):
        yield support.VARIABLES
    if name == "position" and declaration.value != "static":
        yield support.POSITION
    if name == "display" and declaration.value in _FLEX:
        yield support.FLEX
    if name == "background" and "url" in _kinds(declaration):
        yield support.PROPERTIES["background-image"]
    found = (support.FUNCTIONS[function] for function in sorted(declaration.functions & support.FUNCTIONS.keys()))
    yield from dict.fromkeys(found)
    if any(map(_is_modern_colour, declaration.every_token)):
        yield support.MODERN_COLOUR


def _kinds(declaration: css.Declaration) -> set[str]:
    return {token.type for token in declaration.every_token} | (declaration.functions & {"url"})


def _is_modern_colour(token: Any) -> bool:
    """#rrggbbaa, and rgb(0 0 0 / 50%): without commas."""
    if token.type == "hash":
        return len(token.value) in {_SHORT_HEX, _LONG_HEX}
    if token.type == "function" and token.lower_name in _COLOURS:
        return not any(each.type == "literal" and each.value == "," for each in token.arguments)
    return False


def _of_element(element: Any) -> Iterator[Feature]:
    if (feature := support.TAGS.get(element.tag)) is not None and not _is_plain_link(element):
        yield feature
    if element.tag == "html" and not _AMP.isdisjoint(element.keys()):
        yield support.AMP
    if element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
        yield support.TAGS["iframe"]
    if "hidden" in element.keys():  # noqa: SIM118  an element's `in` asks for children
        yield support.HIDDEN
    if "srcset" in element.keys():  # noqa: SIM118  as above
        yield support.SRCSET
    if any(name.startswith("on") for name in element.keys()):  # noqa: SIM118  as above
        yield support.EVENT


def _is_plain_link(element: Any) -> bool:
    """A <link> that loads nothing."""
    return element.tag == "link" and not {"stylesheet", "preload", "import"} & set(
        (element.get("rel") or "").lower().split()
    )


def _finding(feature: Feature, at: int) -> Finding:
    return Finding(
        level=feature.level, rule=feature.rule, part="html", line=at, said=feature.said, mend=feature.instead
    )
