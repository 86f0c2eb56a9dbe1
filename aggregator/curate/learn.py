"""Training: from labelled texts to a model that sorts without any library (`learned.py`). Needs scikit-learn.

Four linear judges see each text, and their scores are added: complement naive Bayes (Rennie et al. 2003) and a support vector
machine by the features alone (`features.py`), weighted by how rare they are; ridge regression by what the words mean
(`vectors.py`); and a second machine by both. How much each counts, a bias for each label, and what a score is worth as a
probability are fitted to texts that the judges had not seen (cross-validation). All of it is linear, so it ends as one row of
weights a feature.
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
from aggregator.curate.features import BUILD, LONGEST_RUN, PAIR, READ, RUN, WORD, key
from aggregator.curate.learned import ZERO, Head, to_bytes
from aggregator.errors import LearningError
from aggregator.model import Example

Matrix = npt.NDArray[np.float64]

LEAST_EXAMPLES = 3
"""Of a label, below which it is not learned."""
_FOLDS = 5
_MANY = 6000
"""Texts, from which on one fold tells enough: the others would take their time and change nothing."""
_DOUBT = 8
"""Examples a label that are held against the model: cross-validation on a few dozen texts, all of a kind, promises too much."""
_MEANING = 0.75
"""How long what a text means is, on the average, beside its words, whose length is 1."""
_DIMENSIONS = 100
"""Of what words mean: the strongest among the examples; more cost time and add nothing."""
_WEIGHTS = {"subject": {PAIR: 0.3}, "manner": {PAIR: 0.7, BUILD: 0.5}}
"""Beside words, which count 1."""
_BALANCE = {"subject": 0.5, "manner": 0.6}
"""How much rare labels are raised while the judges' shares are fitted: how rare they are, to this power."""
_LEAST_SHARE = 0.005
"""Of the strongest weight: a feature with less, in every label, is left out."""


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


def usable(examples: Sequence[Example]) -> list[Example]:
    """Those of labels that have enough."""
    counts = Counter(one.label for one in examples)
    return [one for one in examples if counts[one.label] >= LEAST_EXAMPLES]


def digest(examples: Sequence[Example]) -> str:
    """Of what is learned from, whatever its order."""
    lines = sorted(repr((one.title, one.summary, one.label)) for one in examples)
    return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def train(examples: Sequence[Example], sees: str = "subject") -> bytes:
    """A model of these examples, the same for the same examples. `sees`: what is read of a text (`features.READ`).

    Raises LearningError where there are too few.
    """
    used = usable(examples)
    labels = sorted({one.label for one in used})
    if len(labels) < 2:  # noqa: PLR2004  one thing alone cannot be told from another
        counts = Counter(one.label for one in examples)
        said = ", ".join(f"{label} {count}" for label, count in sorted(counts.items())) or "none at all"
        raise LearningError(
            f"too few examples to learn from: {LEAST_EXAMPLES} each of two labels are the least",
            hint=f"there are: {said}",
        )
    read = _Reader(used, sees)
    right = np.array([labels.index(one.label) for one in used])
    unseen, tried = _unseen(read.seen, right, len(labels))
    shares = _shares(unseen, right[tried], _BALANCE[sees])
    slope, offset, accuracy = _platt(shares.scores(unseen), right[tried])
    judge = _sum(_judges(read.seen, right, len(labels)), shares)
    keys, rows, step, length = read.rows(judge)
    head = Head(
        labels=tuple(labels),
        sees=sees,
        n=len(used),
        accuracy=round(accuracy, 4),
        of=digest(examples),
        rows=len(keys) // 4,
        step=step,
        length=length,
        bias=tuple(float(one) for one in judge.bias),
        slope=slope,
        offset=offset,
        trust=len(used) / (len(used) + _DOUBT * len(labels)),
    )
    return to_bytes(head, keys, rows)


# --- reading ---------------------------------------------------------------------------------------------


