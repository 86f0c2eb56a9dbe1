"""Folding: one form for all the ways in which one text is written, so that texts may be compared.

Full-width letters, case, traditional characters, quotation marks, dashes and white space are differences of
typesetting, not of content. Everything in `curate` that compares texts compares folded ones.
"""

import html
import re
import unicodedata
from collections import defaultdict
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
CJK = HAN + KANA + HANGUL
"""Scripts that are written without spaces between words (or, in Korean, with endings glued on)."""

_QUOTES = dict.fromkeys("“”„‟«»「」『』《》〈〉〝〞〟＂﹁﹂﹃﹄｢｣", '"') | dict.fromkeys("‘’‚‛‹›′´`ʼ＇", "'")
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⸺⸻", "-")
# They are seen by nobody, and publishers sprinkle them: soft hyphens, joiners, direction and variation marks.
_UNSEEN = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f")
# NFKC would do the same, but one such sign makes it compose the whole text anew: most of the time of a Chinese one.
_WIDE = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}
# Before NFKC, which would turn an acute accent used as an apostrophe into a space and a combining mark.
_MARKS = str.maketrans(_WIDE | _QUOTES | _DASHES | _UNSEEN)
_DASH_RUN = re.compile("-{2,}")

_BLOCK = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|table|tr|td|th|thead|tbody|caption|blockquote|pre|section|article|aside"
    r"|header|footer|figure|figcaption|img|video|audio|iframe)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->")


class Hanzi(NamedTuple):
    """What OpenCC knows of single characters."""

    simplified: dict[str, str]
    """Every character that has a simplified form, with that form; chains are followed to their end."""
    only_traditional: frozenset[str]
    only_simplified: frozenset[str]
    only_japanese: frozenset[str]
    """Simplified in Japan in another way than in China."""
    never_japanese: frozenset[str]
    """Simplified in China only."""


def _dictionary(name: str) -> dict[str, str]:
    """First choices of one OpenCC dictionary: `key TAB choice choice …` a line."""
    text = resources.files("opencc").joinpath("dictionary", name).read_text(encoding="utf-8")
    # Some dictionaries hold compatibility ideographs, which NFKC replaces: unfolded here, fold() would never end.
    lines = unicodedata.normalize("NFKC", text).splitlines()
    pairs = (line.partition("\t")[::2] for line in lines if "\t" in line)
    return {key: choices.split(None, 1)[0] for key, choices in pairs}


@lru_cache(maxsize=1)
def hanzi() -> Hanzi:
    """Read once, when a text that needs it comes: some 10 ms."""
    to_simplified, to_traditional = _dictionary("TSCharacters.txt"), _dictionary("STCharacters.txt")
    # The forms that only Taiwan or Hong Kong uses go by way of the standard traditional one.
    for local in ("TWVariantsRev.txt", "HKVariantsRev.txt"):
        for variant, standard in _dictionary(local).items():
            to_simplified.setdefault(variant, to_simplified.get(standard, standard))
    ends = {character: _end(character, to_simplified) for character in to_simplified}
    simplified = {character: end for character, end in ends.items() if character != end}
    only_simplified = (
        frozenset(key for key, other in to_traditional.items() if key != other)
        - frozenset(to_simplified)
        - frozenset(to_traditional.values())
    )
    japanese = frozenset(_dictionary("JPVariants.txt").values())
    chinese = frozenset(ends) | frozenset(ends.values()) | frozenset(to_traditional)
    return Hanzi(
        simplified,
        only_traditional=frozenset(simplified) - frozenset(simplified.values()) - frozenset(to_traditional),
        only_simplified=only_simplified,
        only_japanese=japanese - chinese,
        never_japanese=only_simplified - japanese,
    )


def _end(character: str, steps: dict[str, str]) -> str:
    passed = {character}
    while (following := steps.get(character, character)) not in passed:
        passed.add(following)
        character = following
    return character


@lru_cache(maxsize=1)
def spellings() -> dict[str, str]:
    """Each simplified character that is written in other ways too, with all of them: what folding makes one."""
    found: defaultdict[str, str] = defaultdict(str)
    for character, simple in hanzi().simplified.items():
        found[simple] += character
    return dict(found)


@lru_cache(maxsize=1)
def _simplify() -> dict[int, str | None]:
    return {ord(key): value for key, value in hanzi().simplified.items()} | _MARKS


def fold(text: str) -> str:
    """The form in which texts are compared. Folding twice is folding once."""
    if text.isascii():
        return _tidy(text.replace("`", "'").lower())
    folded = _fold_once(text)
    # Simplifying or dropping an unseen mark can, very rarely, bring together what composes anew.
    while not (unicodedata.is_normalized("NFKC", folded) and folded.casefold() == folded):
        again = _fold_once(folded)
        if again == folded:
            break
        folded = again
    return folded


def _fold_once(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold()
    return _tidy(unicodedata.normalize("NFKC", composed).translate(_simplify()))


def _tidy(text: str) -> str:
    return " ".join(_DASH_RUN.sub("-", text).split())


def plain(markup: str) -> str:
    """The words of sanitised HTML. Only what starts or ends a block parts words: `<b>台积</b>电` is one."""
    if "<" not in markup and "&" not in markup:
        return markup
    return html.unescape(_TAG.sub("", _BLOCK.sub(" ", markup)))
