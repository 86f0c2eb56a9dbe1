"""Finding many terms in one pass: Latin words and phrases as whole words, Chinese ones anywhere.

A text is folded first (case, width, traditional to simplified). Latin words match with their English inflections; a
term that ends in `*` is a prefix; a term in capitals that is a common word in small letters (WHO, US), or that has but
two letters (AI), matches capitals only.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from aggregator.curate.stopwords import ENGLISH
from aggregator.curate.text import CJK, fold

_WORD = rf"[^\W_{CJK}]+"
# A phrase does not reach over the end of a sentence or over Chinese text: what parts words is a token as well.
_TOKEN = re.compile(rf"{_WORD}|[.!?;:|](?=\s|$)|[{CJK}。，、]+")
_CJK = re.compile(f"[{CJK}]")
_VOWELS = "aeiou"
_SHORTEST = 3
"""Letters from which on a word is inflected."""


class Terms:
    def __init__(self, terms: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._prefixes: dict[str, list[str]] = defaultdict(list)
        self._capitals: dict[str, list[str]] = defaultdict(list)
        self._parts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for term in dict.fromkeys(terms):
            self._add(term)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._starts = re.compile(
            f"[{re.escape(''.join(sorted({part[0] for part in self._parts})))}]" if self._parts else r"$^"
        )

    def find(self, text: str) -> set[str]:
        """The terms, as they were given, that the text has."""
        composed = unicodedata.normalize("NFKC", text)
        found = set(self._in_words(composed))
        if _CJK.search(composed):
            found.update(self._in_characters(fold(composed)))
        return found

    def _add(self, term: str) -> None:
        folded = fold(term)
        if _CJK.search(folded):
            self._parts[folded[:2]].append((folded, term))
            return
        if folded.endswith("*"):
            self._prefixes[folded.rstrip("*")].append(term)
            return
        if term.isupper() and (folded in ENGLISH or (term.isalpha() and len(term) < _SHORTEST)):
            self._capitals[term].append(term)
            return
        words = _tokens(folded)
        for last in _forms(words[-1]) if words else ():
            whole = (*words[:-1], last)
            self._phrases[whole[0]].append((whole, term))

    def _in_words(self, text: str) -> Iterator[str]:
        originals = _tokens(text)
        words = [word.casefold() for word in originals]
        for place, word in enumerate(words):
            for phrase, term in self._phrases.get(word, ()):
                if len(phrase) == 1 or tuple(words[place : place + len(phrase)]) == phrase:
                    yield term
            if originals[place] in self._capitals:
                yield from self._capitals[originals[place]]
            for length in self._prefix_lengths:
                yield from self._prefixes.get(word[:length], ())

    def _in_characters(self, folded: str) -> Iterator[str]:
        for start in self._starts.finditer(folded):
            place = start.start()
            for part, term in self._parts.get(folded[place : place + 2], ()):
                if folded.startswith(part, place):
                    yield term
            yield from (term for _, term in self._parts.get(folded[place], ()))


def _tokens(text: str) -> list[str]:
    """Words, and what parts them; a mark at either end parts nothing."""
    found = _TOKEN.findall(text)
    while found and not found[-1][0].isalnum():
        found.pop()
    return found


def _forms(word: str) -> tuple[str, ...]:
    """A word and its plain English inflections. Forms that no text has do no harm."""
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii():
        return (word,)
    stem = word.removesuffix("e")
    forms = [word, f"{word}s", f"{word}es", f"{stem}ed", f"{stem}ing"]
    if word.endswith("y") and word[-2] not in _VOWELS:
        forms += [f"{word[:-1]}ies", f"{word[:-1]}ied"]
    if word[-1] not in f"{_VOWELS}wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        forms += [f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"]
    return tuple(dict.fromkeys(forms))
