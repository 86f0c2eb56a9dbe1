"""A document as a reader's device would show it: by day, by night, or with its colours turned over.

No page can ask a browser for another colour scheme than its user's. So what stands under `prefers-color-scheme` is made
to hold always, or never.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Scheme = Literal["asked", "light", "dark", "inverted"]
"""`asked`: as the browser of who looks has it. `inverted`: by a client that knows no dark mode, and turns all colours over."""
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

_ALWAYS, _NEVER = "(min-width: 0px)", "(max-width: 0px)"
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style\s*>)", re.IGNORECASE | re.DOTALL)
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)
_BESIDE: Mapping[Scheme, str] = MappingProxyType(
    {
        "light": ":root { color-scheme: light }",
        "dark": ":root { color-scheme: dark }",
        "inverted": (
            ":root { color-scheme: light; background: #fff; filter: invert(1) hue-rotate(180deg) } "
            "img { filter: invert(1) hue-rotate(180deg) }"
        ),
    }
)


def sheet(css: str, scheme: Scheme) -> str:
    """A style sheet of its own."""
    return css if scheme == "asked" else f"{_decided(css, scheme)}\n{_BESIDE[scheme]}\n"


def document(html: str, scheme: Scheme) -> str:
    """A whole document with its styles inside it, as a mail is. Its words are left as they are."""
    if scheme == "asked":
        return html
    decided = _STYLE.sub(lambda found: f"{found[1]}{_decided(found[2], scheme)}{found[3]}", html)
    beside = f"<style>{_BESIDE[scheme]}</style>"
    return _HEAD_ENDS.sub(lambda found: beside + found[0], decided, count=1)


def _decided(css: str, scheme: Scheme) -> str:
    night = "dark" if scheme == "dark" else "light"
    return _PREFERS.sub(lambda found: _ALWAYS if found[1].lower() == night else _NEVER, css)