class _Reader:
    """The examples as figures, and back from weights to rows of features."""

    def __init__(self, examples: Sequence[Example], sees: str) -> None:
        read = READ[sees]
        vectoriser = CountVectorizer(analyzer=lambda one: read(one.title, one.summary), dtype=np.float64)
        counts = vectoriser.fit_transform(examples).tocsr()
        names: list[str] = list(vectoriser.get_feature_names_out())
        having = np.asarray((counts > 0).sum(axis=0)).ravel()
        learned = np.array([_is_learned(name, count) for name, count in zip(names, having, strict=True)])
        self.names = [name for name, is_learned in zip(names, learned, strict=True) if is_learned]
        weight = np.array([_WEIGHTS[sees].get(name[0], 1.0) for name in self.names])
        self.rare: Matrix = weight * (np.log((1 + len(examples)) / (1 + having[learned])) + 1)
        told = counts[:, learned]
        shorten = sparse.diags(1 / np.sqrt(np.maximum(told @ self.rare**2, 1.0)))
        self.place: dict[str, int] = {}
        """Of features with a meaning, the row of it."""
        self.seen = Seen(shorten @ told @ sparse.diags(self.rare), self._meaning(shorten @ counts, names))

    def _meaning(self, counts: Any, names: Sequence[str]) -> Matrix:
        """What each text means: the sum of its words, turned to the strongest dimensions."""
        blocks = vectors.load(names)
        turned, texts = [], []
        for block in blocks:
            there = [(column, block.place[name]) for column, name in enumerate(names) if name in block.place]
            columns, rows = (np.array([pair[side] for pair in there], dtype=np.int64) for side in (0, 1))
            self.place |= {name: len(self.place) + row for name, row in block.place.items()}
            texts.append(np.asarray(counts[:, columns] @ block.rows[rows]))
            turned.append(block.rows)
        if not texts:
            self.meanings = np.zeros((0, 0), dtype=np.float32)
            return np.zeros((counts.shape[0], 0))
        meaning, widths = np.hstack(texts), [rows.shape[1] for rows in turned]
        axes = _strongest(meaning)
        meaning = meaning @ axes
        stretch = _MEANING / max(float(np.linalg.norm(meaning, axis=1).mean()), 1e-9)
        parts = np.split(axes * stretch, np.cumsum(widths)[:-1])
        self.meanings = np.vstack([rows @ part.astype(np.float32) for rows, part in zip(turned, parts, strict=True)])
        return meaning * stretch

    def rows(self, judge: Judge) -> tuple[bytes, bytes, float, float]:
        """Keys in order, rows, and what one unit of a weight and of a length is."""
        known = set(self.names)
        names = self.names + [name for name in self.place if name not in known]
        weights = np.zeros((len(names), len(judge.bias)), dtype=np.float32)
        weights[: len(self.names)] = judge.by_words * self.rare[:, None]
        if self.place:
            numbers = np.array([number for number, name in enumerate(names) if name in self.place])
            there = np.array([self.place[names[number]] for number in numbers])
            weights[numbers] += self.meanings[there] @ judge.by_meaning.astype(np.float32)
        squares = np.concatenate([self.rare**2, np.zeros(len(names) - len(self.names))])
        return _packed(names, weights, squares)


def _strongest(meaning: Matrix) -> Matrix:
    """The axes along which the texts differ most (principal components)."""
    centred = meaning - meaning.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(axes[:, -_DIMENSIONS:])


def _is_learned(name: str, having: int) -> bool:
    """What one text alone has is chance, and most of what there is, but for words and short runs."""
    if name[0] == RUN:
        return len(name) <= LONGEST_RUN - 1 or (having > 1 and len(name) <= LONGEST_RUN) or (having > 2)  # noqa: PLR2004
    return name[0] == WORD or having > 1


