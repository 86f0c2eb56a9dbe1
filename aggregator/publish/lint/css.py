"""CSS as it stands in a mail, by the syntax that browsers read: also what no mail client understands.

tinycss2 tells where a declaration stands and keeps what is new or wrong; cssutils, which premailer brings, leaves out
what it does not know, and that is what a linter has to see.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

_BLOCKS = frozenset({"() block", "[] block", "{} block"})


@dataclass(frozen=True, slots=True)
class Declaration:
    """`tokens` are those of its value, white space and comments left out."""

    name: str
    tokens: tuple[Any, ...]
    important: bool
    line: int
    value: str

    @property
    def every_token(self) -> Iterator[Any]:
        """With those inside of functions and brackets."""
        return _deep(self.tokens)

    @property
    def functions(self) -> set[str]:
        return {token.lower_name for token in self.every_token if token.type == "function"}


@dataclass(frozen=True, slots=True)
class Rule:
    """`media`: the condition of the @media around it, empty where there is none. `nested`: it stands in another rule."""

    selector: str
    declarations: tuple[Declaration, ...]
    media: str
    line: int
    nested: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """An @-rule; `inside`: the names of those around it."""

    name: str
    prelude: str
    line: int
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    text: str
    line: int
    rules: tuple[Rule, ...]
    ats: tuple[At, ...]


@lru_cache(maxsize=4096)
def declarations(style: str) -> tuple[Declaration, ...]:
    """Those of a style attribute; most elements share theirs with others."""
    return tuple(_declarations(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True), 1))


def sheet(text: str, line: int) -> Sheet:
    """A style block that begins on this line."""
    found: list[Rule | At] = []
    _gather(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), line, (), "", found)
    rules = tuple(each for each in found if isinstance(each, Rule))
    return Sheet(text, line, rules, tuple(each for each in found if isinstance(each, At)))


def _gather(nodes: Iterable[Any], line: int, inside: tuple[str, ...], media: str, found: list[Rule | At]) -> None:
    for node in nodes:
        at = line + node.source_line - 1
        if node.type == "qualified-rule":
            content = _content(node)
            selector = tinycss2.serialize(node.prelude).strip()
            found.append(Rule(selector, tuple(_declarations(content, line)), media, at, nested="{}" in inside))
            _gather((each for each in content if each.type != "declaration"), line, (*inside, "{}"), media, found)
        elif node.type == "at-rule":
            prelude = tinycss2.serialize(node.prelude).strip()
            names = tuple(name for name in inside if name != "{}")
            found.append(At(node.lower_at_keyword, prelude, at, names))
            if node.content is not None:
                within = f"{media} {prelude}".strip() if node.lower_at_keyword == "media" else media
                _gather(_content(node), line, (*inside, node.lower_at_keyword), within, found)


def _content(node: Any) -> list[Any]:
    parsed: list[Any] = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    return parsed


def _declarations(nodes: Iterable[Any], line: int) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            tokens = tuple(token for token in node.value if token.type not in {"whitespace", "comment"})
            value = tinycss2.serialize(node.value).strip()
            yield Declaration(node.lower_name, tokens, node.important, line + node.source_line - 1, value)


def _deep(tokens: Sequence[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        if token.type == "function":
            yield from _deep(token.arguments)
        elif token.type in _BLOCKS:
            yield from _deep(token.content)
