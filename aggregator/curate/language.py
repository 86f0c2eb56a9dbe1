"""The language of an entry: the script decides, and the feed's own word where it agrees with the script.

Feeds lie about their language (a platform's default stays in Chinese feeds as en-US), but never about their script.
"""

import re

from aggregator.curate.text import HAN, HANGUL, KANA, hanzi

_LETTER = re.compile(r"[^\W\d_]")
# A character of the first three says about as much as four letters of an alphabet.
_SCRIPTS = {
    "han": (re.compile(f"[{HAN}]"), 4),
    "kana": (re.compile(f"[{KANA}]"), 4),
    "hangul": (re.compile(f"[{HANGUL}]"), 4),
    "cyrillic": (re.compile("[\u0400-\u052f]"), 1),
    "greek": (re.compile("[\u0370-\u03ff]"), 1),
    "arabic": (re.compile("[\u0600-\u06ff\u0750-\u077f]"), 1),
    "hebrew": (re.compile("[\u0590-\u05ff]"), 1),
    "thai": (re.compile("[\u0e00-\u0e7f]"), 1),
    "devanagari": (re.compile("[\u0900-\u097f]"), 1),
}
_LANGUAGES = {
    "han": ("zh",),
    "kana": ("ja",),
    "hangul": ("ko",),
    "cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "mn", "ky", "tg"),
    "greek": ("el",),
    "arabic": ("ar", "fa", "ur", "ug", "ps"),
    "hebrew": ("he", "yi"),
    "thai": ("th",),
    "devanagari": ("hi", "mr", "ne"),
}
"""Languages that a script writes; the first is meant where nobody says which."""
_NOT_LATIN = frozenset(language for languages in _LANGUAGES.values() for language in languages) - {"sr", "kk"}
_KANA_SHARE = 0.15
"""Of kana among kana and Han: Japanese lies far above, a Chinese title with one の in a shop's name below."""

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and to in is for that with on was as are by from has it at be have his this will after says over",
    "de": "der die das und nicht den von zu mit sich auf für ist im dem eine des ein als auch nach wird bei aus oder",
    "fr": "le les et des est dans une du pour que qui sur au par pas avec sont ce plus aux leur ses selon après cette",
    "es": "el los las y del una que por para con se su al lo como más sus ha pero este sobre tras entre según desde",
    "pt": "os uma dos das não em ao mais foi ser são pela pelo como após também já sobre seu sua diz até",
    "it": "il gli della di che è una per con non sono del alla nel dei delle dal più anche si come al sulla ha dopo",
    "nl": "het een van en dat niet op te zijn voor met aan er om ook maar bij naar uit wordt door over heeft tegen",
}
_SAID_BY = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SURE = 3
"""Common words of one language from which on, with none of the feed's own, the feed is wrong about it."""
_ZH_HANT = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
_ZH_HANS = ("zh-hans", "zh-cn", "zh-sg", "zh-my")


def detect(title: str, text: str, hint: str | None) -> str | None:
    """A BCP 47 tag, or the hint where there are no letters. The title decides: it is what readers see."""
    script = _script(title) or _script(text)
    if script is None:
        return hint
    if script == "han":
        return _chinese(f"{title} {text}", hint)
    if script == "latin":
        return _latin(f"{title} {text}", hint)
    languages = _LANGUAGES[script]
    return hint if hint and _primary(hint) in languages else languages[0]


def _script(text: str) -> str | None:
    letters = len(_LETTER.findall(text))
    if not letters:
        return None
    counts = {script: len(pattern.findall(text)) for script, (pattern, _) in _SCRIPTS.items()}
    if counts["kana"] > _KANA_SHARE * (counts["kana"] + counts["han"]):
        counts["kana"] += counts["han"]  # what Japanese writes in Han characters is Japanese
        counts["han"] = 0
    told = {script: count * _SCRIPTS[script][1] for script, count in counts.items()}
    told["latin"] = max(letters - sum(counts.values()), 0)
    return max(told, key=told.__getitem__)


def _chinese(text: str, hint: str | None) -> str:
    """A hint that names a region or script of the same characters stays; "zh" alone is made exact."""
    known = hanzi()
    traditional = sum(character in known.only_traditional for character in text)
    simplified = sum(character in known.only_simplified for character in text)
    if hint and _primary(hint) == "zh":
        other = _ZH_HANS if traditional > simplified else _ZH_HANT if simplified > traditional else ()
        if "-" in hint and not hint.lower().startswith(other or ("-",)):
            return hint
    if traditional == simplified:
        return hint if hint and _primary(hint) == "zh" else "zh"
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _latin(text: str, hint: str | None) -> str:
    """English where nothing says otherwise; the words overrule a hint only when they all speak against it."""
    words = {word.casefold() for word in _WORD.findall(text)}
    told = {language: sum(word in common for word in words) for language, common in _SAID_BY.items()}
    likely = max(told, key=told.__getitem__)
    if hint is None or _primary(hint) in _NOT_LATIN:
        return likely if told[likely] > told["en"] + 1 else "en"
    wrong = told.get(_primary(hint)) == 0 and told[likely] >= _SURE
    return likely if wrong else hint


def _primary(tag: str) -> str:
    return tag.lower().partition("-")[0]
