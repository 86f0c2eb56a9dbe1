"""Colours, and how well one can be read on another (WCAG 2.2, 1.4.3)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tinycss2 import color3

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""
BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)
LINK: Colour = (0.0, 0.0, 0.933)
"""What browsers give to a link that says nothing."""


def of(tokens: Sequence[Any], behind: Colour = WHITE) -> Colour | None:
    """The first colour among these, laid over what is behind it; None where there is none that can be told."""
    for token in tokens:
        found = color3.parse_color(token)
        if isinstance(found, color3.RGBA):
            return _over(found, behind)
    return None


def named(text: str, behind: Colour = WHITE) -> Colour | None:
    """A colour as an attribute writes it."""
    found = color3.parse_color(text)
    return _over(found, behind) if isinstance(found, color3.RGBA) else None


def hexadecimal(colour: Colour) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


@lru_cache(maxsize=1024)
def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _over(colour: Any, behind: Colour) -> Colour:
    red, green, blue = (
        colour.alpha * part + (1 - colour.alpha) * under
        for part, under in zip((colour.red, colour.green, colour.blue), behind, strict=True)
    )
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)  # noqa: PLR2004  sRGB
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
