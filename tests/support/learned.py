"""A model of a few words, made by hand: nothing is trained."""

from array import array
from collections.abc import Mapping, Sequence

from aggregator.curate.features import WORD, key
from aggregator.curate.learned import ZERO, Head, to_bytes

STEP = 0.01


def model(labels: Sequence[str], words: Mapping[str, Sequence[float]]) -> bytes:
    """`words`: word -> what it weighs for each of the labels."""
    rows = sorted((key(f"{WORD}{word}"), weights) for word, weights in words.items())
    head = Head(
        labels=tuple(labels),
        sees="subject",
        n=100,
        accuracy=0.9,
        of="by hand",
        rows=len(rows),
        step=STEP,
        length=1.0,
        bias=(0.0,) * len(labels),
        slope=1.0,
        offset=0.0,
        trust=1.0,
    )
    keys = array("I", [hashed for hashed, _ in rows])
    packed = array("H", [one for _, weights in rows for one in (1, *(ZERO + round(w / STEP) for w in weights))])
    return to_bytes(head, keys.tobytes(), packed.tobytes())
