"""The language of an entry: the script decides, and the feed's own word where it agrees with the script."""

import re

from aggregator.curate.text import HAN, HANGUL, KANA, hanzi

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile(r"[^\W\d_]")
_ENOUGH = 0.3
"""The share of a script's letters from which on it is the text's own; a name in brackets stays below."""


_WORTH = 3
"""A Chinese character says about as much as so many Latin letters."""


def detect(title: str, text: str, hint: str | None) -> str | None:
    """A BCP 47 tag, or None where there is nothing to go by. The title counts most: it is what readers see."""
    script = _script(title) or _script(text)
    if script is None or script == "latin":
        return hint if hint and not _is_cjk(hint) else ("en" if script else hint)
    if script == "han":
        return hint if hint and hint.lower().startswith("zh") else _chinese(f"{title} {text}")
    found = {"kana": "ja", "hangul": "ko"}[script]
    return hint if hint and hint.lower().startswith(found) else found


def _script(text: str) -> str | None:
    letters = len(_LATIN.findall(text))
    if not letters:
        return None
    han, kana, hangul = (len(pattern.findall(text)) for pattern in (_HAN, _KANA, _HANGUL))
    if kana and kana + han > _ENOUGH * letters:
        return "kana"
    if hangul > _ENOUGH * letters:
        return "hangul"

    return "han" if _WORTH * han > _ENOUGH * (letters - han + _WORTH * han) else "latin"


def _chinese(text: str) -> str:
    known = hanzi()
    traditional = sum(character in known.only_traditional for character in text)
    simplified = sum(character in known.only_simplified for character in text)
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _is_cjk(tag: str) -> bool:
    return tag.lower().partition("-")[0] in {"zh", "ja", "ko"}
