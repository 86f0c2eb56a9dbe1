"""Finding many terms in one pass: Latin words and phrases as whole words, Chinese ones anywhere.

An automaton finds the keys of all terms at once, in a text that was made ready (haystack); few of what it finds is then
looked at: whether a word begins and ends there, or goes on as an English inflection. A term that ends in `*` is a
prefix; a term in capitals that is a common word in small letters (WHO, US), or that has but two letters (AI), matches
capitals only.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from math import prod
from os.path import commonprefix
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from aggregator.curate.haystack import as_written, haystack
from aggregator.curate.stopwords import ENGLISH
from aggregator.curate.text import CJK, hanzi, spellings

_CJK = re.compile(f"[{CJK}]")
_GLUED = re.compile(rf"(?<=[{CJK}])(?=[^\W{CJK}])|(?<=[^\W{CJK}])(?=[{CJK}])")
"""Where Chinese and Latin stand side by side: some write a space there, some do not."""
_EDGES = " .,:;!?|、。「」『』【】《》〈〉〔〕，：；？！（）…·•"
_LETTERS = re.compile(rb"[a-z0-9]*")
_ENDED = frozenset([b""])
_VOWELS = "aeiou"
_SHORTEST = 3
"""Letters from which on a word is inflected."""
_SHORTEST_STEM = 4
"""A shorter one begins too many words: its forms are looked for one by one."""
_MOST_SPELLINGS = 32
_DENSE = 2500
"""Up to so many keys, the automaton is the kind that is larger and slower to make, and twice as fast."""


class Place(NamedTuple):
    """Where a term stands in the haystack, in bytes."""

    term: int
    start: int
    end: int


class _Key(NamedTuple):
    """What is looked at where the automaton has found the bytes of a key. `ends`: how the word may go on; None: however
    it likes. `rest`: what of a Chinese term is not in the key, since there are too many ways to spell it.
    """

    term: int
    begins: bool = False
    ends: frozenset[bytes] | None = None
    capitals: bytes = b""
    rest: str = ""


class Text:
    """A text made ready for all that is looked for in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = haystack(text)

    @cached_property
    def capitals(self) -> bytes:
        written = as_written(self.text)
        return written if len(written) == len(self.words) else b""

    def has_capitals(self, word: bytes, start: int) -> bool:
        """Where folding has moved the letters, capitals anywhere are enough."""
        return self.capitals.startswith(word, start) if self.capitals else word.decode() in self.text


class Terms:
    def __init__(self, terms: Iterable[str]) -> None:
        self.terms: Sequence[str] = tuple(dict.fromkeys(terms))
        spelled: list[bytes] = []
        self._keys: list[_Key] = []
        for number, term in enumerate(self.terms):
            for spelling, key in _keys(term, number):
                spelled.append(spelling)
                self._keys.append(key)
        kind = Implementation.DFA if len(spelled) <= _DENSE else None
        self._automaton = BytesAhoCorasick(spelled, implementation=kind) if spelled else None

    def find(self, text: str) -> set[str]:
        """The terms, as they were given, that the text has."""
        return {self.terms[place.term] for place in self.places(Text(text))}

    def places(self, text: Text) -> Iterator[Place]:
        if self._automaton is None:
            return
        keys, words = self._keys, text.words
        for number, start, end in self._automaton.find_matches_as_indexes(words, overlapping=True):
            key = keys[number]
            if key.begins and start and words[start - 1] > 47 and _inside(words, start - 1):  # noqa: PLR2004  below stand spaces and marks
                continue
            if key.ends is not None or key.rest:
                last = _end(key, text, start, end)
                if last:
                    yield Place(key.term, start, last)
            else:
                yield Place(key.term, start, end)


# --- looking at what was found ---------------------------------------------------------------------------


def _end(key: _Key, text: Text, start: int, end: int) -> int:
    """Where the term ends; 0 where it is not the term."""
    words = text.words
    if key.rest:
        end = _follows(words, end, key.rest)
        if not end or key.ends is None:
            return end
    last = end
    if end < len(words) and words[end] > 47:  # noqa: PLR2004  likewise
        letters = _LETTERS.match(words, end)
        last = letters.end() if letters else end
        if last < len(words) and words[last] > 127 and not _is_cjk_or_mark(words[last : last + 4]):  # noqa: PLR2004
            return 0
    if words[end:last] not in (key.ends or ()):
        return 0
    return 0 if key.capitals and not text.has_capitals(key.capitals, start) else last


