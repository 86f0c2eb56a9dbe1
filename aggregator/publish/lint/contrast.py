"""The rule about contrast: every text can be read on what is behind it, in light and in dark.

Colours are told from style attributes and bgcolor, inherited as a browser would. For dark, the rules of the block for
`prefers-color-scheme: dark` are laid over them, by weight and order.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from aggregator.publish.lint import colours, css
from aggregator.publish.lint.colours import Colour
from aggregator.publish.lint.letter import Finding, Letter, Page, line, style_of

LEAST, LEAST_LARGE = 4.5, 3.0
_LARGE, _LARGE_BOLD, _BOLD = 24.0, 18.66, 600
_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h4": 16.0, "h5": 13.28, "h6": 10.72, "small": 13.3}
_WEIGHTY = frozenset({"b", "strong", "th", *_SIZES} - {"small"})
_UNSEEN = frozenset({"style", "script", "title", "head"})
_DARK_CANVAS: Colour = (0.07, 0.07, 0.07)
_UNITS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0}
_finding = partial(Finding, level="error", part="html", rule="contrast")


@dataclass(frozen=True, slots=True)
class _Look:
    """How text looks at some place."""

    colour: Colour = colours.BLACK
    behind: Colour = colours.WHITE
    size: float = 16.0
    bold: bool = False
    shown: bool = True


Laid = tuple[css.Declaration, ...]


def contrast(letter: Letter) -> Iterator[Finding]:
    if letter.page is None:
        return
    yield from _Reading("", {}).walk(letter.page.body, _Look())
    if over := _dark(letter.page):
        dark = _knows_dark(letter.page)
        canvas = _Look(colours.WHITE, _DARK_CANVAS) if dark else _Look()
        yield from _Reading(" in dark mode", over).walk(letter.page.body, canvas)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One mode of the mail: `over` is what is laid over the elements in it."""

    mode: str
    over: Mapping[Any, Laid]
    looks: dict[tuple[object, ...], _Look] = field(default_factory=dict)
    """What was worked out: a mail has hundreds of elements of a dozen kinds."""

    def walk(self, element: Any, around: _Look) -> Iterator[Finding]:
        if element.tag in _UNSEEN:
            return
        here = self._look(element, around)
        if not here.shown:
            return
        for place, text in ((element, element.text), *((child, child.tail) for child in element)):
            if text and not text.isspace() and (found := _judge(here, line(place), self.mode)) is not None:
                yield found
                break
        for child in element:
            if isinstance(child.tag, str):
                yield from self.walk(child, here)

    def _look(self, element: Any, around: _Look) -> _Look:
        laid = self.over.get(element, ())
        said = (element.tag, *(element.get(name) for name in ("style", "bgcolor", "color")), bool(element.get("href")))
        key = (around, said, tuple(map(id, laid)))
        if key not in self.looks:
            self.looks[key] = _worked_out(element, around, laid)
        return self.looks[key]


def _judge(look: _Look, at: int, mode: str) -> Finding | None:
    large = look.size >= _LARGE or (look.bold and look.size >= _LARGE_BOLD)
    least = LEAST_LARGE if large else LEAST
    # Rounded as those who write about it do: #767676 on white is called 4.54.
    ratio = round(colours.contrast(look.colour, look.behind), 2)
    if ratio >= least:
        return None
    pair = f"{colours.hexadecimal(look.colour)} on {colours.hexadecimal(look.behind)}"
    said = f"text in {pair}{mode}: its contrast is {ratio:.1f}:1, and {least:g}:1 is the least"
    return _finding(line=at, said=said, mend="take a darker text or a lighter ground (in dark: the other way round)")


def _worked_out(element: Any, around: _Look, laid: Laid) -> _Look:
    look = _by_tag(element, around)
    if (ground := element.get("bgcolor")) and (colour := colours.named(ground)) is not None:
        look = replace(look, behind=colour)
    if element.tag == "font" and (colour := colours.named(element.get("color") or "")) is not None:
        look = replace(look, colour=colour)
    inline = style_of(element)
    for important in (False, True):
        for declaration in (*laid, *inline):
            if declaration.important == important:
                look = _with(look, declaration, around)
    return look


def _by_tag(element: Any, around: _Look) -> _Look:
    look = around
    if element.tag == "a" and element.get("href"):
        look = replace(look, colour=colours.LINK)
    if element.tag in _SIZES:
        look = replace(look, size=_SIZES[element.tag])
    return replace(look, bold=True) if element.tag in _WEIGHTY else look


def _with(look: _Look, declaration: css.Declaration, around: _Look) -> _Look:
    change = _CHANGES.get(declaration.name)
    return look if change is None else change(look, declaration, around)


def _colour(look: _Look, declaration: css.Declaration, around: _Look) -> _Look:
    if declaration.value == "inherit":
        return replace(look, colour=around.colour)
    return replace(look, colour=colours.of(declaration.tokens, look.behind) or look.colour)


def _ground(look: _Look, declaration: css.Declaration, around: _Look) -> _Look:
    return replace(look, behind=colours.of(declaration.tokens, around.behind) or look.behind)


def _display(look: _Look, declaration: css.Declaration, _around: _Look) -> _Look:
    return replace(look, shown=declaration.value != "none")


def _font_size(look: _Look, declaration: css.Declaration, around: _Look) -> _Look:
    return replace(look, size=_size(declaration.tokens, around.size) or look.size)


def _font_weight(look: _Look, declaration: css.Declaration, _around: _Look) -> _Look:
    return replace(look, bold=_is_bold(declaration.tokens))


def _font(look: _Look, declaration: css.Declaration, around: _Look) -> _Look:
    return _font_weight(_font_size(look, declaration, around), declaration, around)


_CHANGES: dict[str, Callable[[_Look, css.Declaration, _Look], _Look]] = {
    "color": _colour,
    "background-color": _ground,
    "background": _ground,
    "display": _display,
    "font-size": _font_size,
    "font-weight": _font_weight,
    "font": _font,
}


def _size(tokens: tuple[Any, ...], around: float) -> float | None:
    for token in tokens:
        if token.type == "dimension" and token.lower_unit in _UNITS:
            return float(token.value) * _UNITS[token.lower_unit]
        if token.type == "dimension" and token.lower_unit in {"em", "rem"}:
            return float(token.value) * (around if token.lower_unit == "em" else 16.0)
        if token.type == "percentage":
            return float(token.value) / 100 * around
    return None


def _is_bold(tokens: tuple[Any, ...]) -> bool:
    return any(
        (token.type == "ident" and token.lower_value in {"bold", "bolder"})
        or (token.type == "number" and token.value >= _BOLD)
        for token in tokens
    )


def _dark(page: Page) -> dict[Any, Laid]:
    """What the dark block lays over each element, the weightiest last."""
    rules = [
        rule
        for sheet in page.blocks
        for rule in sheet.rules
        if "prefers-color-scheme" in rule.media and "dark" in rule.media
    ]
    weighed = [
        (weight, at, element, rule) for at, rule in enumerate(rules) for weight, element in page.matched(rule.selector)
    ]
    over: dict[Any, Laid] = {}
    for _, _, element, rule in sorted(weighed, key=lambda each: each[:2]):
        over[element] = (*over.get(element, ()), *rule.declarations)
    return over


def _knows_dark(page: Page) -> bool:
    """Whether the mail says that it has a dark side: then the canvas is dark as well."""
    metas = page.root.iterfind("head/meta")
    return any(each.get("name") == "color-scheme" and "dark" in (each.get("content") or "") for each in metas)
