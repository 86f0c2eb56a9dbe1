"""What only looks like the same article: pairs for duplicates.py, drawn from real entries and from templates."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from phrases import Phrases
from variants import SENTENCE, Draft, Pair, draft, written

from aggregator.model import Entry

Two = tuple[Entry, Entry]
Lookalike = Callable[[random.Random, Two, Phrases], Two]

_SLOT = re.compile(r"\{(\w+)\}")


def _both(
    draw: random.Random, pair: Two, texts: Sequence[Draft], sources: Sequence[str], apart: timedelta = timedelta(days=1)
) -> Two:
    one = written(draw, pair[0], texts[0], sources[0], apart=timedelta())
    return one, written(draw, pair[1], texts[1], sources[1], apart=apart)


def table(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """Two days of one report: other dates and figures."""
    title, body = draw.choice(phrases.tables)
    dates = [phrases.date.format(day=draw.randint(1, 28), month=draw.choice(phrases.months)) for _ in range(2)]
    source = draw.choice((pair[0].source, "tables"))
    texts = [Draft(_filled(draw, title, date), _filled(draw, body, date)) for date in dates]
    return _both(draw, (pair[0], pair[0]), texts, (source, source))


def _filled(draw: random.Random, pattern: str, date: str) -> str:
    made: dict[str, Callable[[], str]] = {
        "date": lambda: date,
        "n": lambda: str(draw.randint(2, 9999)),
        "s": lambda: f"{draw.uniform(0.1, 99):.1f}",
        "t": lambda: f"{draw.randint(0, 23)}:{draw.randint(0, 59):02}",
    }
    return _SLOT.sub(lambda found: made[found[1]](), pattern)


def other_names(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """One template, filled with other names."""
    title, body = draw.choice(phrases.named)
    first, last = phrases.stems
    names = [draw.choice(first) + "".join(draw.choices(phrases.middle, k=2)) + draw.choice(last) for _ in range(4)]
    texts = [Draft(title.format(p=p, q=q), body.format(p=p, q=q)) for p, q in (names[:2], names[2:])]
    source = draw.choice((pair[0].source, "tables"))
    return _both(draw, (pair[0], pair[0]), texts, (source, source), timedelta(hours=2))


def series(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """The same text under the next number; where it has figures, with others or with the same."""
    text, number, form = draft(pair[0]), draw.randint(2, 400), draw.choice(phrases.numbered)
    next_body = re.sub(r"\d", lambda _: str(draw.randint(0, 9)), text.body) if draw.random() < 0.6 else text.body
    here = draw.random() < 0.8
    texts = [
        Draft(form.format(number, text.title), text.body),
        Draft(form.format(number + 1, text.title), next_body[: 500 if here else 350]),
    ]
    sources = (pair[0].source, pair[0].source if here else "series")
    return _both(draw, (pair[0], pair[0]), texts, sources, timedelta(days=draw.randint(1, 7)))


def quoted_paragraph(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """Two articles on one event that quote the same paragraph."""
    one, other = map(draft, pair)
    sentences = [sentence for sentence in SENTENCE.split(one.body) if sentence.strip()]
    shared = phrases.between.join(sentences[:4])[: round(400 / phrases.width)]
    quoting = draw.choice((f"{other.body[:600]}\n{shared}", f"{shared}\n{other.body}"))
    return pair[0], written(draw, pair[1], replace(other, body=quoting), "quoting", apart=timedelta(hours=3))


def background(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """Two articles with the paragraphs that an agency puts under everything on a subject."""
    shared = "\n".join(draw.sample(phrases.background, draw.choice((1, 2))))
    longest = round(450 / phrases.width)
    texts = [replace(draft(one), body=f"{draft(one).body[:longest]}\n{shared}") for one in pair]
    return _both(draw, pair, texts, ("wire0", "wire1"), timedelta(hours=1))


def boilerplate(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """Two items of one site with the same long text around a short one of their own, or none."""
    shared, at_end = draw.choice(phrases.boilerplate), draw.random() < 0.5
    texts = []
    for one in pair:
        own = draft(one).body[: draw.randint(0, round(250 / phrases.width))]
        texts.append(replace(draft(one), body=f"{own}\n{shared}" if at_end else f"{shared}\n{own}"))
    source = draw.choice((pair[0].source, "show"))
    return _both(draw, pair, texts, (source, source))


def same_summary(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """Two items of one site that both show the description of one of them."""
    shown = draft(pair[0]).body[: round(500 / phrases.width)]
    texts = [replace(draft(one), body=shown) for one in pair]
    return _both(draw, pair, texts, (pair[0].source, pair[0].source))


def rubric(draw: random.Random, pair: Two, phrases: Phrases) -> Two:
    """One headline that many articles have, over two texts."""
    title = draw.choice(phrases.rubrics)
    sources = (pair[0].source, pair[0].source) if draw.random() < 0.5 else ("one", "two")
    return _both(draw, pair, [replace(draft(one), title=title) for one in pair], sources)


def same_title(draw: random.Random, pair: Two, _: Phrases) -> Two:
    """A headline that is an article's own, over two texts."""
    other = replace(draft(pair[1]), title=pair[0].title)
    source = draw.choice((pair[0].source, "elsewhere"))
    return pair[0], written(draw, pair[1], other, source, apart=timedelta(hours=draw.choice((1, 30))))


LOOKALIKES: dict[str, tuple[Lookalike, float]] = {
    "quoted paragraph": (quoted_paragraph, 1),
    "background": (background, 1),
    "boilerplate": (boilerplate, 1),
    "same summary": (same_summary, 1),
    "rubric": (rubric, 1),
    "same title": (same_title, 1),
    "table": (table, 1),
    "other names": (other_names, 1),
    "series": (series, 1.5),
}


def lookalike(draw: random.Random, pair: Two, phrases: Phrases) -> Pair:
    """Best made of two entries of one site."""
    kind = draw.choices(list(LOOKALIKES), [weight for _, weight in LOOKALIKES.values()])[0]
    one, other = LOOKALIKES[kind][0](draw, pair, phrases)
    return Pair(one, other, same=False, kinds=(kind,), of=(pair[0].id, pair[1].id))