def _inside(words: bytes, at: int) -> bool:
    """Whether the byte belongs to a letter or digit of an alphabet: a word that goes on there does not begin there."""
    byte = words[at]
    if byte < 128:  # noqa: PLR2004  ASCII
        return 97 <= byte <= 122 or 48 <= byte <= 57  # noqa: PLR2004  a to z, 0 to 9
    while words[at] & 0xC0 == 0x80:  # noqa: PLR2004  the bytes of a character after its first
        at -= 1
    return not _is_cjk_or_mark(words[at : at + 4])


def _is_cjk_or_mark(follows: bytes) -> bool:
    character = follows.decode("utf-8", "ignore")[:1]
    return not character.isalnum() or _CJK.match(character) is not None


def _follows(words: bytes, end: int, rest: str) -> int:
    """Where a text that goes on with `rest` has its end, however it is spelled; 0 where it goes on otherwise."""
    simplified = hanzi().simplified
    wanted = iter(rest.replace(" ", ""))
    letter = next(wanted, "")
    for character in words[end : end + 8 * len(rest)].decode("utf-8", "ignore"):
        if not letter:
            break
        if character != " ":
            if simplified.get(character, character) != letter:
                return 0
            letter = next(wanted, "")
        end += len(character.encode())
    return 0 if letter else end


# --- the keys of a term ----------------------------------------------------------------------------------


def _keys(term: str, number: int) -> Iterator[tuple[bytes, _Key]]:
    plain = haystack(term.rstrip("*")).decode().strip(_EDGES)
    if not plain:
        return
    if _CJK.search(plain):
        yield from _chinese(plain, number)
        return
    if term.endswith("*"):
        yield plain.encode(), _Key(number, begins=True)
        return
    if term.isupper() and (plain in ENGLISH or (term.isalpha() and len(term) < _SHORTEST)):
        yield plain.encode(), _Key(number, begins=True, ends=_ENDED, capitals=term.encode())
        return
    forms = _forms(plain)
    stem = commonprefix(forms)  # noqa: RUF071  of words: none of them is a path
    if len(stem) - stem.rfind(" ") > _SHORTEST_STEM or len(forms) == 1:
        ends = frozenset(form.removeprefix(stem).encode() for form in forms)
        yield stem.encode(), _Key(number, begins=True, ends=ends)
    else:
        yield from ((form.encode(), _Key(number, begins=True, ends=_ENDED)) for form in forms)


def _chinese(plain: str, number: int) -> Iterator[tuple[bytes, _Key]]:
    simplified, others = hanzi().simplified, spellings()
    parts = _GLUED.sub(" ", "".join(simplified.get(character, character) for character in plain))
    glued = {found.start() + shift for shift, found in enumerate(_GLUED.finditer(plain))}
    ways = [
        ("", " ") if place in glued else (character, *others.get(character, ""))
        for place, character in enumerate(parts)
    ]
    long = next((n for n in range(2, len(ways) + 1) if prod(map(len, ways[:n])) > _MOST_SPELLINGS), len(ways) + 1) - 1
    begins, latin_end = not _CJK.match(parts[0]), not _CJK.match(parts[-1])
    key = _Key(number, begins=begins, ends=_ENDED if latin_end else None, rest=parts[long:])
    yield from (("".join(spelling).encode(), key) for spelling in product(*ways[:long]))


def _forms(phrase: str) -> tuple[str, ...]:
    """A phrase with the plain English inflections of its last word. Forms that no text has do no harm."""
    word = phrase.rpartition(" ")[2]
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii():
        return (phrase,)
    stem = phrase.removesuffix("e")
    forms = [phrase, f"{phrase}s", f"{phrase}es", f"{stem}ed", f"{stem}ing"]
    if word.endswith("y") and word[-2] not in _VOWELS:
        forms += [f"{phrase[:-1]}ies", f"{phrase[:-1]}ied"]
    if word[-1] not in f"{_VOWELS}wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        forms += [f"{phrase}{word[-1]}ed", f"{phrase}{word[-1]}ing"]
    return tuple(dict.fromkeys(forms))
