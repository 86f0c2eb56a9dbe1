"""A report's text as the sentences that a brief may take from it, each with what must be known to choose."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import add

from aggregator.edit.boilerplate import ends_itself, is_cut, own_sentences, without_endings, without_openings
from aggregator.typeset import sentences, width

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TERMS = re.compile(rf"[{_CJK}]{{2,}}|\d[^\W_{_CJK}]*|[^\W\d_{_CJK}][^\W_{_CJK}]{{3,}}")
"""A word of fewer than four letters says little."""
_PLAIN_TERMS = re.compile(r"\w{4,}|\d\w*")
"""Nearly the same of a text without Chinese: three times as fast."""
_HAS_CJK = re.compile(rf"[{_CJK}]")
_STEM = 6
"""Two words that begin with the same six letters are taken for one."""
_SAYING_LITTLE = """
    about according added after also among another around because been before being between both business could days
    does during each even every first following from have here have however including into just last like made make many
    more most much must near only other over part people president recent report reported reports said same says second
    several should since some state still such than that their them then there these they this those three through time
    today told under until upon very want week well were what when where which while will with within without would year
    years your monday tuesday wednesday thursday friday saturday sunday
    一个 个人 我们 他们 自己 没有 沒有 不是 可以 已经 已經 表示 认为 認為 可能 这个 這個 这些 這些 因为 因為 所以 目前 今年 记者 記者
    报道 報道 報導 消息 进行 進行 以及 其中 由于 由於 就是 还是 還是 也是 这是 這是 的人 了一 是一 的一 在这 在這 有关 有關
"""
_COMMON = frozenset(_SAYING_LITTLE.split())
_POINTS_BACK = re.compile(
    r"[“\"‘'(]?(?:(?:He|She|It|They|His|Her|Hers|Its|Their|This|That|These|Those|Such|Both|Another|Others|But|And|So|Yet|Or|Nor|However"
    r"|Also|Then|Thus|Instead|Still|Moreover|Furthermore|Therefore|Nevertheless|Nonetheless|Otherwise|Similarly|Likewise|Besides"
    r"|Afterwards?|Later|Earlier|The (?:former|latter|two|pair|move|decision|latest))\b"
    r"|[他她它此这這那该該其但]|不[过過]|而|然而|因此|所以|同[时時]|[与與]此|另外|[对對]此|[于於]是|[随隨]后|[随隨]後|并|並|且|也|[还還]|又|[双雙兩两][方人者]|前者|后者|後者)"
)
_LEAST_COLUMNS = 16
"""A shorter sentence is no sense by itself."""
_NO_LETTERS = re.compile(r"[\W_]+")
_MARKS = " \u3000.。!！?？…:：|｜-–—“”\"'‘’「」《》"
_NEEDS_NO_SPACE = frozenset("。！？”」』）》】")
_OUTLET = re.compile(r"\s*(?:\s[-–—]\s|[|｜丨︱])\s*[^-–—|｜丨︱]{1,30}$")
"""What sites put behind a headline: their name."""
_LONG_HEADLINE = 8
"""Characters from which on a Chinese headline is no beginning of a sentence that goes on in Latin letters."""
_LEAST_HEADLINE = 4
"""Words from which on a headline is told in the text that it runs into."""
_CAPITALS = 0.6
_REPEATED, _LEAST_TERMS = 0.9, 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """`whole`: neither the feed nor we cut it; `back`: it speaks of what the one before it says."""

    text: str
    columns: int
    terms: frozenset[str]
    whole: bool
    back: bool
    space: int
    """What it takes behind it: a Chinese sentence needs none."""


@lru_cache(maxsize=4096)
def passage(text: str, headline: str, language: str | None) -> tuple[Sentence, ...]:
    """What the text says beyond its headline. Kept, as a site asks for the same stories at several lengths."""
    shown, headline = " ".join(text.split()), " ".join(headline.split())
    # What is taken away may lay bare what must go too: again, until nothing more goes.
    while (shorter := _stripped(shown, headline, language)) != shown:
        shown = shorter
    pieces = [piece.strip() for piece in own_sentences(shown, language)]
    if len(pieces) > 1 and not ends_itself(pieces[-1]):
        pieces.pop()
    said, title = terms(headline), _letters(headline)
    found = (
        _sentence(piece) for piece in pieces if not title or len(piece) > 2 * len(title) or _letters(piece) != title
    )
    return tuple(one for one in found if not _repeats(one.terms, said))


@lru_cache(maxsize=1024)
def terms(text: str) -> frozenset[str]:
    """What it is about: the beginnings of its longer words, its figures, and pairs of Chinese characters."""
    return _terms(text)


def _terms(text: str) -> frozenset[str]:
    text = text.lower()
    if not _HAS_CJK.search(text):
        return frozenset([word[:_STEM] for word in set(_PLAIN_TERMS.findall(text)) - _COMMON])
    words = set(_TERMS.findall(text)) - _COMMON
    found: list[str] = []
    for word in words:
        if "\u3040" <= word[0] <= "\u9fff":
            found += map(add, word, word[1:])
        else:
            found.append(word[:_STEM])
    return frozenset(found) - _COMMON


def _sentence(piece: str) -> Sentence:
    columns = width(piece)
    back = columns < _LEAST_COLUMNS or _POINTS_BACK.match(piece) is not None
    return Sentence(piece, columns, _terms(piece), not is_cut(piece), back, 0 if piece[-1] in _NEEDS_NO_SPACE else 1)


def _stripped(text: str, headline: str, language: str | None) -> str:
    return _beyond(headline, without_endings(without_openings(text)), language).strip()


def _beyond(headline: str, text: str, language: str | None) -> str:
    """The text without its headline, which many feeds repeat in front of it: as a sentence of its own, or running into the
    first. A sentence that only begins as the headline does stays whole.
    """
    if not text.startswith(headline):
        headline = _OUTLET.sub("", headline)
    if not headline or not text.startswith(headline):
        return text
    rest = text[len(headline) :]
    if _is_run_in(headline, rest):
        return rest
    ends = accumulate(len(piece) for piece in sentences(text, language))
    end = next((place for place in ends if place >= len(headline)), len(text))
    return text if text[len(headline) : end].strip(_MARKS) else text[end:]


def _is_run_in(headline: str, rest: str) -> bool:
    """Whether the text surely begins anew behind the headline: with a capital where it ended small or was all capitals, or
    behind a space that no Chinese sentence has.
    """
    if not rest.startswith(" ") or width(rest) < _LEAST_COLUMNS:
        return False
    if "\u3000" <= headline[-1] <= "\uffef":
        return "\u3000" <= rest[1] <= "\uffef" or rest[1] in "“‘" or len(headline) >= _LONG_HEADLINE
    words = headline.split()
    if len(words) < _LEAST_HEADLINE or not (rest[1].isupper() or rest[1].isdigit()):
        return False
    is_title = sum(word[0].isupper() for word in words) >= _CAPITALS * len(words)
    return is_title or (rest[1].isupper() and not words[-1][0].isupper())


def _repeats(said: frozenset[str], headline: frozenset[str]) -> bool:
    return len(said) >= _LEAST_TERMS and len(said & headline) >= _REPEATED * len(said)


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())
