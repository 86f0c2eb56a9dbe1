"""What mail clients support: facts, by feature.

`percent` is the share of the clients and platforms tried that support a feature at least in part (each counted once, so
it is no share of readers); taken from the public support tables of June 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aggregator.publish.lint.letter import Level

_NO_GMAIL = "Gmail, Outlook and Yahoo"
_WORD = "Outlook on Windows"


@dataclass(frozen=True, slots=True)
class Feature:
    rule: str
    name: str
    percent: float
    lacking: str
    instead: str
    level: Level = "error"

    @property
    def said(self) -> str:
        return f"{self.name}: not in {self.lacking} ({self.percent:g} % of mail clients know it)"


def _by(*groups: tuple[Feature, tuple[str, ...]]) -> Mapping[str, Feature]:
    return MappingProxyType({name: feature for feature, names in groups for name in names})


VARIABLES = Feature("css-variables", "a CSS variable", 45.2, _NO_GMAIL, "write the value itself")
MODERN_COLOUR = Feature(
    "css-colour",
    "a colour with a slash, eight digits or no commas",
    28,
    "Gmail (which drops the whole style) and Outlook",
    "write #rrggbb",
)
NESTING = Feature(
    "css-nesting", "a rule inside a rule", 38.5, _NO_GMAIL, "write each rule by itself, with its selector"
)
BASE64 = Feature(
    "image-base64", "an image in the address", 81, "Gmail", "put the image on the site, and link it by https"
)
SVG_IMAGE = Feature("image-svg", "an SVG image", 92.9, "Gmail on the web", "use PNG")
EVENT = Feature("html-script", "a script", 0, "any mail client: a mail with one counts as an attack", "leave it out")
HIDDEN = Feature("html-hidden", "the hidden attribute", 40.7, _NO_GMAIL, "style it with display:none, or leave it out")
SRCSET = Feature("html-srcset", "srcset", 24.4, _NO_GMAIL, "one image, twice as large as it is shown")
POSITION = Feature("css-position", "position", 80.5, "Gmail, Outlook on Windows and on iOS", "set it with table cells")
FLEX = Feature(
    "css-flex", "display:flex or grid", 82.9, f"{_WORD} and Gmail with other accounts",
    "structure by table cells; it may only improve what stands without it", "warning",
)  # fmt: skip

PROPERTIES = _by(
    (
        Feature("css-gap", "gap", 63.9, f"{_WORD} and Yahoo", "give the table cells padding"),
        ("gap", "row-gap", "column-gap", "grid-gap", "grid-row-gap", "grid-column-gap"),
    ),
    (
        Feature("css-animation", "an animation", 31.7, _NO_GMAIL, "leave it out"),
        ("animation", "animation-name", "animation-duration", "animation-delay", "animation-iteration-count"),
    ),
    (
        Feature(
            "css-overflow-wrap", "overflow-wrap", 23.5, f"{_NO_GMAIL}, Apple Mail but in part", "use word-break:break-word"
        ),
        ("overflow-wrap",),
    ),
    (
        Feature("css-text-wrap", "text-wrap", 28, _NO_GMAIL, "leave the breaks to the client"),
        ("text-wrap", "text-wrap-style", "text-wrap-mode"),
    ),
    (Feature("css-hyphens", "hyphens", 35, _NO_GMAIL, "leave it out"), ("hyphens", "-webkit-hyphens")),
    (
        Feature("css-float", "float", 95.1, f"{_WORD}, and Gmail's app in part", "use table cells, or align", "warning"),
        ("float",),
    ),
    (
        Feature(
            "css-background-image", "a background image", 90.7, _WORD,
            "give the cell a background colour on which its text can be read", "warning",
        ),
        ("background-image",),
    ),
    (Feature("css-transition", "a transition", 51.5, _NO_GMAIL, "leave it out", "warning"), ("transition",)),
    (Feature("css-transform", "transform", 46.3, _NO_GMAIL, "leave it out", "warning"), ("transform",)),
    (Feature("css-filter", "filter", 46.3, _NO_GMAIL, "leave it out", "warning"), ("filter", "clip-path", "mask")),
)  # fmt: skip

FUNCTIONS = _by(
    (VARIABLES, ("var",)),
    (
        Feature("css-calc", "calc() and its like", 59.5, "Outlook and Yahoo", "write the sum"),
        ("calc", "min", "max", "clamp"),
    ),
    (
        Feature("css-gradient", "a gradient", 60.5, "Outlook and Yahoo", "use one colour"),
        ("linear-gradient", "radial-gradient", "conic-gradient", "repeating-linear-gradient"),
    ),
    (MODERN_COLOUR, ("hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark")),
)

AT_RULES = _by(
    (Feature("css-font-face", "@font-face", 24.4, _NO_GMAIL, "name fonts that readers have"), ("font-face",)),
    (Feature("css-import", "@import", 21.4, "Gmail, Outlook.com and Yahoo", "write the rules into the block"), ("import",)),
    (Feature("css-animation", "@keyframes", 34.1, "Gmail and Outlook", "leave it out"), ("keyframes", "-webkit-keyframes")),
    (
        Feature("css-at-rule", "an @-rule of this kind", 48.8, "Gmail and Outlook", "use @media, or none", "warning"),
        ("supports", "container", "layer", "property", "scope"),
    ),
)  # fmt: skip

TAGS = _by(
    (Feature("html-stylesheet", "a style sheet of its own", 14.3, "all but a few", "write it into style blocks"), ("link",)),
    (Feature("html-svg", "an inline SVG", 40.5, _NO_GMAIL, "use a PNG with alt and size"), ("svg", "math")),
    (Feature("html-picture", "picture", 24.4, _NO_GMAIL, "use one img"), ("picture", "source")),
    (Feature("html-video", "video and audio", 24.4, _NO_GMAIL, "link a picture to it"), ("video", "audio")),
    (
        Feature("html-form", "a form", 51.2, f"{_WORD}, Outlook.com and GMX", "link to a page that has it"),
        ("form", "input", "button", "select", "textarea", "fieldset", "label", "datalist", "output"),
    ),
    (
        Feature("html-sections", "a sectioning element", 65.9, f"{_WORD} and Yahoo", "use div or a table cell with role"),
        ("article", "section", "header", "footer", "main", "nav", "aside", "figure", "figcaption", "details", "summary"),
    ),
    (EVENT, ("script", "noscript")),
    (
        Feature("html-embedded", "another document inside the mail", 14.6, "all but Apple Mail", "link to it"),
        ("iframe", "object", "embed", "applet", "frame", "frameset", "canvas", "dialog", "template", "portal"),
    ),
    (Feature("html-base", "base", 58.5, "Outlook on Android and GMX", "write every address in full"), ("base",)),
    (Feature("html-marquee", "moving text", 61.9, "Gmail and Outlook on Windows", "leave it out"), ("marquee", "blink")),
)  # fmt: skip

AMP = Feature("html-amp", "AMP", 16.3, "all but Gmail and Yahoo", "send plain HTML")
