"""How often the rules of feeds.yaml are right on labelled news that is not ours, where they speak at all.

    python benchmarks/categories.py CORPORA [--config FILE] [--half a|b] [--suggested] [--confusions N]

CORPORA is a folder with *.jsonl.gz (title, summary, label). What a label means in categories of ours is said by LABELS
below, or by CORPORA/label_map.suggested.json with --suggested. Texts whose label stands for none of ours, or for too
many, are left out. The best category of a text is right if the label means it, or one in which it lies: finance is
right for economy. Coverage is the share of texts of which the rules say anything.

--half looks at one half of the texts only (by a hash of the id): rules are written with a view to one, and judged by
the other. The terms behind the most frequent confusions are printed with the confusions.

Where LABELS differs from the suggestions:
- AG's and HuffPost's world news, and THUCNews' "politics" (shizheng: affairs at home and abroad, a third of it wars,
  elections and accidents elsewhere), tell of whatever happens in the world: WORLD is right for them.
- NYT's "Defense" holds the war in Iraq, "International Affairs" other wars: either is right for both; so with Toutiao's
  "world" and "military". "Labor" is of the economy and of society, housing likewise; crime is Law or Society.
- Sci/Tech is technology or science; education, the environment, energy and science have categories of their own.
- Toutiao's "story" is fiction and "culture" couplets and soups: left out.
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aggregator.config import Category, Config
from aggregator.curate.classify import Classifier
from aggregator.curate.measure import measure
from aggregator.model import Entry, Scored

NOW = datetime(2020, 5, 14, tzinfo=UTC)
OURS = Path(__file__).parent.parent / "feeds.yaml"

Labels = Mapping[str, Mapping[str, tuple[str, ...]]]

WORLD = ("international-relations", "politics", "military", "human-rights", "taiwan", "hong-kong")
"""A section of world news tells of whatever happens abroad: also of elections, wars and rights."""

LABELS: Labels = {
    "ag_news_test": {"Business": ("economy",), "Sci/Tech": ("technology", "science"), "World": WORLD},
    "bbc_news": {"business": ("economy",), "tech": ("technology",), "politics": ("politics",)},
    "huffpost_headlines": {
        "POLITICS": ("politics",),
        "BUSINESS": ("economy",),
        "MONEY": ("economy",),
        "TECH": ("technology",),
        "SCIENCE": ("science",),
        "WELLNESS": ("health",),
        "HEALTHY LIVING": ("health",),
        "MEDIA": ("media",),
        "WORLD NEWS": WORLD,
        "WORLDPOST": WORLD,
        "THE WORLDPOST": WORLD,
        "CRIME": ("law", "society"),
        "EDUCATION": ("education",),
        "COLLEGE": ("education",),
        "RELIGION": ("society",),
        "GREEN": ("environment",),
        "ENVIRONMENT": ("environment",),
    },
    "nyt_frontpage_topics": {
        "Macroeconomics": ("economy",),
        "Banking, Finance, Domestic Commerce": ("economy",),
        "Foreign Trade": ("trade",),
        "Labor": ("economy", "society"),
        "Civil Rights, Minority Issues, Civil Liberties": ("human-rights",),
        "Health": ("health",),
        "Defense": ("military", "international-relations"),
        "Space, Science, Technology, Communications": ("technology", "science"),
        "International Affairs, Foreign Aid": ("international-relations", "military"),
        "Government Operations": ("politics",),
        "State and Local Government": ("politics",),
        "Law, Crime, Family": ("law", "society"),
        "Social Welfare": ("society",),
        "Education": ("education",),
        "Community Development, Housing": ("society", "economy"),
        "Churches, Religion": ("society",),
        "Environment": ("environment",),
        "Energy": ("environment",),
    },
    "nyt_homepage_sections": {
        "business": ("economy",),
        "technology": ("technology",),
        "health": ("health",),
        "well": ("health",),
        "us/politics": ("politics",),
        "business/media": ("media",),
        "climate": ("environment",),
        "science": ("science",),
    },
    "telegram_contest_en": {
        "economy": ("economy",),
        "technology": ("technology",),
        "science": ("science",),
        "society": ("society",),
    },
    "thucnews_titles": {
        "finance": ("economy",),
        "stocks": ("economy",),
        "realty": ("economy",),
        "science": ("technology",),
        "society": ("society", "law"),
        "education": ("education",),
        "politics": WORLD,
    },
    "tnews_dev": {
        "news_finance": ("economy",),
        "news_stock": ("economy",),
        "news_tech": ("technology",),
        "news_military": ("military", "international-relations"),
        "news_world": ("international-relations", "military"),
        "news_edu": ("education",),
    },
}
"""By corpus and label: the categories that are right for it. What is not here is left out."""


@dataclass(frozen=True, slots=True)
class Text:
    entry: Entry
    label: str
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    text: Text
    best: Scored | None
    terms: tuple[str, ...]
    """What spoke for the best."""
    is_right: bool


# --- the texts -------------------------------------------------------------------------------------------


def texts(file: Path, labels: Mapping[str, tuple[str, ...]], half: str | None) -> Iterator[Text]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            right = labels.get(row["label"])
            if right and half in (None, half_of(row["id"])):
                yield Text(_entry(row), row["label"], right)


def half_of(id_: str) -> str:
    return "ab"[blake2b(id_.encode(), digest_size=1).digest()[0] % 2]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        source="corpus",
        guid=row["id"],
        url=None,
        canonical_url=None,
        title=row["title"],
        summary=row.get("summary") or "",
        seen=NOW,
    )


def suggested(file: Path, categories: Sequence[Category]) -> Labels:
    """Of the suggestions those that name a category of ours without a doubt."""
    by_name = {category.name.casefold(): category.slug for category in categories}
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {
        corpus: {
            label: (by_name[name.casefold()],) for label, name in names.items() if (name or "").casefold() in by_name
        }
        for corpus, names in raw.items()
        if isinstance(names, dict)
    }


# --- the judgement ---------------------------------------------------------------------------------------


def judged(found: Iterable[Text], classifier: Classifier, above: Mapping[str, frozenset[str]]) -> list[Judged]:
    return [_judged(text, classifier, above) for text in found]


def _judged(text: Text, classifier: Classifier, above: Mapping[str, frozenset[str]]) -> Judged:
    account = classifier.account(text.entry, None)
    best = next(iter(account.scored), None)
    if best is None:
        return Judged(text, None, (), is_right=False)
    terms = tuple(hit.term for hit in account.heard[best.slug].hits)
    return Judged(text, best, terms, is_right=not above[best.slug].isdisjoint(text.right))


def above(categories: Sequence[Category]) -> dict[str, frozenset[str]]:
    """Each category with all in which it lies."""
    within = {category.slug: category.within for category in categories}

    def all_of(slug: str) -> frozenset[str]:
        return frozenset({slug}).union(*(all_of(outer) for outer in within[slug]))

    return {slug: all_of(slug) for slug in within}


# --- the report ------------------------------------------------------------------------------------------


def report(name: str, found: Sequence[Judged], confusions: int) -> None:
    print(f"\n{name}: {summary(found)}")
    print(f"  {'label of the corpus':48}{'texts':>7}{'coverage':>10}{'precision':>11}")
    labels: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in found:
        labels[one.text.label].append(one)
    for label, ones in sorted(labels.items()):
        print(f"  {label:48}{len(ones):>7}{_coverage(ones):>10}{_precision(ones):>11}")
    print(f"  {'category that was given':48}{'times':>7}{'':>10}{'precision':>11}")
    given = Counter(one.best.slug for one in found if one.best)
    for slug, row in measure(_pairs(found)).rows.items():
        print(f"  {slug:48}{given[slug]:>7}{'':>10}{row['precision']:>11.3f}")
    _confusions(found, confusions)


def summary(found: Sequence[Judged]) -> str:
    return f"{len(found)} texts, coverage {_coverage(found)}, precision where they speak {_precision(found)}"


def _pairs(found: Iterable[Judged]) -> list[tuple[str, str]]:
    """Right and given category, where the rules speak; also of what is never right, so that it has a row."""
    pairs = [(one.best.slug if one.is_right else one.text.right[0], one.best.slug) for one in found if one.best]
    return pairs + [(slug, "") for slug in {given for _, given in pairs} - {right for right, _ in pairs}]


def _coverage(found: Sequence[Judged]) -> str:
    return _share([one.best is not None for one in found])


def _precision(found: Sequence[Judged]) -> str:
    return _share([one.is_right for one in found if one.best])


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.3f}" if found else "-"


def _confusions(found: Iterable[Judged], most: int) -> None:
    """What was most often taken for what, and the terms that did it."""
    times: Counter[tuple[str, str]] = Counter()
    terms: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in found:
        if one.best and not one.is_right:
            times[one.text.label, one.best.slug] += 1
            terms[one.text.label, one.best.slug].update(one.terms)
    for pair, count in times.most_common(most):
        said = ", ".join(f"{term} {n}" for term, n in terms[pair].most_common(8))
        print(f"  {count:>4} {pair[0]} taken for {pair[1]}: {said}")


# --- the command -----------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> None:
    options = _options().parse_args(argv)
    raw: Any = YAML(typ="safe").load(options.config.read_text(encoding="utf-8"))
    categories = Config.model_validate(raw).categories
    labels = suggested(options.corpora / "label_map.suggested.json", categories) if options.suggested else LABELS
    classifier, outer = Classifier(categories), above(categories)
    whole: list[Judged] = []
    for file in sorted(options.corpora.glob("*.jsonl.gz")):
        name = file.name.removesuffix(".jsonl.gz")
        found = judged(texts(file, labels.get(name, {}), options.half), classifier, outer)
        if found:
            report(name, found, options.confusions)
            whole += found
    print(f"\nall: {summary(whole)}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--config", type=Path, default=OURS)
    parser.add_argument("--half", choices=("a", "b"))
    parser.add_argument("--suggested", action="store_true")
    parser.add_argument("--confusions", type=int, default=8)
    return parser


if __name__ == "__main__":
    main()
