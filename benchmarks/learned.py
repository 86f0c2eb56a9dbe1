"""How right the learned layer is, and how fast: labelled news of the corpora, beside plain TF-IDF in the same run.

    python benchmarks/learned.py CORPORA [--folds 10] [--only ag_news_test …]

Each text is judged by a model that was trained on the other folds, as it is stored and read. Printed: accuracy and macro-F1
of the best guess (for nyt_homepage_sections the F1 of opinion), the same of TF-IDF (words and pairs, or runs of one and two
Chinese characters, into a linear support vector machine), how much is spoken of at a confidence of one half and how right
that is, and how far probabilities are from what came true (expected calibration error in ten bins). Then seconds of
processor for training, texts a second, milliseconds to read a model.
"""

import argparse
import gzip
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from aggregator.curate.learn import train
from aggregator.curate.learned import Learned
from aggregator.model import Example

warnings.filterwarnings("ignore", message="The least populated class")
OPINION = "nyt_homepage_sections"
CHINESE = ("thucnews_titles", "tnews_dev")
HALF = 0.5


@dataclass(frozen=True)
class Corpus:
    name: str
    examples: tuple[Example, ...]
    sees: str = "subject"

    @property
    def labels(self) -> Any:
        return np.array([one.label for one in self.examples])


def corpora(folder: Path) -> list[Corpus]:
    def read(name: str, made: Callable[[dict[str, Any]], Example]) -> tuple[Example, ...]:
        with gzip.open(folder / "classification" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return tuple(made(json.loads(line)) for line in lines)

    def whole(row: dict[str, Any]) -> Example:
        return Example(row["title"], row["summary"], row["label"])

    usual = ("ag_news_test", "bbc_news", "thucnews_titles", "tnews_dev", "huffpost_headlines")
    found = [Corpus(name, read(name, whole)) for name in usual]
    topics = "nyt_frontpage_topics"
    found.append(Corpus(f"{topics} (titles)", read(topics, lambda row: Example(row["title"], "", row["label"]))))
    found.append(Corpus(topics, read(topics, whole)))
    opinion = read(OPINION, lambda row: Example(row["title"], row["summary"], "opinion" if row["opinion"] else "news"))
    return [*found, Corpus(OPINION, opinion, "manner")]


@dataclass(frozen=True)
class Tried:
    guesses: Any
    sure: Any
    plain: Any
    training: float
    guessing: float


def tried(corpus: Corpus, folds: int) -> Tried:
    labels = corpus.labels
    guesses, plain = np.empty(len(labels), dtype=object), np.empty(len(labels), dtype=object)
    sure, training, guessing = np.zeros(len(labels)), 0.0, 0.0
    parts = StratifiedKFold(folds, shuffle=True, random_state=1).split(labels, labels)
    for fitted, left in parts:
        some = [corpus.examples[place] for place in fitted]
        start = time.process_time()
        learned = Learned.from_bytes(train(some, corpus.sees))
        middle = time.process_time()
        for place in left:
            for best in learned.guess(corpus.examples[place].title, corpus.examples[place].summary)[:1]:
                guesses[place], sure[place] = best.label, best.probability
        training, guessing = training + middle - start, guessing + time.process_time() - middle
        plain[left] = tf_idf(some, [corpus.examples[place] for place in left], chinese=corpus.name in CHINESE)
    return Tried(guesses.astype(str), sure, plain.astype(str), training / folds, len(labels) / guessing)


def tf_idf(some: Sequence[Example], others: Sequence[Example], *, chinese: bool) -> Any:
    ways: dict[str, Any] = {"analyzer": "char"} if chinese else {"analyzer": "word"}
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **ways)
    texts, theirs = ([f"{one.title} {one.summary}" for one in which] for which in (some, others))
    machine = LinearSVC(C=1.0, random_state=0).fit(vectoriser.fit_transform(texts), [one.label for one in some])
    return machine.predict(vectoriser.transform(theirs))


def told(corpus: Corpus, found: Tried) -> str:
    labels = corpus.labels
    right = found.guesses == labels
    spoken = found.sure >= HALF
    bins = np.minimum((found.sure * 10).astype(int), 9)
    off = sum(
        abs((right[bins == one]).mean() - found.sure[bins == one].mean()) * (bins == one).mean() for one in set(bins)
    )
    said = [f"accuracy {one:.4f}" for one in (right.mean(),)]
    said += [f"macro-F1 {f1_score(labels, found.guesses, average='macro'):.4f}"]
    said += [f"TF-IDF {(found.plain == labels).mean():.4f} / {f1_score(labels, found.plain, average='macro'):.4f}"]
    if corpus.name == OPINION:
        ours, theirs = (f1_score(labels, one, pos_label="opinion") for one in (found.guesses, found.plain))
        said += [f"F1 of opinion {ours:.4f} (TF-IDF {theirs:.4f})"]
    said += [f"speaks of {spoken.mean():.3f}, right {right[spoken].mean():.3f}", f"calibration error {off:.3f}"]
    said += [f"training {found.training:.1f} s, {found.guessing:,.0f} texts/s never seen before"]
    return f"{corpus.name} ({len(labels):,}): " + "; ".join(said)


def speed(corpora: Sequence[Corpus]) -> None:
    for corpus in corpora:
        if corpus.name in ("ag_news_test", "thucnews_titles"):
            print(sorting(corpus), flush=True)
    most = max(corpora, key=lambda corpus: len(corpus.examples))
    more = (most.examples * 2)[:20_000]
    print(f"training on {len(more):,} titles, {len(set(most.labels))} labels: {timed(lambda: train(more)):.1f} s")


def sorting(corpus: Corpus) -> str:
    content = train(corpus.examples[:5000], corpus.sees)
    learned = Learned.from_bytes(content)
    texts = [
        (one.title, " ".join(one.summary.split()[: 30 - len(one.title.split())])) for one in corpus.examples[:4000]
    ]

    def guess() -> None:
        for title, text in texts:
            learned.guess(title, text)

    guess()
    again = min(timed(guess) for _ in range(5))
    reading = min(timed(lambda: Learned.from_bytes(content)) for _ in range(5))
    return (
        f"{corpus.name}, texts of some 30 words: {len(texts) / again:,.0f} texts/s; "
        f"a model of {len(content) / 1e6:.1f} MB is read in {1000 * reading:.1f} ms"
    )


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=())
    given = parser.parse_args()
    found = corpora(given.corpora)
    for corpus in found:
        if not given.only or corpus.name in given.only:
            print(told(corpus, tried(corpus, given.folds)), flush=True)
    speed(found)


if __name__ == "__main__":
    main()
