"""The language of an entry: its script decides first, then its words, and the feed's own word where they do not deny it.

Feeds lie about their language (a platform's default stays in Chinese feeds as en-US), but never about their script. What
a feed says, or else the first language of the script, is believed until the words clearly speak for another one.
"""

from bisect import bisect_right
from collections import Counter
from functools import lru_cache

from aggregator.curate.text import hanzi
from aggregator.curate.tongues import heard, known_as, tag

_SCRIPTS = (
    ("latin", "en", "41-5a 61-7a aa-aa ba-ba c0-24f 1e00-1eff 2c60-2c7f a720-a7ff fb00-fb06 ff21-ff3a ff41-ff5a"),
    ("han", "zh", "3005-3005 3007-3007 3400-4dbf 4e00-9fff f900-faff 20000-3ffff"),
    ("kana", "ja", "3041-3096 309d-309f 30a1-30fa 30fc-30ff 31f0-31ff ff66-ff9f"),
    ("hangul", "ko", "1100-11ff 3130-318f ac00-d7af"),
    ("cyrillic", "ru uk bg sr be mk kk mn ky tg tt", "400-52f 1c80-1c8f"),
    ("greek", "el", "370-3ff 1f00-1fff"),
    ("arabic", "ar fa ur ug ps ku ckb sd", "600-6ff 750-77f 8a0-8ff fb50-fdff fe70-fefe"),
    ("hebrew", "he iw yi", "590-5ff fb1d-fb4f"),
    ("devanagari", "hi mr ne", "900-97f"),
    ("bengali", "bn as", "980-9ff"),
    ("gurmukhi", "pa", "a00-a7f"),
    ("gujarati", "gu", "a80-aff"),
    ("odia", "or", "b00-b7f"),
    ("tamil", "ta", "b80-bff"),
    ("telugu", "te", "c00-c7f"),
    ("kannada", "kn", "c80-cff"),
    ("malayalam", "ml", "d00-d7f"),
    ("sinhala", "si", "d80-dff"),
    ("thai", "th", "e00-e7f"),
    ("lao", "lo", "e80-eff"),
    ("tibetan", "bo dz", "f00-fff"),
    ("burmese", "my", "1000-109f"),
    ("georgian", "ka", "10a0-10ff 1c90-1cbf"),
    ("ethiopic", "am ti", "1200-139f"),
    ("khmer", "km", "1780-17ff"),
    ("mongolian", "mn", "1800-18af"),
)
"""Scripts, the languages that each writes (the first is meant where nobody says which), and where their characters are."""
_LANGUAGES = {script: languages.split() for script, languages, _ in _SCRIPTS}
_BLOCKS = sorted(
    (int(start, 16), int(end, 16), script)
    for script, _, blocks in _SCRIPTS
    for start, end in (block.split("-") for block in blocks.split())
)
_STARTS = [start for start, _, _ in _BLOCKS]
_SAYING = {"han": 4, "kana": 4, "hangul": 4}
"""A character of these says about as much as four letters of an alphabet."""
_ALSO_LATIN = {"sr", "kk", "az", "mn", "ku", "tt"}
_NOT_LATIN = {one for script, languages in _LANGUAGES.items() if script != "latin" for one in languages} - _ALSO_LATIN
_KANA_SHARE = 0.15
"""Of kana among kana and Han: where a headline has no ending, Japanese lies above, a Chinese one with a shop's name below."""
_LEAST = 4
"""Letters without which a title says nothing of its own."""
_LONG_ENOUGH = 200
"""Characters of a text: whose script it is in is plain by then."""
_LEAST_HEARD = 8
"""Letters: "v3.9" sounds Slovene."""
_CLEAR = 0.7
"""How much a language must be heard to be believed against the feed, or against the first language of its script. The
name of a product or of a person reaches .6 in some language or other, a headline of three words .8 in its own."""
_NEAR = 0.8
"""What is believed stays while it is heard at least so much as the best: neighbours (es, pt) come close in a headline."""
_HEARD = {"latin", "cyrillic", "arabic"}
"""Scripts of several languages that can be told apart. Hindi and Marathi cannot, in a headline."""
_NEVER = {"ru": set("іїєґўјљњћђџ"), "uk": set("ыэъёўјљњћђџ"), "bg": set("ыэёіїєґўј"), "ar": set("پچژگکی")}
"""Letters that a language does not have: they part what else sounds alike."""
_ZH_HANT = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")
_ZH_HANS = ("zh-hans", "zh-cn", "zh-sg", "zh-my")


def detect(title: str, text: str, hint: str | None) -> str | None:
    """A BCP 47 tag, or the hint where there are no letters. The title decides: it is what readers see."""
    script = _script(title, text, hint)
    if script == "han":
        return _han(title, text, hint)
    if script is None or script not in _LANGUAGES:
        return hint
    return _alphabetic(script, title, text, hint)


