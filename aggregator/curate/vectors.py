"""What words mean, from libraries that carry it: for words that the examples never had. Used by training alone.

English words: the sum of their tokens' vectors in WordLlama (256 numbers, made from the token embeddings of large language
models). Chinese words: how much each of 100 topics of Chinese news has of them, by JioNLP's dictionary. Both are data of
packages; neither runs here. Without them, training goes by the examples' own words.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

from aggregator.curate.features import LONGEST_RUN, RUN, WORD
from aggregator.curate.text import fold

Matrix = npt.NDArray[np.float32]
_RARE = 4000
"""Tokens are numbered by how common they are: from here on a word counts fully."""
_COMMON = 0.05
_START = "▁"
"""What a token begins with that begins a word."""


@dataclass(frozen=True)
class Vectors:
    """`place`: feature -> its row. What is common says little, and its row is short."""

    place: dict[str, int]
    rows: Matrix


def load(features: Collection[str]) -> list[Vectors]:
    """A block for each language that these features have: their own words, and all others that the libraries know."""
    words = [
        feature[1:] for feature in features if feature[0] == WORD and feature[1:].isascii() and feature[1:].isalpha()
    ]
    has_runs = any(feature[0] == RUN for feature in features)
    blocks = (_english(words) if words else None, _chinese() if has_runs else None)
    return [block for block in blocks if block is not None]


def _file(package: str, path: str) -> Path | None:
    """Where an installed package has a file; None without it. Importing the packages would load far more than their data."""
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        return None
    return found if found.exists() else None


# --- English ---------------------------------------------------------------------------------------------


@cache
def _llama() -> tuple[Any, Matrix] | None:
    """The tokens, and a vector for each."""
    weights = _file("wordllama", "wordllama/weights/l2_supercat_256.safetensors")
    tokens = _file("wordllama", "wordllama/tokenizers/l2_supercat_tokenizer_config.json")
    if weights is None or tokens is None:
        return None
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    (table,) = load_file(weights).values()
    return Tokenizer.from_file(str(tokens)), table.astype(np.float32)


def _english(words: Sequence[str]) -> Vectors | None:
    if (llama := _llama()) is None:
        return None
    tokens, table = llama
    forms = _known(tokens.get_vocab()) | {word: _split(tokens, word) for word in words}
    rows = np.vstack([table[list(numbers)].sum(axis=0) for numbers in forms.values()])
    often = [min(numbers[0] / _RARE, 1.0) if len(numbers) == 1 else 1.0 for numbers in forms.values()]
    weighed = _unit(rows) * (np.array(often, dtype=np.float32) + _COMMON)[:, None]
    return Vectors({WORD + word: row for row, word in enumerate(forms)}, weighed)


def _known(vocabulary: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """The words that are one token, in whatever case they are so first."""
    forms: dict[str, tuple[int, ...]] = {}
    for token, number in sorted(vocabulary.items(), key=lambda one: one[1]):
        word = fold(token.removeprefix(_START))
        if token.startswith(_START) and word.isascii() and word.isalpha():
            forms.setdefault(word, (number,))
    return forms


def _split(tokens: Any, word: str) -> tuple[int, ...]:
    """Its tokens, in the case in which they are fewest: names are known with their capital."""
    forms = (word, word.capitalize(), word.upper())
    ways: list[tuple[int, ...]] = [tuple(tokens.encode(form, add_special_tokens=False).ids) for form in forms]
    return min(ways, key=len)


# --- Chinese ---------------------------------------------------------------------------------------------


@cache
def _chinese() -> Vectors | None:
    path = _file("jionlp", "jionlp/dictionary/topic_word_weight.zip")
    if path is None:
        return None
    with ZipFile(path) as packed:
        said: dict[str, dict[str, float]] = json.loads(packed.read(packed.namelist()[0]))
    words = [word for word in said if 1 < len(word) <= LONGEST_RUN and word == fold(word) and not word.isascii()]
    topics = sorted({topic for word in words for topic in said[word]})
    column = {topic: place for place, topic in enumerate(topics)}
    rows = np.zeros((len(words), len(topics)), dtype=np.float32)
    for place, word in enumerate(words):
        for topic, share in said[word].items():
            rows[place, column[topic]] = share
    rows = np.sqrt(rows)
    return Vectors({RUN + word: row for row, word in enumerate(words)}, _unit(rows - rows.mean(axis=0)))


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
