"""Finding many terms in one pass: Latin words and phrases as whole words, Chinese ones anywhere.

An automaton finds the keys of all terms at once, in a text that was made ready (haystack); few of what it finds is then
looked at: whether a word begins and ends there, or goes on as an English inflection. A term that ends in `*` is a
prefix; a term in capitals that is a common word in small letters (WHO, US), or that has but two letters (AI), matches
capitals only.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from itertools import pairwise, product
from math import prod
from typing import NamedTuple, TypeAlias

from ahocorasick_rs import BytesAhoCorasick, Implementation

from aggregator.curate.haystack import as_written, haystack
from aggregator.curate.stopwords import ENGLISH
from aggregator.curate.text import CJK, hanzi, spellings

_CJK = re.compile(f"[{CJK}]+")
_EDGES = " .,:;!?|、。「」『』【】《》〈〉〔〕，：；？！（）…·•"
_KIND = bytes(2 if byte > 127 else chr(byte).isalnum() for byte in range(256))  # noqa: PLR2004  beyond ASCII
"""Of a byte in a haystack: 1, a letter or digit; 2, a part of a character of several bytes; 0, nothing of a word."""
_LETTERS = re.compile(rb"[a-z0-9]*")
_ENDED = frozenset([b""])
_PLAIN = frozenset([b"", b"s", b"es", b"ed", b"ing"])
_AFTER_E = frozenset([b"e", b"es", b"ed", b"ing"])
_AFTER_Y = frozenset([b"y", b"ys", b"yed", b"ying", b"ies", b"ied"])
_VOWELS = "aeiou"
_SHORTEST = 3
"""Letters from which on a word is inflected."""
_SHORTEST_STEM = 4
"""A shorter one begins too many words: its forms are looked for one by one."""
_MOST_SPELLINGS = 32
_DENSE = 1500
"""Up to so many keys, the automaton is the kind that is larger and slower to make, and twice as fast."""


Spot: TypeAlias = tuple[int, int, int]
"""Where a term stands: in which part of the text, and from which to which byte of its haystack."""


class _Key(NamedTuple):
    """What is looked at where the automaton has found the bytes of a key. `ends`: how the word may go on; None: however
    it likes. `exactly`: it
    is the term where no letter follows; `looked_at`: whether what follows must be looked at. `rest`: what of a Chinese term is not in the key, since there are too many ways to spell it.
    """

    term: int
    begins: bool = False
    exactly: bool = False
    looked_at: bool = False
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
        if self.text.isascii():  # most English ones: no second haystack is made
            if len(self.text) == len(self.words):
                return self.text.startswith(word.decode(), start)
            if word.decode() not in self.text:
                return False
        return self.capitals.startswith(word, start) if self.capitals else word.decode() in self.text


class Terms:
    def __init__(self, terms: Iterable[str]) -> None:
        self.terms: Sequence[str] = tuple(dict.fromkeys(terms))
        spelled: list[bytes] = []
        self._keys: list[_Key] = []
        for number, (term, plain) in enumerate(zip(self.terms, _made_ready(self.terms), strict=True)):
            some, key = _keys(term, plain.strip(_EDGES), number)
            spelled += some
            self._keys += [key] * len(some)
        kind = Implementation.DFA if len(spelled) <= _DENSE else None
        self._automaton = BytesAhoCorasick(spelled, implementation=kind) if spelled else None

    def find(self, text: str) -> set[str]:
        """The terms, as they were given, that the text has."""
        return {self.terms[term] for term in self.spots(Text(text))}

    def spots(self, text: Text) -> dict[int, list[Spot]]:
        """The numbers of the terms that are there, each with all its spots. The parts of a text are parted by NUL."""
        found: dict[int, list[Spot]] = {}
        if self._automaton is None:
            return found
        keys, words, size = self._keys, text.words, len(text.words)
        part, until = 0, words.find(b"\0")
        for number, start, end in self._automaton.find_matches_as_indexes(words, overlapping=True):
            term, begins, exactly, looked_at, _, _, _ = keys[number]
            if begins and start and _KIND[words[start - 1]] and _inside(words, start - 1):
                continue
            if looked_at and not (exactly and (end == size or not _KIND[words[end]])):
                end = _end(keys[number], text, start, end)  # noqa: PLW2901  where it really ends
                if not end:
                    continue
            while until != -1 and start > until:  # they come in the order of their ends
                part, until = part + 1, words.find(b"\0", until + 1)
            if term in found:
                found[term].append((part, start, end))
            else:
                found[term] = [(part, start, end)]
        return found


# --- looking at what was found ---------------------------------------------------------------------------


def _end(key: _Key, text: Text, start: int, end: int) -> int:
    """Where the term ends; 0 where it is not the term."""
    words = text.words
    if key.rest:
        end = _follows(words, end, key.rest)
        if not end or key.ends is None:
            return end
    last = end
    if end < len(words) and _KIND[words[end]]:
        letters = _LETTERS.match(words, end)
        last = letters.end() if letters else end
        if last < len(words) and _KIND[words[last]] and not _is_cjk_or_mark(words[last : last + 4]):
            return 0
    if words[end:last] not in (key.ends or ()):
        return 0
    return 0 if key.capitals and not text.has_capitals(key.capitals, start) else last


def _inside(words: bytes, at: int) -> bool:
    """Whether the byte belongs to a letter or digit of an alphabet: a word that goes on there does not begin there."""
    if _KIND[words[at]] < 2:  # noqa: PLR2004  as said there
        return bool(_KIND[words[at]])
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


def _made_ready(terms: Sequence[str]) -> list[str]:
    """As they stand in a haystack: all at once, since one by one takes most of the time."""
    plain = [term.replace("\0", " ").rstrip("*") for term in terms]
    return haystack("\0".join(plain)).decode().split("\0") if plain else []


def _keys(term: str, plain: str, number: int) -> tuple[Sequence[bytes], _Key]:
    """The ways in which a term is written, none where nothing of it can be found. `plain`: as it stands in a haystack."""
    if not plain:
        return (), _Key(number)
    if not plain.isascii() and _CJK.search(plain):
        return _chinese(plain, number)
    if term.endswith("*"):
        return [plain.encode()], _Key(number, begins=True)
    if term.isupper() and (plain in ENGLISH or (term.isalpha() and len(term) < _SHORTEST)):
        return [plain.encode()], _Key(number, begins=True, looked_at=True, ends=_ENDED, capitals=term.encode())
    stem, ends = _inflected(plain)
    if len(stem) - stem.rfind(" ") > _SHORTEST_STEM or len(ends) == 1:
        return [stem.encode()], _Key(number, begins=True, exactly=b"" in ends, looked_at=True, ends=ends)
    key = _Key(number, begins=True, exactly=True, looked_at=True, ends=_ENDED)
    return [stem.encode() + end for end in ends], key


def _chinese(plain: str, number: int) -> tuple[Sequence[bytes], _Key]:
    """In all the ways in which it is written, as far as these are few: the key is its beginning, if they are many."""
    parts = plain if _CJK.fullmatch(plain) else _parted(plain)
    ways = [_ways(character) for character in parts]
    long = len(ways)
    while prod(map(len, ways[:long])) > _MOST_SPELLINGS:
        long -= 1
    ends = None if _CJK.match(parts[-1]) else _ENDED
    simplified = hanzi().simplified
    rest = "".join([simplified.get(character, character) for character in parts[long:] if character != "\0"])
    key = _Key(number, not _CJK.match(parts[0]), looked_at=bool(rest or ends), ends=ends, rest=rest)
    return [*map(b"".join, product(*ways[:long]))], key


@cache
def _ways(character: str) -> tuple[bytes, ...]:
    if character == "\0":
        return b"", b" "
    simple = hanzi().simplified.get(character, character)
    return tuple([way.encode() for way in simple + spellings().get(simple, "")])


def _parted(parts: str) -> str:
    """With NUL where Chinese and Latin stand side by side: some write a space there, some do not. (Character by character:
    such terms are few, and a pattern that looks both ways takes longer to compile than they to part.)
    """
    kinds = [2 if _CJK.match(character) else character.isalnum() for character in parts]
    joints = [before + kind == 3 for before, kind in pairwise([0, *kinds])]  # noqa: PLR2004  one of each
    return "".join(["\0" * joint + character for joint, character in zip(joints, parts, strict=True)])


def _inflected(phrase: str) -> tuple[str, frozenset[bytes]]:
    """What all forms of a phrase begin with, and how they end: the plain English inflections of its last word. Forms that
    no text has do no harm.
    """
    word = phrase.rpartition(" ")[2]
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii():
        return phrase, _ENDED
    if word[-1] == "e":
        return phrase[:-1], _AFTER_E
    if word[-1] == "y" and word[-2] not in _VOWELS:
        return phrase[:-1], _AFTER_Y
    if word[-1] not in f"{_VOWELS}wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        return phrase, _doubled(word[-1])
    return phrase, _PLAIN


@cache
def _doubled(letter: str) -> frozenset[bytes]:
    return _PLAIN | {f"{letter}ed".encode(), f"{letter}ing".encode()}
