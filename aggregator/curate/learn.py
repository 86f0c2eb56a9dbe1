"""Training: from labelled texts to a model that sorts without any library (`learned.py`). Needs scikit-learn.

Three linear judges see each text, and their scores are added: complement naive Bayes (Rennie et al. 2003) and a support
vector machine, by words, beginnings of words, pairs and Chinese runs, weighted by how rare they are; and ridge regression by
what the words mean (`vectors.py`), which the second sees as well. How much each counts, a bias for each label, and what a
score is worth as a probability are fitted to texts that the judges had not seen (cross-validation). All of it is linear, so it
ends as one row of weights a feature.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from aggregator.curate import vectors
from aggregator.curate.features import LONGEST_RUN, PAIR, RUN, features, key
from aggregator.curate.learned import ZERO, Head, to_bytes
from aggregator.errors import LearningError
from aggregator.model import Example

Matrix = npt.NDArray[np.float64]

LEAST_EXAMPLES = 3
"""Of a label, below which it is not learned."""
_FOLDS = 5
_FEWER_FOLDS = 3
_MANY = 6000
_ONCE_IS_CHANCE = (PAIR,)
_MEANING = 0.75
"""How long what a text means is, on the average, beside its words, whose length is 1."""
_BALANCE = 0.5
"""How much rare labels are raised while the judges' shares are fitted: by the square root of how rare they are."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A linear judge: scores are `words @ by_words + meaning @ by_meaning + bias`, a column a label."""

    by_words: Any
    by_meaning: Any
    bias: Matrix


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts as the judges see them, a row each."""

    words: Any
    meaning: Matrix

    def at(self, places: npt.NDArray[np.int64]) -> "Seen":
        return Seen(self.words[places], self.meaning[places])


def usable(examples: Sequence[Example]) -> tuple[list[Example], dict[str, int]]:
    """Those of labels that have enough, and the labels that have too few, with how many they have."""
    counts = Counter(one.label for one in examples)
    few = {label: count for label, count in counts.items() if count < LEAST_EXAMPLES}
    return [one for one in examples if one.label not in few], few


def digest(examples: Sequence[Example]) -> str:
    """Of what is learned from, whatever its order."""
    lines = sorted(repr((one.title, one.summary, one.label)) for one in examples)
    return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def train(examples: Sequence[Example]) -> bytes:
    """A model of these examples, the same for the same examples. Raises LearningError where there are too few."""
    used, few = usable(examples)
    labels = sorted({one.label for one in used})
    if len(labels) < 2:  # noqa: PLR2004  one thing alone cannot be told from another
        said = ", ".join(f"{label} {count}" for label, count in sorted(few.items())) or "none at all"
        raise LearningError(
            f"too few examples to learn from: {LEAST_EXAMPLES} each of two labels are the least",
            hint=f"labels with fewer: {said}",
        )
    read = _Reader(used)
    right = np.array([labels.index(one.label) for one in used])
    unseen = _unseen(read.seen, right, len(labels))
    shares = _shares(unseen, right)
    slope, offset, accuracy = _platt(shares.scores(unseen), right)
    judge = _sum(_judges(read.seen, right, len(labels)), shares)
    keys, rows, step, length = read.rows(judge)
    head = Head(
        labels=tuple(labels),
        n=len(used),
        accuracy=round(accuracy, 4),
        of=digest(examples),
        rows=len(keys) // 4,
        step=step,
        length=length,
        bias=tuple(float(one) for one in judge.bias),
        slope=slope,
        offset=offset,
    )
    return to_bytes(head, keys, rows)


# --- reading ---------------------------------------------------------------------------------------------


class _Reader:
    """The examples as figures, and back from weights to rows of features."""

    def __init__(self, examples: Sequence[Example]) -> None:
        vectoriser = CountVectorizer(analyzer=lambda one: features(one.title, one.summary), dtype=np.float64)
        counts = vectoriser.fit_transform(examples).tocsr()
        names = vectoriser.get_feature_names_out()
        having = np.asarray((counts > 0).sum(axis=0)).ravel()
        learned = np.array([_is_learned(name, count) for name, count in zip(names, having, strict=True)])
        self.names: list[str] = list(names[learned])
        self.rare: Matrix = np.log((1 + len(examples)) / (1 + having[learned])) + 1
        told = counts[:, learned]
        self._shorten = sparse.diags(1 / np.sqrt(np.maximum(told @ self.rare**2, 1.0)))
        self._vectors = vectors.load()
        self.seen = Seen(self._shorten @ told @ sparse.diags(self.rare), self._meaning(counts, names))

    def _meaning(self, counts: Any, names: Sequence[str]) -> Matrix:
        known = list(vectors.of_features(self._vectors, iter(names)))
        if not known:
            self._stretch = 1.0
            return np.zeros((counts.shape[0], 0))
        columns, rows = (np.array(one) for one in zip(*known, strict=True))
        meaning = np.asarray(self._shorten @ counts[:, columns] @ self._vectors.rows[rows])
        self._stretch = _MEANING / max(float(np.linalg.norm(meaning, axis=1).mean()), 1e-9)
        return meaning * self._stretch

    def rows(self, judge: Judge) -> tuple[bytes, bytes, float, float]:
        """Keys in order, rows, and what one unit of a weight and of a length is."""
        place = {name: number for number, name in enumerate(self.names)}
        new = [name for name in self._vectors.place if name not in place]
        names = self.names + new
        weights = np.zeros((len(names), len(judge.bias)))
        weights[: len(self.names)] = judge.by_words * self.rare[:, None]
        if judge.by_meaning.size:
            meant = [
                (number, self._vectors.place[name]) for number, name in enumerate(names) if name in self._vectors.place
            ]
            numbers, there = (np.array(one) for one in zip(*meant, strict=True))
            weights[numbers] += self._vectors.rows[there] @ judge.by_meaning * self._stretch
        squares = np.concatenate([self.rare**2, np.zeros(len(new))])
        return _packed(names, weights, squares)


def _is_learned(name: str, having: int) -> bool:
    """Pairs and long runs that one text alone has are chance, and most of what there is."""
    long = name[0] == RUN and len(name) > LONGEST_RUN
    return not long and (having > 1 or not (name[0] == PAIR or (name[0] == RUN and len(name) == LONGEST_RUN)))


def _packed(names: Sequence[str], weights: Matrix, squares: Matrix) -> tuple[bytes, bytes, float, float]:
    weights = weights - weights.mean(axis=1, keepdims=True)  # what all labels get alike decides nothing
    hashed = np.array([key(name) for name in names], dtype="<u4")
    strength = np.abs(weights).max(axis=1)
    order = np.lexsort((-strength, hashed))
    first = np.concatenate(
        [[True], hashed[order][1:] != hashed[order][:-1]]
    )  # of two that hash alike the stronger stays
    kept = order[first]
    step, length = float(strength.max()) / (ZERO - 1) or 1.0, float(squares.max()) / (2 * ZERO - 1) or 1.0
    whole = np.empty((len(kept), 1 + weights.shape[1]), dtype="<u2")
    whole[:, 0] = np.rint(squares[kept] / length)
    whole[:, 1:] = np.rint(weights[kept] / step) + ZERO
    return hashed[kept].tobytes(), whole.tobytes(), step, length


# --- judging ---------------------------------------------------------------------------------------------


def _judges(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> list[Judge]:
    return [judge(seen, right, labels) for judge in (_bayes, _machine, *([_ridge] if seen.meaning.size else []))]


def _bayes(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> Judge:
    fitted = ComplementNB(alpha=0.5).fit(seen.words, right)
    by_words = np.zeros((seen.words.shape[1], labels))
    by_words[:, fitted.classes_] = fitted.feature_log_prob_.T
    return Judge(by_words, _nothing(seen, labels), np.zeros(labels))


def _machine(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> Judge:
    both = sparse.hstack([seen.words, sparse.csr_matrix(seen.meaning)]).tocsr() if seen.meaning.size else seen.words
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a little short of the best is as good
        fitted = LinearSVC(C=0.3, random_state=0).fit(both, right)
    found, bias = fitted.coef_.T, np.atleast_1d(fitted.intercept_)
    if found.shape[1] == 1:
        found, bias = np.hstack([-found, found]), np.concatenate([-bias, bias])
    weights, offsets = np.zeros((found.shape[0], labels)), np.full(labels, bias.min())
    weights[:, fitted.classes_], offsets[fitted.classes_] = found, bias
    words = seen.words.shape[1]
    return Judge(weights[:words], weights[words:], offsets)


def _ridge(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> Judge:
    middle = seen.meaning.mean(axis=0)
    centred = seen.meaning - middle
    wanted = 2.0 * (right[:, None] == np.arange(labels)) - 1
    usual = wanted.mean(axis=0)
    much = 0.01 * len(right) * np.eye(centred.shape[1])
    by_meaning = np.linalg.solve(centred.T @ centred + much, centred.T @ (wanted - usual))
    return Judge(np.zeros((seen.words.shape[1], labels)), by_meaning, usual - middle @ by_meaning)


def _nothing(seen: Seen, labels: int) -> Matrix:
    return np.zeros((seen.meaning.shape[1], labels))


def _scored(judge: Judge, seen: Seen) -> Matrix:
    return np.asarray(seen.words @ judge.by_words + seen.meaning @ judge.by_meaning + judge.bias)


def _unseen(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> list[Matrix]:
    """The scores of each judge for texts that it was not fitted to."""
    folds = min(_FOLDS if len(right) <= _MANY else _FEWER_FOLDS, int(np.bincount(right).min()))
    parts = StratifiedKFold(max(folds, 2), shuffle=True, random_state=0).split(right, right)
    scores: list[Matrix] = []
    for fitted, tried in parts:
        judges = _judges(seen.at(fitted), right[fitted], labels)
        scores = scores or [np.zeros((len(right), labels)) for _ in judges]
        for judge, found in zip(judges, scores, strict=True):
            found[tried] = _scored(judge, seen.at(tried))
    return scores


# --- adding up -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shares:
    """How much each judge's score counts, and a bias for each label."""

    of: Matrix
    bias: Matrix

    def scores(self, judged: Sequence[Matrix]) -> Matrix:
        return sum((share * scores for share, scores in zip(self.of, judged, strict=True)), self.bias)


