"""The learned layer: what examples taught, kept as hashed weights in a plain file, and read without any library.

A text has features (`features.py`); each known one has a row: its part of the length of the text, and a weight for each
label. Score = the sum of the rows / the length + a bias; softmax of the scores, mapped by what cross-validation found
(Platt), is the probability. Rows are packed into one integer of 32-bit lanes each: a sum of integers adds all labels at once.

The file: a line that says what it is, a line of JSON, the sorted 32-bit keys, the rows as 16-bit numbers, and a digest of it
all. Nothing in it is code: whoever can write to it can make the sorting wrong, and nothing else.
"""

import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from math import exp, isfinite, log, sqrt
from typing import Any, NamedTuple

from aggregator.curate.features import READ, key, shown
from aggregator.errors import ModelError

MAGIC = b"aggregator categories, hashed linear, 3\n"
_DIGEST = 16
ZERO = 1 << 15
"""What stands for nothing in a row's 16 bits: weights are whole numbers around it."""
_LANE = 4
_MOST = 60_000
"""Features of a text that lanes of 32 bits can add up."""
_REMEMBERED = 200_000
_LEAST = 1e-9
_TOLD = 5
"""Labels that a guess names: what is less likely decides nothing."""


class Guess(NamedTuple):
    label: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a model says of itself. `sees`: what is read of a text (features.py); `of`: the digest of its examples; `accuracy`: cross-validated; `step`: what one unit of a
    weight is; `length`: what one unit of the first lane is; `slope`, `offset`: Platt's, for the logit of the softmax;
    `trust`: what the probability is multiplied by, less than 1 where examples were few.
    """

    labels: tuple[str, ...]
    sees: str
    n: int
    accuracy: float
    of: str
    rows: int
    step: float
    length: float
    bias: tuple[float, ...]
    slope: float
    offset: float
    trust: float


class Learned:
    """A model that is ready to sort. Raises ModelError for bytes that are no model of ours."""

    def __init__(self, head: Head, rows: "_Rows") -> None:
        self.labels, self.n, self.accuracy, self.of = head.labels, head.n, head.accuracy, head.of
        self._head = head
        self._read = READ[head.sees]
        self._rows = rows
        self._size = _LANE * (2 + len(head.labels))

    @classmethod
    def from_bytes(cls, content: bytes) -> "Learned":
        head, start = _head(content)
        keys = array("I")
        keys.frombytes(content[start : start + 4 * head.rows])
        if sys.byteorder == "big":
            keys.byteswap()
        return cls(head, _Rows(keys, content[start + 4 * head.rows : -_DIGEST], len(head.labels)))

    def guess(self, title: str, text: str) -> tuple[Guess, ...]:
        """The likeliest labels, the first first, each with the probability that it is right; none for a text of which
        nothing is known.
        """
        scores, length = self._scores(self._read(title, text))
        if not length:
            return ()
        most = max(scores)
        raised = [exp(score - most) for score in scores]
        whole = sum(raised)
        likely = sorted(zip(raised, self.labels, strict=True), reverse=True)[:_TOLD]
        return tuple([Guess(label, self._calibrated(one / whole)) for one, label in likely])

    def terms(self, title: str, text: str, label: str) -> tuple[tuple[str, float], ...]:
        """What of the text spoke for the label (above 0) or against it, more than for labels on the average; strongest first."""
        found = self._read(title, text)
        _, length = self._scores(found)
        place = self.labels.index(label)
        told: dict[str, float] = {}
        for feature in found:
            if row := self._rows[feature]:
                weights = [weight - ZERO for weight in self._unpack(row)[2:]]
                weight = (weights[place] - sum(weights) / len(weights)) * self._head.step / length
                told[shown(feature)] = told.get(shown(feature), 0.0) + weight
        return tuple(sorted(told.items(), key=lambda one: (-abs(one[1]), one[0])))

    def _scores(self, found: Sequence[str]) -> tuple[list[float], float]:
        """Of each label, and the length that the sums were divided by; 0 where no feature is known."""
        if len(self._rows) > _REMEMBERED:
            self._rows.clear()
        count, square, *sums = self._unpack(sum(map(self._rows.__getitem__, found[:_MOST])))
        if not count:
            return list(self._head.bias), 0.0
        length = sqrt(square * self._head.length) or 1.0
        unit = self._head.step / length
        zero = count * ZERO * unit
        return [one * unit - zero + bias for one, bias in zip(sums, self._head.bias, strict=True)], length

    def _unpack(self, packed: int) -> list[int]:
        lanes = array("I", packed.to_bytes(self._size, "little"))
        if sys.byteorder == "big":
            lanes.byteswap()
        return lanes.tolist()

    def _calibrated(self, probability: float) -> float:
        certain = min(max(probability, _LEAST), 1 - _LEAST)
        return self._head.trust / (1 + exp(-(self._head.offset + self._head.slope * log(certain / (1 - certain)))))


class _Rows(dict[str, int]):
    """Feature -> its row, packed: a lane that counts rows, one for the length, one for each label; 0 where it is unknown.

    What was looked up is remembered: news uses the same words again and again.
    """

    def __init__(self, keys: Sequence[int], content: bytes, labels: int) -> None:
        self._keys = keys
        self._content = content
        self._width = 2 * (1 + labels)
        self._size = _LANE * (2 + labels)

    def __missing__(self, feature: str) -> int:
        hashed = key(feature)
        place = bisect_left(self._keys, hashed)
        there = place < len(self._keys) and self._keys[place] == hashed
        packed = self[feature] = self._pack(place) if there else 0
        return packed

    def _pack(self, place: int) -> int:
        narrow = self._content[place * self._width : (place + 1) * self._width]
        wide = bytearray(self._size)
        wide[0] = 1
        wide[4::4], wide[5::4] = narrow[::2], narrow[1::2]
        return int.from_bytes(wide, "little")


def to_bytes(head: Head, keys: bytes, rows: bytes) -> bytes:
    """`keys` are little-endian 32-bit numbers in ascending order, `rows` 16-bit ones: the length, then a weight a label."""
    said = json.dumps(asdict(head), ensure_ascii=False, sort_keys=True).encode()
    content = MAGIC + said + b"\n" + keys + rows
    return content + blake2b(content, digest_size=_DIGEST).digest()


# --- reading ---------------------------------------------------------------------------------------------


def _head(content: bytes) -> tuple[Head, int]:
    """And where the keys start."""
    if not content.startswith(MAGIC):
        raise ModelError("it is no model of this version")
    if blake2b(content[:-_DIGEST], digest_size=_DIGEST).digest() != content[-_DIGEST:]:
        raise ModelError("it is not whole: its digest is another")
    end = content.find(b"\n", len(MAGIC))
    try:
        said = json.loads(content[len(MAGIC) : end])
        head = Head(**said | {"labels": tuple(said["labels"]), "bias": tuple(said["bias"])})
        fits = _fits(asdict(head))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(f"its second line is wrong: {error}") from error
    size = end + 1 + head.rows * (4 + 2 * (1 + len(head.labels))) + _DIGEST
    if not fits or size != len(content):
        raise ModelError("its figures do not fit together")
    return head, end + 1


def _fits(said: Mapping[str, Any]) -> bool:
    labels, bias = said["labels"], said["bias"]
    figures = [*bias, said["accuracy"], said["step"], said["length"], said["slope"], said["offset"], said["trust"]]
    return (
        len(labels) == len(bias)
        and len(labels) > 1
        and said["sees"] in READ
        and len(set(labels)) == len(labels)
        and all(isinstance(label, str) for label in (*labels, said["of"]))
        and all(type(count) is int and count >= 0 for count in (said["n"], said["rows"]))
        and all(isinstance(figure, int | float) and isfinite(figure) for figure in figures)
        and said["step"] > 0
        and said["length"] > 0
        and 0 < said["trust"] <= 1
    )