def _script(title: str, text: str = "", hint: str | None = None) -> str | None:
    """The script that says most; "other" for one that we do not know; None where there are no letters.

    Where a title has two (names of products in a Chinese headline), the text says which of them it is in; where there is
    none, what the feed says counts double.
    """
    told = _told(title)
    if sum(told.values()) < _LEAST:
        told = _told(f"{title} {text}")
    elif len(told) > 1 and text and (around := _script(text[:_LONG_ENOUGH])) in told:
        return around
    if not told:
        return None
    return max(told, key=lambda script: told[script] * (2 if _is_said(script, hint) else 1))


def _told(text: str) -> dict[str, int]:
    """How much each script says."""
    if text.isascii():
        letters = sum(map(str.isalpha, text))
        return {"latin": letters} if letters else {}
    counts: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if script := _script_of(character):
            counts[script] += count
    if _is_japanese(text, counts):
        counts["kana"] += counts.pop("han", 0)  # what Japanese writes in Han characters is Japanese
    return {script: count * _SAYING.get(script, 1) for script, count in counts.items() if count}


def _is_said(script: str, hint: str | None) -> bool:
    """Of another script than Latin, whose names stand in headlines of all."""
    return script != "latin" and _primary(hint) in _LANGUAGES.get(script, ())


@lru_cache(maxsize=8192)
def _script_of(character: str) -> str | None:
    """None for what is no letter."""
    if not character.isalpha():
        return None
    place = bisect_right(_STARTS, code := ord(character)) - 1
    return _BLOCKS[place][2] if place >= 0 and code <= _BLOCKS[place][1] else "other"


def _is_japanese(text: str, counts: Counter[str]) -> bool:
    """Endings in hiragana (の aside, which Chinese shops like), and what Japan alone simplifies so, against what China does."""
    if not counts["kana"]:
        return False
    known = hanzi()
    chinese = sum(character in known.never_japanese for character in text)
    told = sum(character in known.only_japanese or _is_ending(character) for character in text)
    return told > chinese or (chinese == 0 and counts["kana"] > _KANA_SHARE * (counts["kana"] + counts["han"]))


def _is_ending(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" and character != "の"


def _han(title: str, text: str, hint: str | None) -> str:
    """Han characters alone: Japanese where they are simplified as in Japan, or the text around them is; else Chinese."""
    known = hanzi()
    japanese = not known.only_japanese.isdisjoint(title) or _script(text) == "kana"
    chinese = not known.never_japanese.isdisjoint(title)
    if not chinese and (_primary(hint) == "ja" or (japanese and _primary(hint) not in {"zh", "yue"})):
        return hint if hint is not None and _primary(hint) == "ja" else "ja"
    return _chinese(title, text, hint)


def _chinese(title: str, text: str, hint: str | None) -> str:
    """A hint that names a region or script of the same characters stays; "zh" alone is made exact.

    Cantonese is written in traditional characters, and is zh-Hant here unless its feed says yue: a headline seldom has a
    character of its own (嘅, 咗, 冇), and readers lose nothing.
    """
    traditional = _is_traditional(title)
    if traditional is None:
        traditional = _is_traditional(text)
    if hint is not None and _primary(hint) in {"zh", "yue"}:
        other = _ZH_HANS if traditional else _ZH_HANT
        if traditional is None or not (hint.lower() == "zh" or hint.lower().startswith(other)):
            return hint
    return {True: "zh-Hant", False: "zh-Hans", None: "zh"}[traditional]


def _is_traditional(text: str) -> bool | None:
    """None where it has as many characters that only the one side writes as of the other: mostly none of either."""
    known = hanzi()
    traditional = sum(character in known.only_traditional for character in text)
    simplified = sum(character in known.only_simplified for character in text)
    return None if traditional == simplified else traditional > simplified


def _alphabetic(script: str, title: str, text: str, hint: str | None) -> str:
    """What is believed beforehand, unless the title (or, where it is unclear, the text too) speaks for another one."""
    if script == "latin":
        said = hint if hint and _primary(hint) not in _NOT_LATIN else None
    else:
        said = hint if _primary(hint) in _LANGUAGES[script] else None
    believed = said or _LANGUAGES[script][0]
    name = known_as(_primary(believed))
    if name is None or script not in _HEARD:
        return believed
    near = _NEAR if said or script == "latin" else 1
    for words in (title, f"{title} {text}") if text else (title,):
        scores = _scores(script, words) if sum(map(str.isalpha, words)) >= _LEAST_HEARD else {}
        best = max(scores, key=scores.__getitem__, default=name)
        if scores.get(best, 0) >= _CLEAR:
            return believed if scores.get(name, 0) >= near * scores[best] else tag(best)
    return believed


def _scores(script: str, text: str) -> dict[str, float]:
    """What is heard of the languages that this script writes."""
    if script == "latin":
        return {language: score for language, score in heard(text).items() if language not in _NOT_LATIN}
    letters = set(text.lower())
    return {
        language: score if _NEVER.get(language, set()).isdisjoint(letters) else score / 2
        for language, score in heard(text).items()
        if language in _LANGUAGES[script]
    }


def _primary(tag: str | None) -> str:
    return (tag or "").lower().partition("-")[0]