def _shares(judged: Sequence[Matrix], right: npt.NDArray[np.int64]) -> Shares:
    """By the least log-loss (multinomial logistic regression on the scores), rare labels raised."""
    spreads = np.array([max(float(scores.std()), 1e-9) for scores in judged])
    evened = [(scores - scores.mean()) / spread for scores, spread in zip(judged, spreads, strict=True)]
    often = np.bincount(right) / len(right)
    weight = often[right] ** -_BALANCE
    weight /= weight.sum()
    rows, count = np.arange(len(right)), len(judged)

    def loss(point: Matrix) -> tuple[float, Matrix]:
        raised = _softmax(Shares(point[:count], point[count:]).scores(evened))
        lost = -float(weight @ np.log(raised[rows, right] + 1e-12)) + 1e-3 * float(point[count:] @ point[count:])
        raised[rows, right] -= 1
        raised *= weight[:, None]
        slopes = [float((raised * scores).sum()) for scores in evened]
        return lost, np.concatenate([slopes, raised.sum(axis=0) + 2e-3 * point[count:]])

    start = np.concatenate([np.ones(count), np.zeros(len(often))])
    bounds = [(0.0, None)] * count + [(None, None)] * len(often)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    # The mean of all scores is the same for every label, so leaving it out changes no softmax.
    return Shares(best[:count] / spreads, best[count:])


