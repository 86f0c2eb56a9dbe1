"""The names of an English text, and whether the sources have them: as they are written, by the table of known names, or as
Chinese characters are read.

A name is what has a capital. Where every word has one, at the start of a sentence, a word that begins sentences is none.
What cannot be found is told: better a briefing too few than a name too many.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aggregator.typeset import sentences
from aggregator.write.known import by_english, longest
from aggregator.write.numbers import figures
from aggregator.write.romanise import is_reading
from aggregator.write.sources import Sources
from aggregator.write.words import fold_word

_TOKEN = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)|「[^」]*」|『[^』]*』")
_ENDINGS = re.compile(
    r"(?:ly|ing|ings|ed|tions?|sions?|ments?|ness|ists?|ities|ity|ives?|ances?|ences?|ages|isms?|ships?|ors|ers|ants|ents|ians|ries|ures|als)$"
)
_NO_WORDS = frozenset(
    [
        "boeing",
        "reuters",
        "sanders",
        "rogers",
        "peters",
        "myers",
        "rivers",
        "powers",
        "walters",
        "waters",
        "chambers",
        "withers",
        "meyers",
        "sellers",
        "bowers",
        "sears",
        "beijing",
        "nanjing",
        "chongqing",
        "kunming",
        "xining",
        "jining",
        "nanning",
        "liaoning",
        "macquarie",
        "fleming",
        "browning",
        "downing",
        "manning",
        "keating",
        "harding",
        "spielberg",
        "renault",
        "ford",
        "wimbledon",
        "mohammed",
        "ahmed",
        "syed",
        "khaled",
        "walid",
        "said",
        "waleed",
        "ted",
        "alfred",
        "mohamed",
        "kelly",
        "emily",
        "kimberly",
        "beverly",
        "sicily",
        "italy",
        "clements",
        "barclays",
        "siemens",
        "stephens",
        "evans",
        "adams",
        "williams",
        "davies",
        "hughes",
        "jones",
        "yangtze",
        "francis",
        "lewis",
        "harris",
        "morris",
    ]
)
"""Names that end as words do."""
_LETTERS = 6
"""Of the longest abbreviation."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    folded: str
    capital: bool
    first: bool
    """Of its sentence: the capital may be the sentence's."""
    joined: bool
    """To the one before it: with nothing but a space or a hyphen between them."""


def missing_name(text: str, sources: Sources) -> str | None:
    """The first name that the sources do not have."""
    for sentence in sentences(_QUOTED.sub(lambda match: " , " + " " * (len(match[0]) - 3), text), "en"):
        if (missing := _missing(list(_tokens(sentence)), sources)) is not None:
            return missing
    return None


def shares_name(text: str, sources: Sources) -> bool:
    """Whether there is any name in it that the sources have."""
    told = [list(_tokens(sentence)) for sentence in sentences(text, "en")]
    return any(
        _known(tokens[place:], sources)[0] or _told(_run(tokens, place), sources)
        for tokens in told
        for place, token in enumerate(tokens)
        if token.capital and not (token.first and is_common(token.folded))
    )


def names(text: str) -> int:
    """How many words with a capital there are that are no sentence's."""
    return sum(
        token.capital and not (token.first and is_common(token.folded))
        for part in sentences(text, "en")
        for token in _tokens(part)
    )


def _tokens(sentence: str) -> Iterator[_Token]:
    end, first = 0, True
    possessive = False
    for match in _TOKEN.finditer(sentence):
        between = sentence[end : match.start()]
        joined = end > 0 and between in {" ", "-", "‑", "–", ". ", "."} and not possessive
        said = match[0]
        capital = any(sign.isupper() for sign in said) or (said[0].isdigit() and any(map(str.isalpha, said)))
        yield _Token(said, fold_word(said), capital, first, joined)
        first = ":" in sentence[match.end() : match.end() + 2]
        possessive = said.endswith(("'s", "’s", "'", "’"))
        end = match.end()


def _missing(tokens: Sequence[_Token], sources: Sources) -> str | None:
    place, free, begun = 0, False, 0
    while place < len(tokens):
        token = tokens[place]
        if not token.capital:
            place, free = place + 1, False
            continue
        begun = begun if token.joined and free else place
        length, alone = _known(tokens[place:], sources)
        if not length and (_is_figure(token) or (token.first and is_common(token.folded))):
            length, alone = 1, True
        run = _run(tokens, place)
        length = length or _told(run, sources)
        # Two that are found each for itself make no name together: one's family, and another's first name.
        if not length or (free and not alone and token.joined):
            return " ".join(one.text for one in (*tokens[begun:place], *run))
        place, free = place + length, not alone
    return None


def _run(tokens: Sequence[_Token], place: int) -> list[_Token]:
    """The words with capitals that stand together from there on."""
    run = [tokens[place]]
    for token in tokens[place + 1 :]:
        if not token.capital or not token.joined:
            break
        run.append(token)
    return run


def _known(rest: Sequence[_Token], sources: Sources) -> tuple[int, bool]:
    """How many words from here on are a known name that the sources have, and whether it may stand beside another: so may
    a country or a title, and no family.
    """
    for length in range(min(longest(), len(rest)), 0, -1):
        phrase = [token.folded for token in rest[:length]]
        if _is_known(phrase, sources):
            return length, not _is_family(" ".join(phrase))
    return 0, False


def _told(run: Sequence[_Token], sources: Sources) -> int:
    """How many of these words the sources have together, as they are or read so."""
    return next((length for length in range(len(run), 0, -1) if _is_told(run[:length], sources)), 0)


def _is_known(phrase: Sequence[str], sources: Sources) -> bool:
    said = " ".join(phrase)
    for one in by_english().get(said, ()):
        if sources.tells(phrase) or any(word in sources.chinese for word in one.chinese):
            return True
        # A family's name alone, as a part of this one, does not say whose it is.
        others = (name for name in one.english if one.joined and f" {name} " not in f" {said} ")
        if any(sources.tells(name.split()) for name in others):
            return True
    return False


def _is_family(name: str) -> bool:
    """The last part of another form of the same: Cook, of Tim Cook."""
    return any(other.endswith(f" {name}") for one in by_english()[name] if one.joined for other in one.english)


def _is_told(run: Sequence[_Token], sources: Sources) -> bool:
    if sources.tells([token.folded for token in run]):
        return True
    letters = "".join(token.folded for token in run)
    if len(run) == 1 and run[0].text.replace(".", "").isupper() and 1 < len(letters) <= _LETTERS:
        return sources.abbreviates(letters)
    if any(map(str.isdigit, letters)):
        return any(letters in text.replace(" ", "") for text in sources.latin)
    return is_reading([token.folded for token in run], sources.runs)


def _is_figure(token: _Token) -> bool:
    """It is verified as one: “Five”, “May”, “20th”."""
    return bool(figures(token.text)) or token.folded in {"january", "march", "may", *_DAYS}


_DAYS = frozenset(("am", "pm", "st", "nd", "rd", "th"))


def is_common(word: str) -> bool:
    """Whether a sentence may begin with it without beginning with a name."""
    return word in _common() or (word not in _NO_WORDS and word not in by_english() and bool(_ENDINGS.search(word)))


@cache
def _common() -> frozenset[str]:
    text = files("aggregator.write").joinpath("common_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