def _packed(names: Sequence[str], weights: Any, squares: Matrix) -> tuple[bytes, bytes, float, float]:
    weights -= weights.mean(axis=1, keepdims=True)  # what all labels get alike decides nothing
    strength = np.abs(weights).max(axis=1)
    worth = (squares > 0) | (strength > _LEAST_SHARE * strength.max())
    hashed = np.array([key(name) for name in names], dtype="<u4")
    order = np.lexsort((-strength, hashed))
    order = order[worth[order]]
    sorted_ = hashed[order]
    kept = order[np.concatenate([[True], sorted_[1:] != sorted_[:-1]])]  # of two that hash alike the stronger stays
    step, length = float(strength.max()) / (ZERO - 1) or 1.0, float(squares.max()) / (2 * ZERO - 1) or 1.0
    whole = np.empty((len(kept), 1 + weights.shape[1]), dtype="<u2")
    whole[:, 0] = np.rint(squares[kept] / length)
    whole[:, 1:] = np.rint(weights[kept] / step) + ZERO
    return hashed[kept].tobytes(), whole.tobytes(), step, length


# --- judging ---------------------------------------------------------------------------------------------


def _judges(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> list[Judge]:
    by_words = Seen(seen.words, np.zeros((len(right), 0)))
    judges = [_bayes(seen, right, labels), _widened(_machine(by_words, right, labels, 1.0), seen)]
    if seen.meaning.size:
        judges += [_machine(seen, right, labels, 0.3), _ridge(seen, right, labels)]
    return judges


def _widened(judge: Judge, seen: Seen) -> Judge:
    """One that saw no meaning, in the form of those that did."""
    return Judge(judge.by_words, _nothing(seen, len(judge.bias)), judge.bias)


def _bayes(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> Judge:
    fitted = ComplementNB(alpha=0.5).fit(seen.words, right)
    by_words = np.zeros((seen.words.shape[1], labels))
    by_words[:, fitted.classes_] = fitted.feature_log_prob_.T
    return Judge(by_words, _nothing(seen, labels), np.zeros(labels))


def _machine(seen: Seen, right: npt.NDArray[np.int64], labels: int, looseness: float) -> Judge:
    both = sparse.hstack([seen.words, sparse.csr_matrix(seen.meaning)]).tocsr() if seen.meaning.size else seen.words
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a little short of the best is as good
        fitted = LinearSVC(C=looseness, random_state=0).fit(both, right)
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


def _unseen(seen: Seen, right: npt.NDArray[np.int64], labels: int) -> tuple[list[Matrix], npt.NDArray[np.int64]]:
    """The scores of each judge for texts that it was not fitted to, and which texts these are."""
    folds = max(min(_FOLDS, int(np.bincount(right).min())), 2)
    parts = list(StratifiedKFold(folds, shuffle=True, random_state=0).split(right, right))
    judged: list[list[Matrix]] = []
    for fitted, tried in parts[: 1 if len(right) > _MANY else folds]:
        judges = _judges(seen.at(fitted), right[fitted], labels)
        judged.append([_scored(judge, seen.at(tried)) for judge in judges])
    scores = [np.vstack(one) for one in zip(*judged, strict=True)]
    return scores, np.concatenate([tried for _, tried in parts[: len(judged)]])


# --- adding up -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shares:
    """How much each judge's score counts, and a bias for each label."""

    of: Matrix
    bias: Matrix

    def scores(self, judged: Sequence[Matrix]) -> Matrix:
        return sum((share * scores for share, scores in zip(self.of, judged, strict=True)), self.bias)


def _shares(judged: Sequence[Matrix], right: npt.NDArray[np.int64], balance: float) -> Shares:
    """By the least log-loss (multinomial logistic regression on the scores), rare labels raised."""
    spreads = np.array([max(float(scores.std()), 1e-9) for scores in judged])
    evened = [(scores - scores.mean()) / spread for scores, spread in zip(judged, spreads, strict=True)]
    often = np.bincount(right) / len(right)
    weight = often[right] ** -balance
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
