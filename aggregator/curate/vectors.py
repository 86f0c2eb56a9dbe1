"""What words mean, from libraries that carry it: for words that the examples never had. Loaded by training alone.

English words: the mean of their tokens' vectors in WordLlama (256 numbers, made from the token embeddings of large language
models). Chinese words: how much each of 100 topics of Chinese news has of them, by JioNLP's dictionary. Both are data of
packages; neither runs here. Without them, training goes by the examples' own words.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

from aggregator.curate.features import LONGEST_RUN, RUN, WORD
from aggregator.curate.text import fold

Matrix = npt.NDArray[np.float64]
_RARE = 4000
"""Tokens are numbered by how common they are: from here on a word counts fully."""
_COMMON = 0.05
_TOPICS = "jionlp/dictionary/topic_word_weight.zip"


class Vectors(NamedTuple):
    """Feature -> its row in `rows`; what is common says little, and its vector is short."""

    place: dict[str, int]
    rows: Matrix


@cache
def load() -> Vectors:
    """Every word that the libraries know. Empty where none is installed."""
    blocks = [block for block in (_english(), _chinese()) if block is not None]
    width = sum(rows.shape[1] for _, rows in blocks)
    place: dict[str, int] = {}
    filled: list[Matrix] = []
    column = 0
    for words, rows in blocks:
        wide = np.zeros((len(words), width))
        wide[:, column : column + rows.shape[1]] = rows
        place |= {word: len(place) + row for row, word in enumerate(words)}
        filled.append(wide)
        column += rows.shape[1]
    return Vectors(place, np.vstack(filled) if filled else np.zeros((0, 0)))


def of_features(known: Vectors, found: Iterator[str]) -> Iterator[tuple[int, int]]:
    """(where it stands among those found, its row) of each feature that a library knows."""
    for place, feature in enumerate(found):
        row = known.place.get(feature)
        if row is not None:
            yield place, row


def _file(package: str, path: str) -> Any:
    """Where an installed package has a file; None without it. Importing these packages would load far more than their data."""
    try:
        found = distribution(package).locate_file(path)
    except PackageNotFoundError:
        return None
    return found if found.exists() else None  # type: ignore[attr-defined]  # a path, wherever packages are folders


# --- English ---------------------------------------------------------------------------------------------


def _english() -> tuple[list[str], Matrix] | None:
    weights, tokens = (_file("wordllama", f"wordllama/{path}") for path in (
        "weights/l2_supercat_256.safetensors",
        "tokenizers/l2_supercat_tokenizer_config.json",
    ))  # fmt: skip
    if weights is None or tokens is None:
        return None
    from safetensors.numpy import load_file

    (table,) = load_file(weights).values()
    vocabulary: dict[str, int] = json.loads(tokens.read_text(encoding="utf-8"))["model"]["vocab"]
    forms: dict[str, int] = {}
    for token, number in sorted(vocabulary.items(), key=lambda one: one[1]):
        word = token.removeprefix("▁")
        if word != token and word.isalpha() and fold(word).isascii():
            forms.setdefault(WORD + fold(word), number)
    rows = table[list(forms.values())].astype(np.float64)
    common = np.minimum(np.array(list(forms.values())) / _RARE, 1.0) + _COMMON
    return list(forms), _unit(rows) * common[:, None]


# --- Chinese ---------------------------------------------------------------------------------------------


def _chinese() -> tuple[list[str], Matrix] | None:
    path = _file("jionlp", _TOPICS)
    if path is None:
        return None
    with ZipFile(path) as packed:
        said: dict[str, dict[str, float]] = json.loads(packed.read(packed.namelist()[0]))
    words = [word for word in said if 1 < len(word) <= LONGEST_RUN and word == fold(word) and not word.isascii()]
    topics = sorted({topic for word in words for topic in said[word]})
    column = {topic: place for place, topic in enumerate(topics)}
    rows = np.zeros((len(words), len(topics)))
    for place, word in enumerate(words):
        for topic, share in said[word].items():
            rows[place, column[topic]] = share
    rows = np.sqrt(rows)
    return [RUN + word for word in words], _unit(rows - rows.mean(axis=0))


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
