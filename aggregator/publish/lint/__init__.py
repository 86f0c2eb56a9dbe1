"""A letter that would break in a client does not go out: rules over its HTML, its text and its head.

    lint(Letter(html, text)) -> findings, each with its rule, part, line, what is wrong and how to mend it

An error is what a template, the configuration or our own code does wrong. What a feed's words may cause by themselves
(a headline that is “here”, a story about `{{`) is a warning at most: no source can keep a newsletter from its readers.
"""

from collections.abc import Iterable
from dataclasses import replace

from aggregator.publish.lint import blocks, contrast, features, head, links, marks, plain, structure
from aggregator.publish.lint.letter import Finding, Letter, Own, Rule, read

__all__ = ["RULES", "Finding", "Letter", "Own", "errors", "lint", "read"]

RULES: tuple[Rule, ...] = (
    plain.present,
    blocks.size,
    features.markup,
    features.styles,
    features.images,
    blocks.style_size,
    blocks.style_place,
    blocks.nested_at_rules,
    blocks.css_comments,
    blocks.important_space,
    blocks.important_lost,
    blocks.not_inlined,
    structure.language,
    structure.foreign,
    structure.title,
    structure.headings,
    structure.tables,
    structure.images,
    structure.preheader,
    structure.unspaced,
    contrast.contrast,
    links.links,
    links.link_words,
    links.image_addresses,
    links.trackers,
    marks.tokens,
    marks.token_places,
    marks.way_out,
    marks.template_marks,
    marks.illegal,
    marks.lost,
    plain.columns,
    plain.numbers,
    plain.stories,
    head.once,
    head.forms,
    head.lists,
    head.line_ends,
    head.line_length,
    head.mime,
)

_PARTS = ("head", "html", "text")


def lint(letter: Letter) -> tuple[Finding, ...]:
    """What is wrong with it, in the order of its lines; the same fault again is counted, not told again."""
    found: dict[Finding, Finding] = {}
    for finding in sorted((each for rule in RULES for each in rule(letter)), key=lambda each: each.line):
        same = replace(finding, line=0)
        known = found.get(same)
        found[same] = finding if known is None else replace(known, more=known.more + 1)
    return tuple(sorted(found.values(), key=lambda each: (_PARTS.index(each.part), each.line, each.rule)))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.level == "error")
