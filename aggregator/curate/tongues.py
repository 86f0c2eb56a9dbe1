"""How much a text sounds like each language: eldc's n-grams, or common words where eldc is not to be had.

eldc is C with its tables built in: it takes a millisecond to import and some 20 MB of pages that are read on demand, and
reads the first 1,000 bytes of a text only. It has no wheels for Linux on ARM and for the newest Pythons, so there must
be a second way; that one is for whole sentences, and mostly silent on headlines.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

_LONGEST = 400
"""Characters: more than eldc reads of any script but ours, and the language is plain long before."""
_SCORES = 20
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and to in is for that with on was as are by from has it at be have his this will after says over",
    "de": "der die das und nicht den von zu mit sich auf für ist im dem eine des ein als auch nach wird bei aus oder",
    "fr": "le les et des est dans une du pour que qui sur au par pas avec sont ce plus aux leur ses selon après cette",
    "es": "el los las y del una que por para con se su al lo como más sus ha pero este sobre tras entre según desde",
    "pt": "os uma dos das não em ao mais foi ser são pela pelo como após também já sobre seu sua diz até",
    "it": "il gli della di che è una per con non sono del alla nel dei delle dal più anche si come al sulla ha dopo",
    "nl": "het een van en dat niet op te zijn voor met aan er om ook maar bij naar uit wordt door over heeft tegen",
    "sv": "och att det som en är av för på med den till inte har om ett men vid från efter ska blir under kan mot",
    "pl": "w i na z się nie do że jest za od po jak ale przez dla przy oraz są już tylko który która może po",
    "tr": "ve bir bu için ile da de çok daha olarak olan gibi ne kadar sonra en ama yeni değil oldu var göre",
    "id": "yang dan di untuk dengan dari pada ini itu tidak akan dalam ke oleh sebagai juga karena lebih telah",
    "vi": "và của là các trong được cho với không người một những tại đã này có từ về khi sau để bị vào năm",
}
_SAID_BY = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_NAMES = (
    "am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr "
    "ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh"
)
_KNOWN = frozenset(_NAMES.split())
_SAME = {"id": "ms", "in": "ms", "nb": "no", "nn": "no", "fil": "tl", "iw": "he", "ckb": "ku"}
"""What eldc cannot tell apart, by the name that it uses."""


def known_as(primary: str) -> str | None:
    """The name under which a language is heard here; None for one that is never heard."""
    name = _SAME.get(primary, primary)
    return name if name in _KNOWN else None


def tag(name: str) -> str:
    """The language meant by a name of ours where nobody says more: far more is published in Indonesian than in Malay."""
    return "id" if name == "ms" else name


def heard(text: str) -> Mapping[str, float]:
    """0 to 1 for each language that the text may be in."""
    return _listener()(text[:_LONGEST])


@lru_cache(maxsize=1)
def _listener() -> Callable[[str], Mapping[str, float]]:
    try:
        import eldc
    except ImportError:
        return by_common_words
    eldc.init()
    listener = eldc.instance()
    listener.set_scores(_SCORES)

    def by_n_grams(text: str) -> Mapping[str, float]:
        # A text ends at a NUL in C, and half of a surrogate pair is no UTF-8.
        spoken: dict[str, float] = listener.detect_details(
            text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
        ).scores
        return spoken

    return by_n_grams


def by_common_words(text: str) -> Mapping[str, float]:
    """One word says little (.45), two are worth hearing (.7), four leave little doubt (.91)."""
    words = {word.casefold() for word in _WORD.findall(text)}
    told = {language: sum(word in common for word in words) for language, common in _SAID_BY.items()}
    return {known_as(language) or language: 1 - 0.3 ** (count / 2) for language, count in told.items() if count}