def _softmax(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _platt(scores: Matrix, right: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """Slope and offset that make a probability of the softmax's logit (Platt 1999), over all labels; and the accuracy."""
    raised = np.clip(_softmax(scores), 1e-9, 1 - 1e-9)
    logits = np.log(raised / (1 - raised)).ravel()
    is_it = (right[:, None] == np.arange(scores.shape[1])).ravel().astype(float)

    def loss(point: Matrix) -> tuple[float, Matrix]:
        likely = 1 / (1 + np.exp(-(point[0] * logits + point[1])))
        off = (likely - is_it) / len(is_it)
        lost = -float(np.mean(is_it * np.log(likely + 1e-12) + (1 - is_it) * np.log(1 - likely + 1e-12)))
        return lost, np.array([off @ logits, off.sum()])

    slope, offset = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, None), (None, None)]
    ).x
    return float(slope), float(offset), float(np.mean(scores.argmax(axis=1) == right))


def _sum(judges: Sequence[Judge], shares: Shares) -> Judge:
    """All judges as one, which linear ones can be."""

    def added(name: str) -> Any:
        return sum(share * getattr(judge, name) for share, judge in zip(shares.of, judges, strict=True))

    return Judge(added("by_words"), added("by_meaning"), added("bias") + shares.bias)
