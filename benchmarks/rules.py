"""How fast an editor's rules are: `python benchmarks/rules.py`. The texts and terms are made up, from a fixed seed.

Times are CPU time of one core, the least of several rounds. Beside the automaton stand, on the same texts, one regular
expression for each language (an alternation of all terms, the longest first: it finds no term inside another, no
inflection and no other spelling), and a search for one term after the other.
"""

import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from aggregator.config import Category
from aggregator.curate.classify import Classifier
from aggregator.curate.terms import Terms, Text
from aggregator.model import Entry

_NOW = datetime(2020, 5, 14, tzinfo=UTC)
_SYLLABLES = [a + b + c for a in "bcdfghjklmnprstvw" for b in "aeiou" for c in ("", "", "l", "n", "r", "s", "t")]
_USUAL, _MANY = 0.013, 0.03
"""How many words of a text are terms. Real news of 1,500 characters (bbc_news) has 7.5 of the 1,600 English terms of our
default rules, so 2.4 of 500, most of them of one category; many: twice as many, of all categories alike, is the worst.
"""
_TEXTS = 40
_ROUNDS = 9


def least(work: Callable[[], object]) -> float:
    """Seconds."""
    found = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def words(chance: random.Random, count: int) -> list[str]:
    made = {"".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))) for _ in range(count * 2)}
    return sorted(made)[:count]


def characters(chance: random.Random, count: int) -> list[str]:
    """Words of two to four characters, as often used characters go: some stand in many words."""
    common = [chr(0x4E00 + 6 * place) for place in range(2500)]
    weights = [1 / (60 + place) for place in range(2500)]
    made = {"".join(chance.choices(common, weights, k=chance.choice((2, 2, 2, 3, 4)))) for _ in range(count * 3)}
    return sorted(made)[:count]


def text(chance: random.Random, other: Sequence[str], terms: Sequence[str], length: int, share: float) -> str:
    """Of other words and so large a share of terms."""
    spaces = other[0].isascii()
    joints = (" ", " ", " ", " ", ", ", ". ", "-", "’s ") if spaces else ("", "", "", "", "，", "。", "、")
    made = ""
    share *= 1 if spaces else 0.5  # a Chinese word is half as long as an English one
    while len(made) < length:
        made += chance.choice(terms if chance.random() < share else other) + chance.choice(joints)
    return made[:length].capitalize()


def about(chance: random.Random, terms: Sequence[str], each: int) -> Sequence[str]:
    """The terms of which a text has some: those of one category, and a few of others."""
    first = each * chance.randrange(len(terms) // each)
    return [*terms[first : first + each], *chance.choices(terms, k=each // 3)]


def entry(text: str) -> Entry:
    said = {"id": "e", "source": "s", "guid": "g", "url": None, "canonical_url": None}
    return Entry(**said, title=text[:60], summary=text[60:], seen=_NOW)


def categories(terms: Sequence[str], each: int) -> list[Category]:
    some = [tuple(terms[start : start + each]) for start in range(0, len(terms), each)]
    return [Category(slug=f"c{number}", name="C", any=own) for number, own in enumerate(some)]


def peers(terms: Sequence[str]) -> tuple[Callable[[str], object], Callable[[str], object]]:
    longest = sorted(terms, key=len, reverse=True)
    joined = "|".join(map(re.escape, longest))
    pattern = re.compile(rf"\b(?:{joined})(?:s|es|ed|ing)?\b" if terms[0].isascii() else joined, re.IGNORECASE)
    return pattern.findall, lambda text: [term for term in terms if term in text.lower()]


def told(name: str, terms: Sequence[str], each: int, texts: Sequence[str]) -> None:
    found, classifier = Terms(terms), Classifier(categories(terms, each))
    entries = [entry(text) for text in texts]
    hits = sum(len(found.find(text)) for text in texts) / len(texts)
    applying = sum(len(classifier.categories(one, None)) for one in entries) / len(texts)
    finding = least(lambda: [found.spots(Text(text)) for text in texts]) / len(texts)
    sorting = least(lambda: [classifier.categories(one, None) for one in entries]) / len(texts)
    at_once, one_by_one = (least(lambda of=of: [of(text) for text in texts[:2]]) / 2 for of in peers(terms))
    print(
        f"{name:<44} {hits:>6.1f} {applying:>6.1f} {1 / finding:>10,.0f} {1 / sorting:>10,.0f} {sorting * 1000:>7.3f}"
        f" {1 / at_once:>10,.0f} {1 / one_by_one:>10,.0f}"
    )


def main() -> None:
    chance = random.Random(5)
    line = "word " * 300
    joined = least(lambda: [" ".join(line.split()) for _ in range(50)]) / 50
    print(f"(a measure of the machine: to split and join 1,500 characters takes {joined * 1e6:.1f} µs)")
    latin, han = words(chance, 14000), characters(chance, 29000)
    chance.shuffle(latin)
    chance.shuffle(han)
    print(
        f"{'':<44} {'':>6} {'categ-':>6} {'finding':>10} {'sorting':>10} {'ms a':>7} {'one regex':>10} {'each term':>10}"
    )
    print(
        f"{'':<44} {'terms':>6} {'ories':>6} {'texts/s':>10} {'texts/s':>10} {'text':>7} {'texts/s':>10} {'texts/s':>10}"
    )
    for name, pool, size in (("English", latin, 3000), ("Chinese", han, 1000)):
        for terms, each, length in ((pool[:500], 25, 1500), (pool[:5000], 50, size)):
            called = f"{name}, {len(terms) // each} × {each}, {length:,} characters"
            usual = [text(chance, pool[5000:], about(chance, terms, each), length, _USUAL) for _ in range(_TEXTS)]
            told(called, terms, each, usual)
            many = [text(chance, pool[5000:], terms, length, _MANY) for _ in range(_TEXTS)]
            told(f"{called}, many", terms, each, many)
    for count in (1500, 5000):
        for name, terms in (("English", latin), ("Chinese", han)):
            made = least(lambda terms=terms, count=count: Classifier(categories(terms[:count], 50)))
            only = least(lambda terms=terms, count=count: Terms(terms[:count]))
            print(
                f"{name}: {count:,} terms are compiled in {only * 1000:.1f} ms, with their categories in {made * 1000:.1f} ms"
            )


if __name__ == "__main__":
    main()
